//! [`Provider`] and [`Draft`]: an identity provider that signs whatever it is told to.

use std::sync::LazyLock;

use aws_lc_rs::{
    digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512},
    hmac,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use roxmltree::{Document, Node};
use saml::{
    Certificate, Expected, InResponseTo, Refusal, Signed, SigningKey, VerifiedAssertion, canonical,
};

pub(crate) const ISSUER: &str = "http://www.okta.com/exk1fqk2jz";
pub(crate) const ENTITY_ID: &str = "https://doorward.example/saml/okta-birchwood/metadata";
pub(crate) const ACS_URL: &str = "https://doorward.example/saml/okta-birchwood/acs";
pub(crate) const REQUEST: &str = "_5f8e0d3c5b7a41e2a1d4c6b8e9f00112";
pub(crate) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The moment at which everything happens.
pub(crate) fn now() -> Timestamp {
    "2026-11-27T09:30:00Z".parse().unwrap()
}

/// A moment so many seconds from then, as SAML writes it.
pub(crate) fn at(seconds: i64) -> String {
    let moment = now() + SignedDuration::from_secs(seconds);
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// A key with its certificate.
pub(crate) struct Provider {
    pub(crate) key: KeyPair,
    pub(crate) key_pem: String,
    pkcs8: Vec<u8>,
    pub(crate) certificate: Certificate,
}

pub(crate) static OKTA: LazyLock<Provider> = LazyLock::new(|| Provider::new((2020, 2051)));
/// The provider of another organization.
pub(crate) static OTHER: LazyLock<Provider> = LazyLock::new(|| Provider::new((2020, 2051)));
/// A certificate that is long expired.
pub(crate) static EXPIRED: LazyLock<Provider> = LazyLock::new(|| Provider::new((2010, 2020)));
pub(crate) static CERTIFICATES: LazyLock<[Certificate; 1]> =
    LazyLock::new(|| [OKTA.certificate.clone()]);

impl Provider {
    fn new((from, to): (i32, i32)) -> Self {
        let size = rcgen::RsaKeySize::_2048;
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["okta.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let certificate = params.self_signed(&pair).unwrap();
        Self {
            key: KeyPair::from_pkcs8(pair.serialized_der()).unwrap(),
            key_pem: pair.serialize_pem(),
            pkcs8: pair.serialized_der().to_vec(),
            certificate: Certificate::from_der(certificate.der()).unwrap(),
        }
    }

    /// The key, as our own code signs with it.
    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::from_pkcs8(&self.pkcs8).unwrap()
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let padding = match algorithm.rsplit('#').next().unwrap() {
            "rsa-sha384" => &RSA_PKCS1_SHA384,
            "rsa-sha512" => &RSA_PKCS1_SHA512,
            // The public key as a secret that both sides have.
            "hmac-sha256" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.certificate.der());
                return hmac::sign(&key, message).as_ref().to_vec();
            }
            // No one signs with SHA-1 any more, and a verifier that got so far has failed.
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(padding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    }
}

/// How an element is signed.
#[derive(Clone)]
pub(crate) struct Signing {
    pub(crate) prefix: &'static str,
    pub(crate) signature: String,
    pub(crate) digest: String,
    pub(crate) canonicalization: String,
    pub(crate) prefix_list: &'static str,
    /// In place of the two transforms.
    pub(crate) transforms: Option<String>,
    /// In place of `#` and the `ID`.
    pub(crate) reference: Option<String>,
    pub(crate) key_info: String,
}

impl Signing {
    pub(crate) fn okta() -> Self {
        let key_info = format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            STANDARD.encode(OKTA.certificate.der())
        );
        Self {
            prefix: "ds",
            signature: RSA_SHA256.to_owned(),
            digest: SHA256_URI.to_owned(),
            canonicalization: EXC_C14N.to_owned(),
            prefix_list: "xs",
            transforms: None,
            reference: None,
            key_info,
        }
    }

    /// As Entra ID and Google do: the namespace of signatures is the default one.
    pub(crate) fn default_namespace() -> Self {
        Self { prefix: "", prefix_list: "", key_info: String::new(), ..Self::okta() }
    }

    /// `ds:Signature` of a canonical text.
    pub(crate) fn element(&self, provider: &Provider, id: &str, content: &str) -> String {
        let algorithm = match self.digest.rsplit('#').next().unwrap() {
            "sha1" | "md5" => &SHA1_FOR_LEGACY_USE_ONLY,
            "sha384" => &SHA384,
            "sha512" => &SHA512,
            _ => &SHA256,
        };
        let digest = STANDARD.encode(digest::digest(algorithm, content.as_bytes()));
        let colon = if self.prefix.is_empty() { "" } else { ":" };
        let p = format!("{}{colon}", self.prefix);
        let declaration =
            format!("xmlns{colon}{}=\"http://www.w3.org/2000/09/xmldsig#\"", self.prefix);
        let inclusive = if self.prefix_list.is_empty() {
            String::new()
        } else {
            let list = self.prefix_list;
            format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"{list}\"></ec:InclusiveNamespaces>"
            )
        };
        let transforms = self.transforms.clone().unwrap_or_else(|| {
            format!(
                "<{p}Transform Algorithm=\"{ENVELOPED}\"></{p}Transform>\
                 <{p}Transform Algorithm=\"{EXC_C14N}\">{inclusive}</{p}Transform>"
            )
        });
        let reference = self.reference.clone().unwrap_or_else(|| format!("#{id}"));
        let signed_info = |declaration: &str| {
            format!(
                "<{p}SignedInfo{declaration}>\
                 <{p}CanonicalizationMethod Algorithm=\"{}\"></{p}CanonicalizationMethod>\
                 <{p}SignatureMethod Algorithm=\"{}\"></{p}SignatureMethod>\
                 <{p}Reference URI=\"{reference}\"><{p}Transforms>{transforms}</{p}Transforms>\
                 <{p}DigestMethod Algorithm=\"{}\"></{p}DigestMethod>\
                 <{p}DigestValue>{digest}</{p}DigestValue></{p}Reference></{p}SignedInfo>",
                self.canonicalization, self.signature, self.digest
            )
        };
        let signed =
            provider.sign(&self.signature, signed_info(&format!(" {declaration}")).as_bytes());
        let value = STANDARD.encode(signed);
        format!(
            "<{p}Signature {declaration}>{}<{p}SignatureValue>{value}</{p}SignatureValue>{}</{p}Signature>",
            signed_info(""),
            self.key_info
        )
    }

    /// Signs the element with this `ID` and puts the signature behind its first child.
    pub(crate) fn sign(&self, provider: &Provider, xml: &str, id: &str) -> String {
        let document = Document::parse(xml).unwrap();
        let element = with_id(&document, id);
        let prefixes: Vec<&str> = self.prefix_list.split_ascii_whitespace().collect();
        let content = canonical::exclusive(element, None, &prefixes);
        let place = element.first_element_child().unwrap().range().end;
        let signature = self.element(provider, id, &content);
        format!("{}{signature}{}", &xml[..place], &xml[place..])
    }
}

