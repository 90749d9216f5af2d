//! Query parameters that shape an answer: [`Projection`] (RFC 7644 §3.9), [`Page`] (§3.4.2.4,
//! RFC 9865) and [`Sort`] (§3.4.2.3).

pub mod page;
pub(crate) mod projection;
pub mod sort;

pub use self::{
    page::{Page, Paging},
    projection::Projection,
    sort::Sort,
};
