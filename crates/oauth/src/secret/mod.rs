//! [`Secret`]: codes, tokens and client secrets: random, opaque, made once, shown once.

mod base62;

use std::{fmt, num::NonZeroU64};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use secrecy::{ExposeSecret as _, SecretString};

const SECRET_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;

/// What a secret is for. Its first letters say so, to people and to programs that look for secrets in
/// sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// An authorization code (RFC 6749 §1.3.1).
    Code,
    /// An access token (RFC 6749 §1.4).
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// A client's secret (RFC 6749 §2.3.1).
    ClientSecret,
}

impl SecretKind {
    const ALL: [Self; 4] = [Self::Code, Self::AccessToken, Self::RefreshToken, Self::ClientSecret];

    /// The letters before the first `_`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Code => "dwcode",
            Self::AccessToken => "dwaccess",
            Self::RefreshToken => "dwrefresh",
            Self::ClientSecret => "dwsecret",
        }
    }
}

/// A secret as it was made: to be handed out once. What is kept of it is its [`hash`](Secret::hash).
///
/// `prefix[_organization]_random checksum`: 256 random bits in 43 digits of base 62, then CRC-32 of all
/// that stands before in six, so that a typing error and a chance hit of a scanner are told apart from
/// a secret without looking for it in the store.
#[derive(Clone, Debug)]
pub struct Secret {
    kind: SecretKind,
    text: SecretString,
}

/// SHA-256 of a secret: 256 random bits need no slow hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

/// A secret as somebody shows it, before the store was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedSecret {
    /// What it says it is for.
    pub kind: SecretKind,
    /// In which organization it is to be looked for; `None`: it is the installation's.
    pub organization: Option<NonZeroU64>,
    /// By which it is found.
    pub hash: SecretHash,
}

/// A text that is no secret of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// It does not look like one.
    #[error("this is no code, token or secret of ours")]
    Malformed,
    /// It looks like one with a typing error, or with a part missing.
    #[error("there is a typing error in it, or a part is missing")]
    Mistyped,
}

impl Secret {
    /// Makes a secret of 256 random bits. `organization` says where it is to be looked for, where it
    /// belongs to one.
    #[must_use]
    pub fn new(kind: SecretKind, organization: Option<NonZeroU64>, random: [u8; 32]) -> Self {
        let mut body = kind.prefix().to_owned();
        if let Some(organization) = organization {
            body.push('_');
            body.push_str(&base62::encode_number(organization.get()));
        }
        body.push('_');
        body.push_str(&base62::encode::<32, SECRET_DIGITS>(random));
        let text = format!("{body}{}", checksum(&body));
        Self { kind, text: text.into() }
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The text to hand out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.reveal())
    }
}

impl SecretHash {
    /// Of the whole text: the prefix and the organization are bound in.
    pub(crate) fn of(text: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        Self(hash.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// From the store.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in a time that does not tell how much of them is.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

impl PresentedSecret {
    /// Reads what somebody shows.
    ///
    /// # Errors
    ///
    /// When it is none of ours.
    pub fn parse(text: &str) -> Result<Self, SecretFault> {
        let mut parts = text.split('_');
        let prefix = parts.next().unwrap_or_default();
        let kind = SecretKind::ALL.into_iter().find(|kind| kind.prefix() == prefix);
        let kind = kind.ok_or(SecretFault::Malformed)?;
        let (organization, end) = match (parts.next(), parts.next(), parts.next()) {
            (Some(end), None, _) => (None, end),
            (Some(organization), Some(end), None) => (Some(organization), end),
            _ => return Err(SecretFault::Malformed),
        };
        let is_whole = end.len() == SECRET_DIGITS + CHECKSUM_DIGITS
            && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_whole {
            return Err(SecretFault::Mistyped);
        }
        let (body, sum) = text.split_at(text.len() - CHECKSUM_DIGITS);
        if checksum(body) != sum {
            return Err(SecretFault::Mistyped);
        }
        let number = |text: &str| base62::decode_number(text).and_then(NonZeroU64::new);
        let organization = match organization {
            Some(text) => Some(number(text).ok_or(SecretFault::Mistyped)?),
            None => None,
        };
        Ok(Self { kind, organization, hash: SecretHash::of(text) })
    }
}

fn checksum(body: &str) -> String {
    base62::encode::<4, CHECKSUM_DIGITS>(crc32fast::hash(body.as_bytes()).to_be_bytes())
}
