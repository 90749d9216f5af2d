//! OpenID Connect: who signed in, and that somebody signed out.

mod id_token;
mod logout;
mod person;

pub use self::{
    id_token::{IdToken, SignIn},
    logout::{LogoutHint, LogoutRefusal, LogoutRequest, LogoutToken},
    person::{Organization, Person},
};
