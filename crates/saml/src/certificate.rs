//! [`Certificate`]: the RSA key of an identity provider, as administrators paste it.

use std::fmt;

use aws_lc_rs::{digest, rsa::PublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use x509_cert::{
    der::{Decode as _, Reader as _, SliceReader, asn1::UintRef, oid::ObjectIdentifier},
    time::Time,
};

use crate::{
    limit::{FEWEST_KEY_BITS, LARGEST_METADATA, MOST_KEY_BITS},
    xml::decode_base64,
};

/// RFC 8017 appendix C: `rsaEncryption`.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// An X.509 certificate with an RSA key of 2048 bits or more.
///
/// For SAML a certificate only carries a key: who issued it does not count, and an expired one still
/// verifies, with a [`Remark`](crate::Remark).
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// `RSAPublicKey` of RFC 8017 appendix A.1.1.
    public_key: Vec<u8>,
    key_bits: usize,
    fingerprint: Fingerprint,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// SHA-256 of a certificate, printed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that is no certificate, or one whose key is not used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Neither PEM nor base64.
    #[error(
        "this is no certificate: paste the text from -----BEGIN CERTIFICATE----- to \
         -----END CERTIFICATE-----, or the base64 between them"
    )]
    NotACertificate,
    /// A private key was pasted.
    #[error(
        "this is a private key, which nobody needs to give away: paste the certificate, and make a new \
         key if this one is in use"
    )]
    PrivateKey,
    /// Several certificates where one is asked for.
    #[error("there are {count} certificates here: paste one at a time")]
    Several {
        /// How many there are.
        count: usize,
    },
    /// The key is of another kind.
    #[error("the certificate's key is not RSA: let the provider sign with RSA and SHA-256")]
    NotRsa,
    /// The key is too short or too long.
    #[error(
        "the certificate's RSA key has {bits} bits: it must have {FEWEST_KEY_BITS} to {MOST_KEY_BITS}"
    )]
    KeySize {
        /// How many it has.
        bits: usize,
    },
}

impl CertificateError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotACertificate => "not_a_certificate",
            Self::PrivateKey => "private_key",
            Self::Several { .. } => "several_certificates",
            Self::NotRsa => "not_rsa",
            Self::KeySize { .. } => "key_size",
        }
    }
}

