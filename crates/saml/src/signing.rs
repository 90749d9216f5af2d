//! [`SigningKey`]: an RSA key of our own. With it requests are signed, and a simulated provider signs
//! its answers.

use std::{fmt, time::Duration};

use aws_lc_rs::{
    digest::{self, SHA256},
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use x509_cert::{
    TbsCertificate, Version,
    der::{
        Encode as _,
        asn1::{Any, BitString, GeneralizedTime, UtcTime},
        oid::ObjectIdentifier,
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::{Time, Validity},
};

use crate::{
    canonical::push_value,
    certificate::{Certificate, RSA_ENCRYPTION},
    signature::{DIGEST_SHA256, ENVELOPED, RSA_SHA256},
    xml::{DS, EXC_C14N},
};

/// RFC 8017 appendix C: `sha256WithRSAEncryption`.
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// An RSA key that signs with SHA-256 and the padding of PKCS #1 1.5.
pub struct SigningKey(KeyPair);

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// What was stored is no key.
    #[error("this is not an RSA key in PKCS #8")]
    Key,
    /// The common name cannot stand in a certificate.
    #[error("this name cannot stand in a certificate")]
    Name,
    /// The library does not sign.
    #[error("the key could not sign")]
    Failed,
}

impl SigningKey {
    /// A new key of 2048 bits. The bits are the library's own: it takes none from outside.
    ///
    /// # Errors
    ///
    /// When the library fails.
    pub fn generate() -> Result<Self, SigningError> {
        KeyPair::generate(KeySize::Rsa2048).map(Self).map_err(|_| SigningError::Failed)
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        KeyPair::from_pkcs8(der).map(Self).map_err(|_| SigningError::Key)
    }

    /// The key in the form that [`SigningKey::from_pkcs8`] reads: a secret.
    ///
    /// # Errors
    ///
    /// When the library fails.
    pub fn reveal_pkcs8(&self) -> Result<Vec<u8>, SigningError> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().map_err(|_| SigningError::Failed)?;
        Ok(der.as_ref().to_vec())
    }

    /// A certificate that carries the key, signed by the key itself. `common_name` says whose it is, in
    /// letters, digits, blanks, dots and hyphens; `serial` makes the certificate one of its own.
    ///
    /// # Errors
    ///
    /// When the name cannot stand in a certificate, and when the library fails.
    pub fn self_signed(
        &self,
        common_name: &str,
        serial: [u8; 16],
        (not_before, not_after): (Timestamp, Timestamp),
    ) -> Result<Certificate, SigningError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-');
        if common_name.is_empty() || !common_name.chars().all(is_plain) {
            return Err(SigningError::Name);
        }
        let subject: Name =
            format!("CN={}", common_name.trim()).parse().map_err(|_| SigningError::Name)?;
        let failed = |_| SigningError::Failed;
        let algorithm = |oid| AlgorithmIdentifierOwned { oid, parameters: Some(Any::null()) };
        let tbs_certificate = TbsCertificate {
            version: Version::V3,
            serial_number: SerialNumber::new(&serial).map_err(failed)?,
            signature: algorithm(SHA256_WITH_RSA),
            issuer: subject.clone(),
            validity: Validity { not_before: time(not_before)?, not_after: time(not_after)? },
            subject,
            subject_public_key_info: SubjectPublicKeyInfoOwned {
                algorithm: algorithm(RSA_ENCRYPTION),
                subject_public_key: BitString::from_bytes(self.0.public_key().as_ref())
                    .map_err(failed)?,
            },
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: None,
        };
        let signature = self.sign(&tbs_certificate.to_der().map_err(failed)?)?;
        let certificate = x509_cert::Certificate {
            tbs_certificate,
            signature_algorithm: algorithm(SHA256_WITH_RSA),
            signature: BitString::from_bytes(&signature).map_err(failed)?,
        };
        let der = certificate.to_der().map_err(failed)?;
        Certificate::from_der(&der).map_err(|_| SigningError::Failed)
    }

    /// The signature of a message.
    ///
    /// # Errors
    ///
    /// When the library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        // The padding needs no randomness: what is passed for it is not used.
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningError::Failed)?;
        Ok(signature)
    }

    /// `ds:Signature` of an element with this `ID`, whose [canonical](crate::canonical) form is given: it
    /// is to stand in that element (SAML core §5.4).
    ///
    /// # Errors
    ///
    /// When the library fails.
    pub fn enveloped_signature(&self, id: &str, canonical: &str) -> Result<String, SigningError> {
        let digest = STANDARD.encode(digest::digest(&SHA256, canonical.as_bytes()));
        let mut reference = String::new();
        push_value(&mut reference, id);
        // By itself, as it is signed, it declares the prefix; in the signature that is done already.
        let signed_info = |declaration: &str| {
            format!(
                "<ds:SignedInfo{declaration}>\
                 <ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"></ds:CanonicalizationMethod>\
                 <ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"></ds:SignatureMethod>\
                 <ds:Reference URI=\"#{reference}\"><ds:Transforms>\
                 <ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform>\
                 <ds:Transform Algorithm=\"{EXC_C14N}\"></ds:Transform></ds:Transforms>\
                 <ds:DigestMethod Algorithm=\"{DIGEST_SHA256}\"></ds:DigestMethod>\
                 <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
            )
        };
        let declaration = format!(" xmlns:ds=\"{DS}\"");
        let value = STANDARD.encode(self.sign(signed_info(&declaration).as_bytes())?);
        Ok(format!(
            "<ds:Signature{declaration}>{}<ds:SignatureValue>{value}</ds:SignatureValue>\
             </ds:Signature>",
            signed_info("")
        ))
    }
}

/// RFC 5280 §4.1.2.5: with two digits of the year until 2049, with four from then on.
fn time(moment: Timestamp) -> Result<Time, SigningError> {
    let seconds = u64::try_from(moment.as_second()).map_err(|_| SigningError::Failed)?;
    let since = Duration::from_secs(seconds);
    let time = UtcTime::from_unix_duration(since).map(Time::UtcTime);
    time.or_else(|_| GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime))
        .map_err(|_| SigningError::Failed)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

#[cfg(test)]
mod tests {
    use super::{SigningError, SigningKey};

    #[test]
    fn a_certificate_of_its_own_carries_the_key_and_its_life() {
        let key = SigningKey::generate().unwrap();
        let life = ("2026-11-28T00:00:00Z", "2051-11-28T00:00:00Z");
        let life = (life.0.parse().unwrap(), life.1.parse().unwrap());
        let certificate = key.self_signed("Doorward 1.2-3", [0x9f; 16], life).unwrap();
        assert_eq!(certificate.subject(), "CN=Doorward 1.2-3");
        assert_eq!((certificate.not_before(), certificate.not_after()), life);
        assert_eq!(certificate.key_bits(), 2048);
        let again = SigningKey::from_pkcs8(&key.reveal_pkcs8().unwrap()).unwrap();
        let other = again.self_signed("Doorward 1.2-3", [0x9f; 16], life).unwrap();
        assert_eq!(certificate, other, "the same key makes the same certificate");
        assert_eq!(key.self_signed("a,CN=b", [1; 16], life), Err(SigningError::Name));
    }
}
