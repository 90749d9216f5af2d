//! JSON Web Signatures in the compact form, their keys and their claims: a strict subset of RFC 7515,
//! RFC 7517, RFC 7518 and RFC 7519, by the advice of RFC 8725.
//!
//! A key knows which algorithms it may be used with, and whoever verifies names those that are
//! accepted: `none` and HMAC do not exist here. Keys come from configuration, never from the token:
//! `jwk`, `jku`, `x5c` and `x5u` are not read.

mod algorithm;
mod claims;
pub(crate) mod json;
mod key;
mod signing;
mod verify;

pub(crate) use self::verify::unverified_claim;
pub use self::{
    algorithm::Algorithm,
    claims::{ClaimFault, Claims, Replay},
    key::{KeyFault, KeySet, VerifyingKey},
    signing::{PrivateKey, SigningError, SigningKey},
    verify::{JwtRefusal, TokenType, Verification, verify},
};