impl Certificate {
    /// Reads one certificate: PEM, with whatever stands around it, or bare base64 of DER.
    ///
    /// # Errors
    ///
    /// When it is none, when there are several, and when its key is not RSA of 2048 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let mut all = Self::parse_all(text)?;
        match all.pop() {
            Some(only) if all.is_empty() => Ok(only),
            Some(_) => Err(CertificateError::Several { count: all.len() + 1 }),
            None => Err(CertificateError::NotACertificate),
        }
    }

    /// Reads one certificate or more: a file of PEM blocks, or bare base64 of one.
    ///
    /// # Errors
    ///
    /// When one of them cannot be used, as [`Certificate::parse`] says.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, CertificateError> {
        if text.len() > LARGEST_METADATA {
            return Err(CertificateError::NotACertificate);
        }
        if text.contains("PRIVATE KEY-----") {
            return Err(CertificateError::PrivateKey);
        }
        let blocks: Vec<&str> = text.split(BEGIN).skip(1).collect();
        if blocks.is_empty() {
            return Ok(vec![Self::from_base64(text)?]);
        }
        let inside = |block: &str| {
            let (inside, _) = block.split_once(END).ok_or(CertificateError::NotACertificate)?;
            Self::from_base64(inside)
        };
        blocks.into_iter().map(inside).collect()
    }

    /// Reads base64 of DER, as it stands in metadata.
    pub(crate) fn from_base64(text: &str) -> Result<Self, CertificateError> {
        let der = decode_base64(text).ok_or(CertificateError::NotACertificate)?;
        Self::from_der(&der)
    }

    /// Reads DER.
    ///
    /// # Errors
    ///
    /// As [`Certificate::parse`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let none = |_| CertificateError::NotACertificate;
        let certificate = x509_cert::Certificate::from_der(der).map_err(none)?;
        let tbs = certificate.tbs_certificate;
        let key = tbs.subject_public_key_info;
        if key.algorithm.oid != RSA_ENCRYPTION {
            return Err(CertificateError::NotRsa);
        }
        let public_key =
            key.subject_public_key.as_bytes().ok_or(CertificateError::NotACertificate)?;
        let bits = modulus_bits(public_key).ok_or(CertificateError::NotACertificate)?;
        if !(FEWEST_KEY_BITS..=MOST_KEY_BITS).contains(&bits) {
            return Err(CertificateError::KeySize { bits });
        }
        // An exponent that is even or 1 would let anybody sign.
        PublicKey::from_der(public_key).map_err(|_| CertificateError::NotRsa)?;
        let digest = digest::digest(&digest::SHA256, der);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest.as_ref());
        Ok(Self {
            der: der.to_vec(),
            public_key: public_key.to_vec(),
            key_bits: bits,
            fingerprint: Fingerprint(fingerprint),
            subject: tbs.subject.to_string(),
            not_before: moment(tbs.validity.not_before),
            not_after: moment(tbs.validity.not_after),
        })
    }

    /// The whole certificate as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The whole certificate as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        let base64 = self.base64();
        let mut pem = format!("{BEGIN}\n");
        for line in base64.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|byte| char::from(*byte)));
            pem.push('\n');
        }
        pem + END + "\n"
    }

    /// Base64 of DER, in one line.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// SHA-256 of the DER: what `openssl x509 -fingerprint -sha256` shows.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The distinguished name of its subject (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// How many bits its RSA key has.
    #[must_use]
    pub fn key_bits(&self) -> usize {
        self.key_bits
    }

    /// From when it is valid.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Until when it is valid.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The key: `RSAPublicKey` of RFC 8017 appendix A.1.1, as DER.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("fingerprint", &self.fingerprint)
            .field("subject", &self.subject)
            .field("key_bits", &self.key_bits)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl Fingerprint {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits; colons and the case do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u32> =
            text.chars().filter(|c| *c != ':').map(|c| c.to_digit(16)).collect::<Option<_>>()?;
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The length of `n` in `RSAPublicKey ::= SEQUENCE { n INTEGER, e INTEGER }`.
fn modulus_bits(public_key: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(public_key).ok()?;
    let (modulus, _) =
        reader.sequence(|inner| Ok((UintRef::decode(inner)?, UintRef::decode(inner)?))).ok()?;
    let bytes = modulus.as_bytes();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

fn moment(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};

    use super::*;

    fn made(key: &KeyPair) -> String {
        let mut params = CertificateParams::new(vec!["okta.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 2);
        params.not_after = rcgen::date_time_ymd(2051, 3, 4);
        params.self_signed(key).unwrap().pem()
    }

    fn rsa() -> KeyPair {
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
    }

    #[test]
    fn a_certificate_is_read_as_it_is_pasted() {
        let pem = made(&rsa());
        let certificate = Certificate::parse(&pem).unwrap();
        assert_eq!(certificate.key_bits(), 2048);
        assert_eq!(certificate.not_before().to_string(), "2020-01-02T00:00:00Z");
        assert_eq!(certificate.not_after().to_string(), "2051-03-04T00:00:00Z");
        assert!(certificate.subject().contains("CN="), "{}", certificate.subject());
        let bare = pem.replace(BEGIN, "").replace(END, "");
        let windows = pem.replace('\n', "\r\n");
        let described = format!("Bag Attributes: none\n  subject=CN=a\n{pem}\nthe end");
        for text in [bare, windows, described, certificate.pem()] {
            assert_eq!(Certificate::parse(&text).as_ref(), Ok(&certificate), "{text}");
        }
        let printed = certificate.fingerprint().to_string();
        assert_eq!(printed.len(), 64);
        assert_eq!(Fingerprint::parse(&printed), Some(certificate.fingerprint()));
        let with_colons: Vec<&str> =
            printed.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect();
        let with_colons = with_colons.join(":").to_uppercase();
        assert_eq!(Fingerprint::parse(&with_colons), Some(certificate.fingerprint()));
        assert_eq!(Fingerprint::parse(&printed[1..]), None);
    }

    #[test]
    fn what_is_pasted_by_mistake_is_told() {
        let key = rsa();
        let pem = made(&key);
        let elliptic = made(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap());
        for (text, expected) in [
            (format!("{pem}{pem}"), CertificateError::Several { count: 2 }),
            (format!("{pem}{}", key.serialize_pem()), CertificateError::PrivateKey),
            (elliptic, CertificateError::NotRsa),
            (String::new(), CertificateError::NotACertificate),
            ("https://okta.example/metadata".to_owned(), CertificateError::NotACertificate),
            (pem.replace(END, ""), CertificateError::NotACertificate),
            (format!("{BEGIN}{END}"), CertificateError::NotACertificate),
        ] {
            assert_eq!(Certificate::parse(&text), Err(expected), "{text}");
        }
        assert_eq!(Certificate::parse_all(&format!("{pem}{pem}")).unwrap().len(), 2);
    }

    #[test]
    fn a_short_key_is_refused() {
        let short = include_str!("../tests/data/rsa-1024.pem");
        assert_eq!(Certificate::parse(short), Err(CertificateError::KeySize { bits: 1024 }));
    }

    #[test]
    fn what_is_left_after_the_certificate_is_refused() {
        let mut der = Certificate::parse(&made(&rsa())).unwrap().der().to_vec();
        der.push(0);
        assert_eq!(Certificate::from_der(&der), Err(CertificateError::NotACertificate));
    }
}
