//! What the parameters of an address mean, and what is asked of the files they name.

mod handshake;

use std::{fs, path::Path};

use super::{Mode, Roots, Tls};

fn read(parameters: &[(&str, &str)]) -> Result<Tls, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Tls::read(&parameters.iter().map(owned).collect::<Vec<_>>())
}

fn file(name: &str) -> Roots {
    Roots::File(name.into())
}

#[test]
fn each_mode_is_what_libpq_means_by_it() {
    for (parameters, mode, roots, verifies) in [
        (&[][..], Mode::Prefer, None, false),
        (&[("sslmode", "disable")], Mode::Disable, None, false),
        (&[("sslmode", "allow")], Mode::Allow, None, false),
        (&[("sslmode", "prefer")], Mode::Prefer, None, false),
        (&[("sslmode", "require")], Mode::Require, None, false),
        (&[("sslmode", "verify-full")], Mode::VerifyFull, Some(Roots::System), true),
        (&[("sslrootcert", "system")], Mode::VerifyFull, Some(Roots::System), true),
        (&[("sslrootcert", "root.pem")], Mode::Prefer, Some(file("root.pem")), false),
        (
            &[("sslrootcert", "root.pem"), ("sslmode", "require")],
            Mode::Require,
            Some(file("root.pem")),
            true,
        ),
        (
            &[("sslmode", "verify-ca"), ("sslrootcert", "a b")],
            Mode::VerifyCa,
            Some(file("a b")),
            true,
        ),
        (
            &[("sslmode", "verify-full"), ("sslrootcert", "a")],
            Mode::VerifyFull,
            Some(file("a")),
            true,
        ),
        (&[("sslmode", "disable"), ("sslmode", "require")], Mode::Require, None, false),
        (&[("sslmode", ""), ("sslrootcert", "")], Mode::Prefer, None, false),
    ] {
        let tls = read(parameters).expect("parameters that agree");
        assert_eq!((tls.mode, &tls.roots), (mode, &roots), "{parameters:?}");
        assert_eq!(tls.verifies(), verifies, "{parameters:?}");
    }
}

#[test]
fn what_does_not_agree_is_refused_with_what_to_do() {
    for (parameters, says) in [
        (&[("sslmode", "on")][..], "must be one of disable, allow, prefer, require, verify-ca"),
        (&[("sslmode", "verify-ca")], "needs `sslrootcert=FILE`"),
        (&[("sslmode", "require"), ("sslrootcert", "system")], "use `sslmode=verify-full`"),
        (&[("sslmode", "verify-ca"), ("sslrootcert", "system")], "use `sslmode=verify-full`"),
        (&[("sslcert", "me.pem")], "`sslcert` needs `sslkey`"),
        (&[("sslkey", "me.key")], "`sslkey` needs `sslcert`"),
        (&[("sslcrl", "crl.pem")], "there is no parameter `sslcrl`"),
        (&[("ssl_min_protocol_version", "TLSv1.3")], "`ssl_min_protocol_version`"),
    ] {
        let error = read(parameters).expect_err(says);
        assert!(error.contains(says), "{parameters:?}: {error}");
    }
}

#[test]
fn the_driver_keeps_what_is_its_own() {
    assert!(
        Tls::takes("sslmode") && Tls::takes("sslcrl") && Tls::takes("ssl_min_protocol_version")
    );
    assert!(!Tls::takes("sslnegotiation") && !Tls::takes("user"));
}

#[test]
fn a_file_that_is_not_what_it_should_be_is_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let write = |name: &str, text: &str, mode: u32| {
        fs::write(path(name), text).expect("a file");
        set_mode(Path::new(&path(name)), mode);
    };
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(Vec::new())
        .and_then(|params| params.self_signed(&key))
        .expect("a certificate")
        .pem();
    write("empty", "", 0o644);
    write("garbage", "-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----\n", 0o644);
    write("nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0o644);
    write("me.pem", &certificate, 0o644);
    write("open.key", &key.serialize_pem(), 0o644);
    write("me.key", &key.serialize_pem(), 0o600);
    let other = rcgen::KeyPair::generate().expect("a key");
    write("other.key", &other.serialize_pem(), 0o600);
    write("no.key", &certificate, 0o600);

    let complaint = |parameters: &[(&str, &str)]| {
        let named: Vec<_> = parameters.iter().map(|(name, file)| (*name, path(file))).collect();
        let named: Vec<_> = named.iter().map(|(name, file)| (*name, file.as_str())).collect();
        read(&named).expect("parameters that agree").client().err()
    };
    for (parameters, says) in [
        (&[("sslrootcert", "none")][..], "cannot read "),
        (&[("sslrootcert", "empty")], "holds no certificate (PEM)"),
        (&[("sslrootcert", "garbage")], "is not PEM"),
        (&[("sslrootcert", "nonsense")], "holds a certificate that cannot be read"),
        (&[("sslcert", "none"), ("sslkey", "me.key")], "cannot read "),
        (&[("sslcert", "me.pem"), ("sslkey", "none")], "cannot read "),
        (&[("sslcert", "me.pem"), ("sslkey", "no.key")], "holds no private key"),
        #[cfg(unix)]
        (&[("sslcert", "me.pem"), ("sslkey", "open.key")], "run chmod 600 "),
        (&[("sslcert", "me.pem"), ("sslkey", "other.key")], "cannot be used: "),
    ] {
        let complaint = complaint(parameters).expect(says);
        let (_, file) = parameters.last().expect("a file");
        assert!(complaint.contains(says), "{complaint}");
        let (_, first) = parameters.first().expect("a file");
        assert!(complaint.contains(&path(file)) || complaint.contains(&path(first)), "{complaint}");
    }
    assert_eq!(complaint(&[("sslrootcert", "me.pem")]), None);
    assert_eq!(complaint(&[("sslcert", "me.pem"), ("sslkey", "me.key")]), None);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the file is ours");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}
