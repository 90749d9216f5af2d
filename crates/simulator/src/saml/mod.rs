//! The side of sign-in that a provider plays: SAML 2.0, for trying it out.
//!
//! [`Statement`] is what a provider says of a person, signed as Okta signs it. [`Desk`] is a provider with
//! pages: it asks who someone is, believes the answer, and says so. It listens on loopback, its key is made
//! when it opens and is never written anywhere, and it answers one service provider only.

mod desk;
mod page;
mod question;
mod statement;

pub use self::{
    desk::{Desk, DeskError, Person, ServiceProvider},
    statement::Statement,
};