pub(crate) fn with_id<'a>(document: &'a Document<'a>, id: &str) -> Node<'a, 'a> {
    document.descendants().find(|node| node.attribute("ID") == Some(id)).unwrap()
}

/// A response before it is signed: every piece is a text that a test may change.
#[derive(Clone)]
pub(crate) struct Draft {
    /// Prefixes of protocol and assertion, with their colons.
    pub(crate) prefixes: (&'static str, &'static str),
    pub(crate) response_attributes: String,
    pub(crate) assertion_attributes: String,
    pub(crate) issuer: String,
    pub(crate) status: String,
    pub(crate) name_id: String,
    pub(crate) method: String,
    pub(crate) confirmation_data: String,
    pub(crate) conditions_attributes: String,
    pub(crate) conditions: String,
    pub(crate) authn_attributes: String,
    pub(crate) attributes: String,
    pub(crate) attributes_first: bool,
    pub(crate) response_signing: Option<Signing>,
    pub(crate) assertion_signing: Option<Signing>,
}

pub(crate) const RESPONSE_ID: &str = "id9021364713254617213";
pub(crate) const ASSERTION_ID: &str = "id9021364713371892310";

impl Draft {
    /// What Okta sends: see the decision record.
    pub(crate) fn okta() -> Self {
        let value = |text: &str| {
            format!(
                "<saml2:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\">{text}</saml2:AttributeValue>"
            )
        };
        let attribute = |name: &str, values: &[&str]| {
            let values: String = values.iter().map(|text| value(text)).collect();
            format!(
                "<saml2:Attribute Name=\"{name}\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified\">{values}</saml2:Attribute>"
            )
        };
        Self {
            prefixes: ("saml2p:", "saml2:"),
            response_attributes: format!(
                "Destination=\"{ACS_URL}\" ID=\"{RESPONSE_ID}\" InResponseTo=\"{REQUEST}\" \
                 IssueInstant=\"{}\" Version=\"2.0\"",
                at(0)
            ),
            assertion_attributes: format!(
                "ID=\"{ASSERTION_ID}\" IssueInstant=\"{}\" Version=\"2.0\"",
                at(0)
            ),
            issuer: format!(
                "<saml2:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">{ISSUER}</saml2:Issuer>"
            ),
            status: "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>"
                .to_owned(),
            name_id:
                "<saml2:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">\
                      noor@birchwood.example</saml2:NameID>"
                    .to_owned(),
            method: "urn:oasis:names:tc:SAML:2.0:cm:bearer".to_owned(),
            confirmation_data: format!(
                "InResponseTo=\"{REQUEST}\" NotOnOrAfter=\"{}\" Recipient=\"{ACS_URL}\"",
                at(300)
            ),
            conditions_attributes: format!(
                "NotBefore=\"{}\" NotOnOrAfter=\"{}\"",
                at(-300),
                at(300)
            ),
            conditions: format!(
                "<saml2:AudienceRestriction><saml2:Audience>{ENTITY_ID}</saml2:Audience></saml2:AudienceRestriction>"
            ),
            authn_attributes: format!("AuthnInstant=\"{}\" SessionIndex=\"{REQUEST}\"", at(-5)),
            attributes: attribute("email", &["noor@birchwood.example"])
                + &attribute("firstName", &["Nóör"])
                + &attribute("lastName", &["Haddad &amp; Söhne"])
                + &attribute("groups", &["Engineering", "Doorward &lt;Admins&gt;"]),
            attributes_first: false,
            response_signing: Some(Signing::okta()),
            assertion_signing: Some(Signing::okta()),
        }
    }

