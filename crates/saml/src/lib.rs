//! SAML 2.0 for a service provider, without I/O: what is sent to an identity provider, and a strict
//! verifier of what comes back.
//!
//! The crate knows no clock, no socket, no database and no async runtime. It takes texts, keys and
//! the present moment, and returns values. The main items are:
//!
//! * [`AuthnRequest`]: what begins a sign-in, for the redirect and the POST binding;
//! * [`verify()`]: the one way from a form field to a [`VerifiedAssertion`], or to a [`Refusal`] that
//!   tells an administrator what to change;
//! * [`Unverified`]: what a message says, for the page of a test sign-in, and never an identity;
//! * [`metadata`]: ours to be read by the provider, and the provider's;
//! * [`Certificate`]: a provider's RSA key as administrators paste it;
//! * [`SigningKey`]: an RSA key of our own, for requests that are signed;
//! * [`canonical`]: exclusive XML canonicalization.
//!
//! A message is parsed once into one tree; what was signed is canonicalized from its nodes, and the
//! identity is read from the same nodes. A signature is found by its position, and what it covers by
//! the position of the signature: no identifier is ever looked up. See
//! `docs/decisions/0020-saml-verifier.md`.

#![deny(missing_docs)]

pub mod canonical;
mod certificate;
mod excerpt;
pub mod limit;
pub mod metadata;
mod request;
mod response;
mod signature;
mod signing;
mod time;
mod unverified;
mod xml;

pub use crate::{
    certificate::{Certificate, CertificateError, Fingerprint},
    excerpt::Excerpt,
    request::{AuthnRequest, RequestError, request_id},
    response::{
        Attribute, Attributes, Expected, InResponseTo, NameId, NameIdFault, Part, Refusal, Remark,
        Signed, VerifiedAssertion, verify,
    },
    signing::{SigningError, SigningKey},
    unverified::{Shown, Unverified},
    xml::{Name, XmlError},
};
