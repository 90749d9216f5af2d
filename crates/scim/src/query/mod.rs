//! Query parameters that shape an answer: [`Projection`] (RFC 7644 §3.9) and [`Page`] (§3.4.2.4).

mod page;
mod projection;

pub use self::{page::Page, projection::Projection};
