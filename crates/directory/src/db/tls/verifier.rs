//! [`Verifier`]: what is asked of the certificate of a PostgreSQL server.
//!
//! rustls's own verifier asks for more than libpq does, and knows no weaker modes. Servers of
//! PostgreSQL show certificates that the web does not: signed by themselves, of version 1 (Citus),
//! or with their name in the common name only (the example of PostgreSQL's manual).

use std::net::IpAddr;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{
        WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::ParsedCertificate,
};
use x509_cert::{
    Certificate, TbsCertificate,
    der::{Decode as _, Encode as _, oid::db::rfc4519::COMMON_NAME},
    ext::pkix::{SubjectAltName, name::DirectoryString},
};

/// What is asked of the certificate of a PostgreSQL server.
#[derive(Debug)]
pub(super) struct Verifier {
    /// None: any certificate will do.
    pub(super) trust: Option<Trust>,
    /// Whether it must be for the host that was asked for.
    pub(super) checks_name: bool,
    /// The signatures that can be checked.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

/// The certificates that are trusted.
#[derive(Debug)]
pub(super) struct Trust {
    /// As they sign others.
    pub(super) anchors: RootCertStore,
    /// As the server itself may show one of them.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trust) = &self.trust {
            self.check_trust(trust, shown, intermediates, now)?;
        }
        if self.checks_name {
            check_name(shown, host)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signature, &self.algorithms)
    }

    /// That the server holds the key of the certificate it shows is asked in every mode: channel
    /// binding, which ties a password to the certificate, would protect nothing otherwise.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = public_key(shown)?;
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Verifier {
    fn check_trust(
        &self,
        trust: &Trust,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        // A certificate that signed itself is often an authority's as well, which webpki does not
        // take for a server's; here it is trusted as what it is.
        let certificate = parse(shown)?;
        if trust.certificates.iter().any(|trusted| trusted == shown) {
            return check_time(&certificate, now);
        }
        if certificate.issuer == certificate.subject {
            return Err(CertificateError::UnknownIssuer.into());
        }
        verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(shown)?,
            &trust.anchors,
            intermediates,
            now,
            self.algorithms.all,
        )
    }
}

fn parse(certificate: &CertificateDer<'_>) -> Result<TbsCertificate, Error> {
    let parsed = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    Ok(parsed.tbs_certificate)
}

/// The key of a certificate of any version. webpki reads version 3 only.
fn public_key(shown: &CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'static>, Error> {
    if let Ok(parsed) = ParsedCertificate::try_from(shown) {
        return Ok(parsed.subject_public_key_info());
    }
    let key = parse(shown)?.subject_public_key_info.to_der();
    Ok(key.map_err(|_| CertificateError::BadEncoding)?.into())
}

fn check_time(certificate: &TbsCertificate, now: UnixTime) -> Result<(), Error> {
    let validity = certificate.validity;
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

/// Whether a certificate is for a host. As libpq, the common name counts where there are no
/// alternative names (RFC 6125 §6.4.4).
fn check_name(shown: &CertificateDer<'_>, host: &ServerName<'_>) -> Result<(), Error> {
    let certificate = parse(shown)?;
    match certificate.get::<SubjectAltName>() {
        Ok(Some(_)) => verify_server_name(&ParsedCertificate::try_from(shown)?, host),
        Ok(None) => match common_name(&certificate) {
            Some(name) if is_for(&name, &text(host)) => Ok(()),
            _ => Err(CertificateError::NotValidForName.into()),
        },
        Err(_) => Err(CertificateError::BadEncoding.into()),
    }
}

fn text(host: &ServerName<'_>) -> String {
    match host {
        ServerName::IpAddress(address) => IpAddr::from(*address).to_string(),
        name => name.to_str().into_owned(),
    }
}

fn common_name(certificate: &TbsCertificate) -> Option<String> {
    let mut names = certificate.subject.0.iter().flat_map(|part| part.0.iter());
    let name = names.find(|name| name.oid == COMMON_NAME)?;
    match DirectoryString::from_der(&name.value.to_der().ok()?).ok()? {
        DirectoryString::PrintableString(text) => Some(text.to_string()),
        DirectoryString::TeletexString(text) => Some(text.to_string()),
        DirectoryString::Utf8String(text) => Some(text),
    }
}

/// Whether a host has this name, in which `*.` stands for one label.
fn is_for(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
        None => name.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn a_star_is_one_label() {
        for (name, host, fits) in [
            ("db.example", "db.example", true),
            ("DB.example", "db.Example", true),
            ("*.example", "db.example", true),
            ("*.example", "a.db.example", false),
            ("*.example", "example", false),
            ("*.example", ".example", false),
            ("*", "db", false),
            ("db.example", "db.example.org", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("", "db", false),
        ] {
            assert_eq!(is_for(name, host), fits, "{name} {host}");
        }
    }
}