    /// What Entra ID sends: assertion-only signature, default namespaces, attributes first.
    pub(crate) fn entra() -> Self {
        let claim = |name: &str, values: &[&str]| {
            let values: String = values
                .iter()
                .map(|text| format!("<AttributeValue>{text}</AttributeValue>"))
                .collect();
            format!("<Attribute Name=\"{name}\">{values}</Attribute>")
        };
        let claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
        let plain = |text: &str| text.replace("saml2:", "").replace("saml2p:", "samlp:");
        let okta = Self::okta();
        Self {
            prefixes: ("samlp:", ""),
            issuer: format!(
                "<Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{ISSUER}</Issuer>"
            ),
            status: plain(&okta.status),
            name_id: plain(&okta.name_id),
            conditions: plain(&okta.conditions),
            attributes: claim(&format!("{claims}/emailaddress"), &["noor@birchwood.example"])
                + &claim(&format!("{claims}/givenname"), &["Nóör"])
                + &claim(&format!("{claims}/surname"), &["Haddad &amp; Söhne"])
                + &claim(
                    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
                    &["Engineering", "Doorward &lt;Admins&gt;"],
                ),
            attributes_first: true,
            response_signing: None,
            assertion_signing: Some(Signing::default_namespace()),
            ..okta
        }
    }

    /// What Google sends: `xs:anyType`, and only the assertion signed, with the prefix `ds`.
    pub(crate) fn google() -> Self {
        let okta = Self::okta();
        let signing = Signing { prefix_list: "", ..Signing::okta() };
        Self {
            attributes: okta.attributes.replace("xs:string", "xs:anyType"),
            attributes_first: true,
            response_signing: None,
            assertion_signing: Some(signing),
            ..okta
        }
    }

    /// An unsolicited one: no request is named in either place.
    pub(crate) fn unsolicited() -> Self {
        let without = |text: &str| text.replace(&format!("InResponseTo=\"{REQUEST}\" "), "");
        let okta = Self::okta();
        Self {
            response_attributes: without(&okta.response_attributes),
            confirmation_data: without(&okta.confirmation_data),
            ..okta
        }
    }

