//! Credentials as texts: `<prefix>_<organization>_<number>_<secret><checksum>`.
//!
//! A credential names its organization and its own number, so that it is found by one keyed read,
//! and ends in a checksum, so that a typing error is told apart from a wrong credential without
//! looking, and so that programs which look for secrets in sources know one when they see it.
//! Organization 0 is the installation. Only the SHA-256 of the secret is kept: 256 random bits need no
//! slow hash.

use aws_lc_rs::digest;
use secrecy::{ExposeSecret as _, SecretString};

use super::base62;
use crate::{id::OrgNo, random::Random};

/// How many digits the secret has.
pub(super) const SECRET_DIGITS: usize = 43;
/// How many digits the checksum has.
pub(super) const CHECKSUM_DIGITS: usize = 6;

/// How the installation is written where an organization's number stands.
const INSTALLATION: &str = "0";

/// A credential that was just made: the text to show once, and the hash to keep.
pub(super) struct Made {
    pub(super) text: SecretString,
    pub(super) hash: Vec<u8>,
}

impl Made {
    /// Its last characters, by which people tell it from others. They are part of the checksum, and
    /// fewer than it has.
    pub(super) fn ending(&self, count: usize) -> String {
        let text = self.text.expose_secret();
        text[text.len() - count..].to_owned()
    }
}

/// A credential as it was shown, taken apart: what it claims, before the store was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its organization; 0 is the installation.
    pub(super) org: OrgNo,
    pub(super) no: i64,
    pub(super) hash: Vec<u8>,
}

/// Why a text is no credential of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It does not look like one.
    Malformed,
    /// It looks like one with a typing error, or with a part missing.
    Mistyped,
}

/// Makes a credential of 256 random bits.
pub(super) fn make(prefix: &str, org: OrgNo, no: i64, random: &Random) -> Made {
    let secret = base62::encode::<32, SECRET_DIGITS>(random.bytes());
    let org = match org {
        OrgNo(0) => INSTALLATION.to_owned(),
        OrgNo(org) => base62::encode_number(org),
    };
    let body = format!("{prefix}_{org}_{}_{secret}", base62::encode_number(no));
    Made { text: format!("{body}{}", checksum(&body)).into(), hash: hash(&secret) }
}

/// Takes a credential apart.
pub(super) fn read(prefix: &str, text: &str) -> Result<Shown, Unreadable> {
    let mut parts = text.split('_');
    let (Some(first), Some(org), Some(no), Some(end), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unreadable::Malformed);
    };
    if first != prefix {
        return Err(Unreadable::Malformed);
    }
    if end.len() != SECRET_DIGITS + CHECKSUM_DIGITS || !base62::is_digits(end) {
        return Err(Unreadable::Mistyped);
    }
    let (body, sum) = text.split_at(text.len() - CHECKSUM_DIGITS);
    if checksum(body) != sum {
        return Err(Unreadable::Mistyped);
    }
    let number = |text| base62::decode_number(text).ok_or(Unreadable::Mistyped);
    let org = if org == INSTALLATION { 0 } else { number(org)? };
    Ok(Shown { org: OrgNo(org), no: number(no)?, hash: hash(&end[..SECRET_DIGITS]) })
}

fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// CRC-32 of all that stands before.
pub(super) fn checksum(body: &str) -> String {
    base62::encode::<4, CHECKSUM_DIGITS>(crc32fast::hash(body.as_bytes()).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{Unreadable, make, read};
    use crate::{id::OrgNo, random::Random};

    #[test]
    fn what_was_made_is_read_again() {
        let random = Random::from_seed(1);
        for (org, no) in [(0, 1), (1, 62), (i64::MAX, i64::MAX)] {
            let made = make("kind", OrgNo(org), no, &random);
            let shown = read("kind", made.text.expose_secret()).expect("it was just made");
            assert_eq!((shown.org.0, shown.no, shown.hash), (org, no, made.hash));
            assert_eq!(read("other", made.text.expose_secret()), Err(Unreadable::Malformed));
        }
    }
}
