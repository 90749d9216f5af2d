//! [`SamlProvider`]: an identity provider that signs as Okta does.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::RSA_PKCS1_SHA256,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use directory::{
    Time,
    saml::{Binding, Provider, certificate::NewCertificate},
};
use roxmltree::Document;
use saml::{Certificate, canonical};
use serde_json::Value as Json;

const NAMESPACE: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// An identity provider with a key of its own.
#[derive(Debug)]
pub struct SamlProvider {
    key: KeyPair,
    certificate: Certificate,
    /// What it calls itself.
    pub entity_id: String,
    /// Where a sign-in begins.
    pub sso_url: String,
}

/// What a provider says, before it is signed.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who it is.
    pub name_id: String,
    /// The request that it answers, if it answers one.
    pub in_response_to: Option<String>,
    /// The `ID` of the assertion.
    pub id: String,
    /// For whom: our entity ID.
    pub audience: String,
    /// Where it is posted to.
    pub recipient: String,
    /// When.
    pub at: Time,
    /// Attributes, each with one value.
    pub attributes: Vec<(String, String)>,
    /// When the provider's session ends.
    pub session_ends: Option<Time>,
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
            key: KeyPair::from_pkcs8(pair.serialized_der()).expect("the key"),
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
        let certificate = NewCertificate {
            sha256: *self.certificate.fingerprint().as_bytes(),
            der: self.certificate.der().to_vec(),
            not_after: self.certificate.not_after().into(),
        };
        (provider, certificate)
    }

    /// Its certificate, as an administrator downloads it.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// The signed answer, as the browser posts it in `SAMLResponse`.
    #[must_use]
    pub fn answer(&self, statement: &Statement) -> String {
        STANDARD.encode(self.sign(&self.sign(&self.response(statement), &statement.id), "r-1"))
    }

    /// Claims as a JWT, signed by the key that signs answers.
    #[must_use]
    pub fn sign_jwt(&self, token_type: &str, claims: &Json) -> String {
        let header = serde_json::json!({ "alg": "RS256", "typ": token_type, "kid": "okta-1" });
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signed = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signed)
            .expect("the key signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signed))
    }

    fn response(&self, statement: &Statement) -> String {
        let Statement { name_id, id, audience, recipient, at, attributes, .. } = statement;
        let time = |time: Time| time.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let minutes = std::time::Duration::from_mins(5);
        let (now, before, after) = (time(*at), time(at.minus(minutes)), time(at.plus(minutes)));
        let answers = statement.in_response_to.as_ref();
        let answers = answers.map_or(String::new(), |id| format!(" InResponseTo=\"{id}\""));
        let ends = statement.session_ends;
        let ends =
            ends.map_or(String::new(), |at| format!(" SessionNotOnOrAfter=\"{}\"", time(at)));
        let issuer = format!("<saml2:Issuer>{}</saml2:Issuer>", self.entity_id);
        let attribute = |(name, value): &(String, String)| {
            format!(
                "<saml2:Attribute Name=\"{name}\"><saml2:AttributeValue>{value}\
                 </saml2:AttributeValue></saml2:Attribute>"
            )
        };
        let mut said: String = attributes.iter().map(attribute).collect();
        if !said.is_empty() {
            said = format!("<saml2:AttributeStatement>{said}</saml2:AttributeStatement>");
        }
        format!(
            "<saml2p:Response xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" Destination=\"{recipient}\" \
             ID=\"r-1\"{answers} IssueInstant=\"{now}\" Version=\"2.0\">{issuer}<saml2p:Status>\
             <saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>\
             </saml2p:Status><saml2:Assertion ID=\"{id}\" IssueInstant=\"{now}\" Version=\"2.0\">\
             {issuer}<saml2:Subject><saml2:NameID>{name_id}</saml2:NameID>\
             <saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml2:SubjectConfirmationData{answers} NotOnOrAfter=\"{after}\" \
             Recipient=\"{recipient}\"/></saml2:SubjectConfirmation></saml2:Subject>\
             <saml2:Conditions NotBefore=\"{before}\" NotOnOrAfter=\"{after}\">\
             <saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience>\
             </saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement \
             AuthnInstant=\"{now}\"{ends}><saml2:AuthnContext><saml2:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
             </saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>{said}\
             </saml2:Assertion></saml2p:Response>"
        )
    }

    /// Signs the element with this `ID`; the signature stands after its first child.
    fn sign(&self, xml: &str, id: &str) -> String {
        let document = Document::parse(xml).expect("our own document");
        let mut all = document.descendants();
        let element = all.find(|node| node.attribute("ID") == Some(id)).expect("the element");
        let content = canonical::exclusive(element, None, &[]);
        let value = STANDARD.encode(digest(&SHA256, content.as_bytes()));
        let info = |namespace: &str| {
            format!(
                "<ds:SignedInfo{namespace}><ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\">\
                 </ds:CanonicalizationMethod><ds:SignatureMethod \
                 Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">\
                 </ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform \
                 Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">\
                 </ds:Transform><ds:Transform Algorithm=\"{EXC_C14N}\"></ds:Transform>\
                 </ds:Transforms><ds:DigestMethod \
                 Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
                 <ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
            )
        };
        let mut signed = vec![0; self.key.public_modulus_len()];
        let message = info(NAMESPACE);
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signed)
            .expect("the key signs");
        let place = element.first_element_child().expect("an issuer").range().end;
        format!(
            "{}<ds:Signature{NAMESPACE}>{}<ds:SignatureValue>{}</ds:SignatureValue>\
             </ds:Signature>{}",
            &xml[..place],
            info(""),
            STANDARD.encode(signed),
            &xml[place..]
        )
    }
}