    /// The assertion without its signature, with its own declarations.
    pub(crate) fn assertion(&self) -> String {
        let s = self.prefixes.1;
        let declaration = declaration(s, "urn:oasis:names:tc:SAML:2.0:assertion");
        let attributes = if self.attributes.is_empty() {
            String::new()
        } else {
            format!("<{s}AttributeStatement>{}</{s}AttributeStatement>", self.attributes)
        };
        let authn = format!(
            "<{s}AuthnStatement {}><{s}AuthnContext><{s}AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
             </{s}AuthnContextClassRef></{s}AuthnContext></{s}AuthnStatement>",
            self.authn_attributes
        );
        let statements =
            if self.attributes_first { attributes + &authn } else { authn + &attributes };
        // Okta declares `xs` on top, which its PrefixList then includes.
        format!(
            "<{s}Assertion {declaration} xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" {}>{}\
             <{s}Subject>{}<{s}SubjectConfirmation Method=\"{}\"><{s}SubjectConfirmationData {}/>\
             </{s}SubjectConfirmation></{s}Subject><{s}Conditions {}>{}</{s}Conditions>{statements}</{s}Assertion>",
            self.assertion_attributes,
            self.issuer,
            self.name_id,
            self.method,
            self.confirmation_data,
            self.conditions_attributes,
            self.conditions,
        )
    }

    /// The response around an assertion.
    pub(crate) fn response(&self, assertion: &str) -> String {
        let (p, s) = self.prefixes;
        let declarations = if s.is_empty() {
            declaration(p, "urn:oasis:names:tc:SAML:2.0:protocol")
        } else {
            declaration(p, "urn:oasis:names:tc:SAML:2.0:protocol")
                + " "
                + &declaration(s, "urn:oasis:names:tc:SAML:2.0:assertion")
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><{p}Response {declarations} \
             xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" {}>{}<{p}Status>{}</{p}Status>{assertion}</{p}Response>",
            self.response_attributes, self.issuer, self.status,
        )
    }

    /// Signs first the assertion, then the response, as providers do.
    pub(crate) fn xml(&self) -> String {
        self.xml_by(&OKTA)
    }

    pub(crate) fn xml_by(&self, provider: &Provider) -> String {
        let mut xml = self.response(&self.assertion());
        if let Some(signing) = &self.assertion_signing {
            xml = signing.sign(provider, &xml, ASSERTION_ID);
        }
        if let Some(signing) = &self.response_signing {
            xml = signing.sign(provider, &xml, RESPONSE_ID);
        }
        xml
    }
}

fn declaration(prefix: &str, namespace: &str) -> String {
    match prefix.strip_suffix(':') {
        Some(prefix) => format!("xmlns:{prefix}=\"{namespace}\""),
        None => format!("xmlns=\"{namespace}\""),
    }
}

/// What a connection to Okta expects.
pub(crate) fn expected() -> Expected<'static> {
    Expected {
        provider_entity_id: ISSUER,
        certificates: &*CERTIFICATES,
        signed: Signed::Both,
        entity_id: ENTITY_ID,
        acs_url: ACS_URL,
        in_response_to: InResponseTo::Request(REQUEST),
    }
}

/// What a connection to Entra ID or Google expects.
pub(crate) fn expected_assertion() -> Expected<'static> {
    Expected { signed: Signed::Assertion, ..expected() }
}

/// Judges a document as it comes out of the form.
pub(crate) fn verify(xml: &str, expected: &Expected<'_>) -> Result<VerifiedAssertion, Refusal> {
    saml::verify(&STANDARD.encode(xml), expected, now())
}

/// The code of a refusal, or who was let in.
pub(crate) fn outcome(xml: &str, expected: &Expected<'_>) -> String {
    match verify(xml, expected) {
        Ok(assertion) => format!("let in: {}", assertion.name_id().value()),
        Err(refusal) => {
            let sentence = refusal.to_string();
            assert!(sentence.len() < 1_000 && !sentence.contains(char::is_control), "{sentence}");
            refusal.code().to_owned()
        }
    }
}
