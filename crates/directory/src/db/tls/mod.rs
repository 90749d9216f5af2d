//! [`Tls`]: how a connection to PostgreSQL is encrypted, and what is asked of the certificate of
//! the server. The parameters mean what libpq means by them (PostgreSQL's manual, "SSL Support").

mod verifier;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{Error as PemError, PemObject},
    },
};

use self::verifier::{Trust, Verifier};

/// The parameters of an address that are read here.
const PARAMETERS: [&str; 4] = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

/// Read by the driver.
const OF_DRIVER: &str = "sslnegotiation";

/// In place of a file: the certificates that this machine trusts.
const SYSTEM: &str = "system";

/// What `sslmode` asks for, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// Never encrypted.
    Disable,
    /// Encrypted where the server refuses otherwise.
    Allow,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted.
    Require,
    /// Encrypted, and the certificate is signed by one of `sslrootcert`.
    VerifyCa,
    /// As before, and the certificate is for the host that was asked for.
    VerifyFull,
}

impl Mode {
    const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// As it stands in an address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`sslmode` must be one of {names}, and is {text:?}")
        })
    }
}

/// Whose signature the certificate of the server must bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// That of anyone this machine trusts.
    System,
    /// That of a certificate in this file, or it stands there itself.
    File(PathBuf),
}

/// How a connection is encrypted, and what is asked of the certificate of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tls {
    /// What was asked for.
    pub(super) mode: Mode,
    /// None: any certificate will do.
    pub(super) roots: Option<Roots>,
    /// The files of our own certificate and its key.
    identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Whether a parameter is about TLS, known or not, and not for the driver.
    pub(super) fn takes(name: &str) -> bool {
        name.starts_with("ssl") && name != OF_DRIVER
    }

    /// Reads the parameters for which [`Tls::takes`] holds. Of equal ones the last counts; an
    /// empty one counts as absent.
    ///
    /// # Errors
    ///
    /// What is wrong, as a sentence.
    pub(super) fn read(parameters: &[(String, String)]) -> Result<Self, String> {
        let known = |name: &str| PARAMETERS.contains(&name);
        if let Some((name, _)) = parameters.iter().find(|(name, _)| !known(name)) {
            let known = PARAMETERS.join(", ");
            return Err(format!("there is no parameter `{name}` here, only {known}, {OF_DRIVER}"));
        }
        let value = |wanted: &str| {
            let mut same = parameters.iter().rev().filter(|(name, _)| name == wanted);
            same.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        let roots = value("sslrootcert").map(|roots| match roots {
            SYSTEM => Roots::System,
            file => Roots::File(file.into()),
        });
        let mode = value("sslmode").map(Mode::parse).transpose()?;
        let identity = match (value("sslcert"), value("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            (Some(_), None) => return Err("`sslcert` needs `sslkey`".to_owned()),
            (None, Some(_)) => return Err("`sslkey` needs `sslcert`".to_owned()),
        };
        let (mode, roots) = agree(mode, roots)?;
        Ok(Self { mode, roots, identity })
    }

    /// Whether an answer can come from none but the server that is meant.
    pub(super) fn verifies(&self) -> bool {
        self.mode >= Mode::Require && self.roots.is_some()
    }

    /// What the handshake needs: the certificates are read now, so that a file which was replaced
    /// counts from the next connection on.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or does not hold what it should, as a sentence.
    pub(super) fn client(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier {
            trust: self.roots.as_ref().map(trust).transpose()?,
            checks_name: self.mode == Mode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut client = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
                .map_err(|error| {
                    let (certificate, key) = (certificate.display(), key.display());
                    format!(
                        "the certificate {certificate} and the key {key} cannot be used: {error}"
                    )
                })?,
        };
        // Asked for by `sslnegotiation=direct`; other servers pass over it.
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(client)
    }
}

/// Settles what was not said, and refuses what would look safer than it is.
fn agree(mode: Option<Mode>, roots: Option<Roots>) -> Result<(Mode, Option<Roots>), String> {
    match (mode, roots) {
        (None, None) => Ok((Mode::Prefer, None)),
        (None, Some(Roots::System)) | (Some(Mode::VerifyFull), None) => {
            Ok((Mode::VerifyFull, Some(Roots::System)))
        }
        (None, roots) => Ok((Mode::Prefer, roots)),
        // Anyone can have a certificate of their own from an authority that all machines trust.
        (Some(mode), Some(Roots::System)) if mode < Mode::VerifyFull => Err(format!(
            "`sslmode={}` is too weak for `sslrootcert=system`; use `sslmode=verify-full`",
            mode.name()
        )),
        (Some(Mode::VerifyCa), None) => Err("`sslmode=verify-ca` needs `sslrootcert=FILE`, the \
                                             certificate that signed the one of the server"
            .to_owned()),
        (Some(mode), roots) => Ok((mode, roots)),
    }
}

fn trust(roots: &Roots) -> Result<Trust, String> {
    let mut anchors = RootCertStore::empty();
    let certificates = match roots {
        Roots::System => {
            let certificates = rustls_native_certs::load_native_certs().certs;
            for certificate in &certificates {
                // One unreadable certificate of the system must not stop the others from being used.
                let _ = anchors.add(certificate.clone());
            }
            certificates
        }
        Roots::File(path) => {
            let certificates = certificates(path)?;
            for certificate in &certificates {
                anchors.add(certificate.clone()).map_err(|error| {
                    format!("{} holds a certificate that cannot be read: {error}", path.display())
                })?;
            }
            certificates
        }
    };
    Ok(Trust { anchors, certificates })
}

/// The certificates in a file, of which there is at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let certificates = read().map_err(|error| unreadable(path, &error))?;
    if certificates.is_empty() {
        return Err(format!("{} holds no certificate (PEM)", path.display()));
    }
    Ok(certificates)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    if readable_by_others(path) {
        let path = path.display();
        return Err(format!("other users can read the key {path}: run chmod 600 {path}"));
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        PemError::NoItemsFound => {
            format!("{} holds no private key (PEM, without a passphrase)", path.display())
        }
        error => unreadable(path, &error),
    })
}

fn unreadable(path: &Path, error: &PemError) -> String {
    match error {
        PemError::Io(error) => format!("cannot read {}: {error}", path.display()),
        error => format!("{} is not PEM: {error}", path.display()),
    }
}

/// As libpq: no one but the owner, unless the file is root's, which a group may read.
#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata(path).is_ok_and(|file| {
        let open = if file.uid() == 0 { 0o037 } else { 0o077 };
        file.mode() & open != 0
    })
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}
