//! Query parameters that shape an answer: [`Projection`] (RFC 7644 §3.9), [`Page`] (§3.4.2.4) and
//! [`Sort`] (§3.4.2.3).

mod page;
mod projection;
pub mod sort;

pub use self::{page::Page, projection::Projection, sort::Sort};
