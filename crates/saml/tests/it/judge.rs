//! Programs that we did not write: `xmllint` and `xmlsec1`, both on libxml2.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::provider::OKTA;

/// A folder with the files that a judge reads.
pub(crate) struct Judge {
    folder: tempfile::TempDir,
}

impl Judge {
    /// With the provider's key and certificate in it.
    pub(crate) fn new() -> Self {
        let judge = Self { folder: tempfile::tempdir().unwrap() };
        judge.write("certificate.pem", &OKTA.certificate.pem());
        judge.write("key.pem", &OKTA.key_pem);
        judge
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The canonical forms of documents, one after the other.
    pub(crate) fn canonical(&self, files: &[PathBuf]) -> String {
        let output = run("xmllint", "libxml2-utils", &["--exc-c14n"], files, self.folder.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Verifies each document's first signature; the element that it is of has this local name.
    pub(crate) fn verify(&self, element: &str, files: &[PathBuf]) {
        let arguments =
            ["--verify", "--pubkey-cert-pem", "certificate.pem", "--id-attr:ID", element];
        let output = run("xmlsec1", "xmlsec1", &arguments, files, self.folder.path());
        let told = String::from_utf8_lossy(&output.stderr);
        let good = told.lines().filter(|line| *line == "OK").count();
        assert!(
            output.status.success() && good == files.len(),
            "{good} of {}: {told}",
            files.len()
        );
    }

    /// Fills in the template of the document's first signature.
    pub(crate) fn sign(&self, element: &str, xml: &str) -> String {
        let file = self.write("template.xml", xml);
        let arguments = ["--sign", "--privkey-pem", "key.pem", "--id-attr:ID", element];
        let output = run("xmlsec1", "xmlsec1", &arguments, &[file], self.folder.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn run(
    program: &str,
    package: &str,
    arguments: &[&str],
    files: &[PathBuf],
    folder: &Path,
) -> Output {
    Command::new(program).args(arguments).args(files).current_dir(folder).output().unwrap_or_else(
        |error| {
            panic!(
                "{program}: {error}. It is in the Debian package {package}; `cargo xtask test` installs it."
            )
        },
    )
}
