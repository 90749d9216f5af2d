//! [`SamlProvider`]: an identity provider that signs as Okta does.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use directory::saml::{Binding, Provider, certificate::NewCertificate};
use saml::{Certificate, SigningKey};
use serde_json::Value as Json;
pub use simulator::saml::Statement;

/// An identity provider with a key of its own.
#[derive(Debug)]
pub struct SamlProvider {
    key: SigningKey,
    certificate: Certificate,
    /// What it calls itself.
    pub entity_id: String,
    /// Where a sign-in begins.
    pub sso_url: String,
}

impl SamlProvider {
    /// A provider with a fresh key.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let size = rcgen::RsaKeySize::_2048;
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).expect("a key");
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.self_signed(&pair).expect("a certificate");
        Self {
            key: SigningKey::from_pkcs8(pair.serialized_der()).expect("the key"),
            certificate: Certificate::from_der(certificate.der()).expect("the certificate"),
            entity_id: format!("http://www.okta.com/{name}"),
            sso_url: format!("https://{name}.okta.example/sso/saml"),
        }
    }

    /// What a connection is told of it.
    #[must_use]
    pub fn described(&self) -> (Provider, NewCertificate) {
        let provider = Provider {
            entity_id: self.entity_id.clone(),
            sso_url: self.sso_url.clone(),
            binding: Binding::Redirect,
        };
        (provider, NewCertificate::from(&self.certificate))
    }

    /// Its certificate, as an administrator downloads it.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// The signed answer, as the browser posts it in `SAMLResponse`.
    #[must_use]
    pub fn answer(&self, statement: &Statement) -> String {
        statement.signed(&self.entity_id, &self.key).expect("the key signs")
    }

    /// Claims as a JWT, signed by the key that signs answers.
    #[must_use]
    pub fn sign_jwt(&self, token_type: &str, claims: &Json) -> String {
        let header = serde_json::json!({ "alg": "RS256", "typ": token_type, "kid": "okta-1" });
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let signed = self.key.sign(message.as_bytes()).expect("the key signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signed))
    }
}
