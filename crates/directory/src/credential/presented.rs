//! [`Presented`]: a token as it was shown, before the store is asked.

use std::fmt;

use ::oauth::{PresentedSecret, SecretFault, SecretKind};

use super::{
    caller::Refusal,
    format::{self, Unreadable},
    token::PREFIX,
};
use crate::id::{OrgNo, TokenNo};

/// A token as it was shown, taken apart: what it claims, before the store was asked.
pub struct Presented {
    pub(super) org: OrgNo,
    pub(super) name: Name,
    pub(super) hash: Vec<u8>,
}

/// By what a credential is found in its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// Its number.
    Token(TokenNo),
    /// Its hash: an access token of OAuth has no number.
    Access([u8; 32]),
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(..)")
    }
}

impl Presented {
    /// Reads a token. Its checksum tells a typing error from a token that does not exist.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] where it does not look like a token, [`Refusal::Mistyped`] where it
    /// does and is none.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match PresentedSecret::parse(text) {
            Ok(secret) => return Self::of_secret(&secret),
            Err(SecretFault::Mistyped) => return Err(Refusal::Mistyped),
            Err(SecretFault::Malformed) => {}
        }
        let shown = format::read(PREFIX, text).map_err(|unreadable| match unreadable {
            Unreadable::Malformed => Refusal::Malformed,
            Unreadable::Mistyped => Refusal::Mistyped,
        })?;
        // Every token is an organization's.
        if shown.org == OrgNo(0) {
            return Err(Refusal::Mistyped);
        }
        Ok(Self { org: shown.org, name: Name::Token(TokenNo(shown.no)), hash: shown.hash })
    }

    /// An access token of OAuth that names its organization.
    fn of_secret(secret: &PresentedSecret) -> Result<Self, Refusal> {
        let org = secret.organization.and_then(|number| i64::try_from(number.get()).ok());
        match (secret.kind, org) {
            (SecretKind::AccessToken, Some(org)) => {
                let hash = *secret.hash.as_bytes();
                Ok(Self { org: OrgNo(org), name: Name::Access(hash), hash: hash.to_vec() })
            }
            _ => Err(Refusal::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::format::checksum, Presented, Refusal};

    fn sample() -> String {
        let body = format!("scim_7Z_2_{}", "aB3".repeat(20).split_at(43).0);
        format!("{body}{}", checksum(&body))
    }

    #[test]
    fn a_typing_error_is_told_from_another_kind_of_secret() {
        let token = sample();
        assert!(Presented::parse(&token).is_ok());
        let refusal = |text: &str| Presented::parse(text).err();
        for other in ["", "Bearer", "non-token", "xoxb_1_2_3_4", "ghp_abc"] {
            assert_eq!(refusal(other), Some(Refusal::Malformed), "{other}");
        }
        assert_eq!(refusal(&token[..token.len() - 1]), Some(Refusal::Mistyped));
        assert_eq!(refusal(&token.replace("aB3", "aB4")), Some(Refusal::Mistyped));
        assert_eq!(refusal(&token.replace("_2_", "_3_")), Some(Refusal::Mistyped));
    }

    #[test]
    fn every_single_changed_character_is_noticed() {
        let token = sample();
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(Presented::parse(&other).is_err(), "position {at}");
        }
    }
}
