//! Handshakes in memory: which certificate passes which mode.

use std::{fs, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SigningKey as _,
    date_time_ymd,
};
use rustls::{
    CertificateError, ClientConnection, Error, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tempfile::TempDir;
use x509_cert::{
    Certificate, Version,
    der::{Decode as _, Encode as _, asn1::BitString},
};

use crate::db::tls::Tls;

/// A certificate and its key.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

/// Who signs.
type Authority = CertifiedIssuer<'static, KeyPair>;

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names")
}

fn authority(name: &str) -> Authority {
    let mut params = params(&[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, key()).expect("an authority")
}

fn signed_by(authority: &Authority, names: &[&str]) -> Shown {
    let key = key();
    let certificate = params(names).signed_by(&key, authority).expect("a certificate");
    Shown { chain: vec![certificate.der().clone()], key }
}

fn self_signed(params: &CertificateParams) -> Shown {
    let key = key();
    let certificate = params.self_signed(&key).expect("a certificate");
    Shown { chain: vec![certificate.der().clone()], key }
}

/// As `openssl req -x509` makes it: it signed itself and may sign others.
fn openssl(names: &[&str], common_name: &str) -> CertificateParams {
    let mut params = params(names);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

impl Shown {
    /// The same in version 1, which has no extensions.
    fn in_version_1(self) -> Self {
        let mut certificate = Certificate::from_der(&self.chain[0]).expect("a certificate");
        certificate.tbs_certificate.version = Version::V1;
        certificate.tbs_certificate.extensions = None;
        let body = certificate.tbs_certificate.to_der().expect("a body");
        let signature = self.key.sign(&body).expect("a signature");
        certificate.signature = BitString::from_bytes(&signature).expect("a signature");
        let chain = vec![certificate.to_der().expect("a certificate").into()];
        Self { chain, key: self.key }
    }

    fn server(&self, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        self.server_with(versions, None)
    }

    fn server_with(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&Authority>,
    ) -> ServerConfig {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key");
        let key = any_supported_type(&key).expect("a key");
        // Not `with_single_cert`, which reads no certificate of version 1.
        let shown = SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key));
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der().clone()).expect("an authority");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .expect("a verifier");
                builder.with_client_cert_verifier(verifier)
            }
        };
        builder.with_cert_resolver(Arc::new(shown))
    }
}

/// Files that parameters can name.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn certificate(&self, name: &str, certificate: &CertificateDer<'_>) -> String {
        self.write(name, &pem::encode("CERTIFICATE", certificate))
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("a file");
        super::set_mode(&path, 0o600);
        path.display().to_string()
    }
}

mod pem {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    pub(super) fn encode(label: &str, der: &[u8]) -> String {
        let body = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }
}

fn tls(mode: &str, root: Option<&str>) -> Tls {
    let root = root.map(|root| ("sslrootcert", root));
    super::read(&[("sslmode", mode)].into_iter().chain(root).collect::<Vec<_>>())
        .expect("parameters that agree")
}

/// Both sides, until neither has anything to say.
fn shake(tls: &Tls, host: &str, server: ServerConfig) -> Result<(), Error> {
    let host = ServerName::try_from(host.to_owned()).expect("a host");
    let client = Arc::new(tls.client().expect("files that can be read"));
    let mut client = ClientConnection::new(client, host)?;
    let mut server = ServerConnection::new(Arc::new(server))?;
    while client.wants_write() || server.wants_write() {
        let mut sent = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut sent).expect("memory");
        }
        let mut sent = sent.as_slice();
        while !sent.is_empty() {
            server.read_tls(&mut sent).expect("memory");
            server.process_new_packets()?;
        }
        let mut sent = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut sent).expect("memory");
        }
        let mut sent = sent.as_slice();
        while !sent.is_empty() {
            client.read_tls(&mut sent).expect("memory");
            client.process_new_packets()?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok(())
}

const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

fn is_unknown_issuer(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}

fn is_wrong_name(result: &Result<(), Error>) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};

    matches!(
        result,
        Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
    )
}

#[test]
fn a_certificate_of_an_authority_is_measured_as_the_mode_says() {
    let files = Files::new();
    let (right, wrong) = (authority("right"), authority("wrong"));
    let root = files.certificate("right.pem", right.der());
    let other = files.certificate("wrong.pem", wrong.der());
    let shown = signed_by(&right, &["db.example"]);
    for version in [&TLS12, &TLS13] {
        let shake = |mode: &str, root: Option<&str>, host: &str| {
            shake(&tls(mode, root), host, shown.server(&[version]))
        };
        for mode in ["allow", "prefer", "require"] {
            assert_eq!(shake(mode, None, "other.example"), Ok(()), "{mode}");
        }
        for mode in ["allow", "prefer", "require", "verify-ca"] {
            assert_eq!(shake(mode, Some(&root), "other.example"), Ok(()), "{mode}");
            assert!(is_unknown_issuer(&shake(mode, Some(&other), "db.example")), "{mode}");
        }
        assert_eq!(shake("verify-full", Some(&root), "db.example"), Ok(()));
        assert!(is_wrong_name(&shake("verify-full", Some(&root), "other.example")));
        assert!(is_wrong_name(&shake("verify-full", Some(&root), "192.0.2.1")));
        assert!(is_unknown_issuer(&shake("verify-full", Some(&other), "db.example")));
        // This machine does not know the authority.
        assert!(is_unknown_issuer(&shake("verify-full", None, "db.example")));
    }
}

