//! [`parse`]: one tree of a document that keeps the limits, and what is read from it.

mod children;
mod document;
mod error;
mod name;
mod scan;

pub(crate) use self::{
    children::{Children, ShapeError, attribute, text},
    document::{decode_base64, parse, utf8},
    name::{DS, EXC_C14N, MD, SAML, SAMLP, XENC, XSI, ds, exc_c14n, md, qualified, saml, samlp},
};
pub use self::{error::XmlError, name::Name};
