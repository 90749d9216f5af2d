//! [`Algorithm`]: the signatures that are known.

use std::fmt;

/// A signature algorithm (RFC 7518 §3.1). There are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: what ID tokens are signed with.
    Es256,
    /// ECDSA on P-384 with SHA-384: verified only.
    Es384,
    /// RSA of PKCS #1 1.5 with SHA-256: for applications whose library knows nothing else.
    Rs256,
    /// RSA-PSS with SHA-256: verified only.
    Ps256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Es384, Self::Rs256, Self::Ps256];
    /// Those that a client's assertion may be signed with: IPSIE's and Entra ID's.
    pub const OF_CLIENTS: &[Self] = &Self::ALL;
    /// Those that ID tokens are signed with.
    pub const OF_ID_TOKENS: &[Self] = &[Self::Es256, Self::Rs256];

    /// The name in a header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The algorithm of this name; letters are told apart (RFC 7515 §4.1.1).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