#[test]
fn an_intermediate_leads_to_the_root() {
    let files = Files::new();
    let root = authority("root");
    let mut params = params(&[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "between");
    let between = CertifiedIssuer::signed_by(params, key(), &root).expect("an authority");
    let mut shown = signed_by(&between, &["192.0.2.1"]);
    let root = files.certificate("root.pem", root.der());
    let tls = tls("verify-full", Some(&root));
    assert!(is_unknown_issuer(&shake(&tls, "192.0.2.1", shown.server(&BOTH))));
    shown.chain.push(between.der().clone());
    assert_eq!(shake(&tls, "192.0.2.1", shown.server(&BOTH)), Ok(()));
}

#[test]
fn a_certificate_that_signed_itself_can_be_trusted_as_it_is() {
    let files = Files::new();
    let wrong = files.certificate("wrong.pem", authority("wrong").der());
    for params in [openssl(&["db.example"], "whatever"), params(&["db.example"])] {
        let shown = self_signed(&params);
        let root = files.certificate("self.pem", &shown.chain[0]);
        let shake = |mode: &str, root: Option<&str>, host: &str| {
            shake(&tls(mode, root), host, shown.server(&BOTH))
        };
        assert_eq!(shake("require", None, "any.example"), Ok(()));
        assert_eq!(shake("verify-ca", Some(&root), "any.example"), Ok(()));
        assert_eq!(shake("verify-full", Some(&root), "db.example"), Ok(()));
        assert!(is_wrong_name(&shake("verify-full", Some(&root), "any.example")));
        assert!(is_unknown_issuer(&shake("require", Some(&wrong), "db.example")));
        assert!(is_unknown_issuer(&shake("verify-ca", Some(&wrong), "db.example")));
    }
}

#[test]
fn the_common_name_counts_where_there_are_no_alternative_names() {
    let files = Files::new();
    let named = self_signed(&openssl(&[], "*.example"));
    let root = files.certificate("named.pem", &named.chain[0]);
    let full = tls("verify-full", Some(&root));
    assert_eq!(shake(&full, "db.example", named.server(&BOTH)), Ok(()));
    assert!(is_wrong_name(&shake(&full, "db.other", named.server(&BOTH))));

    let both = self_signed(&openssl(&["db.example"], "other.example"));
    let root = files.certificate("both.pem", &both.chain[0]);
    let full = tls("verify-full", Some(&root));
    assert!(is_wrong_name(&shake(&full, "other.example", both.server(&BOTH))));
}

#[test]
fn a_certificate_of_version_1_will_do() {
    let files = Files::new();
    let shown = self_signed(&openssl(&[], "citus-auto-ssl")).in_version_1();
    let root = files.certificate("citus.pem", &shown.chain[0]);
    let wrong = files.certificate("wrong.pem", authority("wrong").der());
    let shake = |mode: &str, root: Option<&str>, host: &str| {
        shake(&tls(mode, root), host, shown.server(&[&TLS13]))
    };
    assert_eq!(shake("require", None, "db.example"), Ok(()));
    assert_eq!(shake("verify-ca", Some(&root), "db.example"), Ok(()));
    assert_eq!(shake("verify-full", Some(&root), "citus-auto-ssl"), Ok(()));
    assert!(is_wrong_name(&shake("verify-full", Some(&root), "db.example")));
    assert!(is_unknown_issuer(&shake("verify-ca", Some(&wrong), "db.example")));
}

#[test]
fn a_trusted_certificate_has_its_time() {
    let files = Files::new();
    for (from, until, error) in [
        (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1), CertificateError::Expired),
        (date_time_ymd(4000, 1, 1), date_time_ymd(4001, 1, 1), CertificateError::NotValidYet),
    ] {
        let mut params = openssl(&["db.example"], "db.example");
        (params.not_before, params.not_after) = (from, until);
        let shown = self_signed(&params);
        let root = files.certificate("self.pem", &shown.chain[0]);
        assert_eq!(shake(&tls("require", None), "db.example", shown.server(&BOTH)), Ok(()));
        assert_eq!(
            shake(&tls("verify-ca", Some(&root)), "db.example", shown.server(&BOTH)),
            Err(Error::InvalidCertificate(error))
        );
    }
}

#[test]
fn a_server_without_the_key_of_its_certificate_is_refused_in_every_mode() {
    let stolen = self_signed(&openssl(&["db.example"], "db.example"));
    let thief = Shown { chain: stolen.chain, key: key() };
    for version in [&TLS12, &TLS13] {
        let result = shake(&tls("require", None), "db.example", thief.server(&[version]));
        assert_eq!(result, Err(Error::InvalidCertificate(CertificateError::BadSignature)));
    }
    let citus = self_signed(&openssl(&[], "citus-auto-ssl")).in_version_1();
    let thief = Shown { chain: citus.chain, key: key() };
    let result = shake(&tls("require", None), "db.example", thief.server(&[&TLS13]));
    assert_eq!(result, Err(Error::InvalidCertificate(CertificateError::BadSignature)));
}

#[test]
fn our_own_certificate_is_shown_where_it_is_asked_for() {
    let files = Files::new();
    let clients = authority("clients");
    let me = signed_by(&clients, &["me"]);
    let certificate = files.certificate("me.pem", &me.chain[0]);
    let key = files.write("me.key", &me.key.serialize_pem());
    let server = self_signed(&params(&["db.example"]));
    let named = super::read(&[("sslmode", "require"), ("sslcert", &certificate), ("sslkey", &key)])
        .expect("parameters that agree");
    assert_eq!(shake(&named, "db.example", server.server_with(&BOTH, Some(&clients))), Ok(()));
    let unnamed = tls("require", None);
    let result = shake(&unnamed, "db.example", server.server_with(&BOTH, Some(&clients)));
    assert_eq!(result, Err(Error::NoCertificatesPresented));
}
