//! [`Statement`]: what a provider says of a person.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use saml::{
    SigningError, SigningKey,
    canonical::{push_text, push_value},
};

/// How far a statement is good before and after its moment: what Okta gives.
const GOOD_FOR: Duration = Duration::from_mins(5);

/// What a provider says of a person, before it is signed.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who it is.
    pub name_id: String,
    /// The request that it answers, if it answers one.
    pub in_response_to: Option<String>,
    /// The `ID` of the assertion.
    pub id: String,
    /// For whom: the entity ID of the service provider.
    pub audience: String,
    /// Where it is posted to.
    pub recipient: String,
    /// When.
    pub at: Timestamp,
    /// Attributes, each with one value.
    pub attributes: Vec<(String, String)>,
    /// When the provider's session ends.
    pub session_ends: Option<Timestamp>,
}

impl Statement {
    /// The response with this assertion, both signed, as the browser posts it in `SAMLResponse`.
    ///
    /// # Errors
    ///
    /// When the key does not sign.
    pub fn signed(&self, issuer: &str, key: &SigningKey) -> Result<String, SigningError> {
        let id = &self.id;
        let signature = key.enveloped_signature(id, &self.assertion(issuer, ""))?;
        let assertion = self.assertion(issuer, &signature);
        let response_id = format!("response-{id}");
        let response = |signature: &str| self.response(issuer, &response_id, signature, &assertion);
        let signature = key.enveloped_signature(&response_id, &response(""))?;
        Ok(STANDARD.encode(response(&signature)))
    }

    /// The response in its canonical form, but for what is passed.
    fn response(&self, issuer: &str, id: &str, signature: &str, assertion: &str) -> String {
        let attributes = [
            ("Destination", Some(self.recipient.as_str())),
            ("ID", Some(id)),
            ("InResponseTo", self.in_response_to.as_deref()),
            ("IssueInstant", Some(&time(self.at))),
            ("Version", Some("2.0")),
        ];
        let issuer = element("saml2:Issuer", &[ASSERTION_NAMESPACE], &text(issuer));
        let code = [("Value", Some("urn:oasis:names:tc:SAML:2.0:status:Success"))];
        let status = element("saml2p:StatusCode", &code, "");
        let status = element("saml2p:Status", &[], &status);
        let namespace = ("xmlns:saml2p", Some("urn:oasis:names:tc:SAML:2.0:protocol"));
        let attributes: Vec<_> = [namespace].into_iter().chain(attributes).collect();
        let content = format!("{issuer}{signature}{status}{assertion}");
        element("saml2p:Response", &attributes, &content)
    }

    /// The assertion in its canonical form, but for a signature.
    fn assertion(&self, issuer: &str, signature: &str) -> String {
        let (now, before, after) =
            (time(self.at), time(self.at - GOOD_FOR), time(self.at + GOOD_FOR));
        let confirmed = [
            ("InResponseTo", self.in_response_to.as_deref()),
            ("NotOnOrAfter", Some(&*after)),
            ("Recipient", Some(&*self.recipient)),
        ];
        let data = element("saml2:SubjectConfirmationData", &confirmed, "");
        let bearer = [("Method", Some("urn:oasis:names:tc:SAML:2.0:cm:bearer"))];
        let confirmation = element("saml2:SubjectConfirmation", &bearer, &data);
        let name_id = element("saml2:NameID", &[], &text(&self.name_id));
        let subject = element("saml2:Subject", &[], &format!("{name_id}{confirmation}"));
        let audience = element("saml2:Audience", &[], &text(&self.audience));
        let audience = element("saml2:AudienceRestriction", &[], &audience);
        let valid = [("NotBefore", Some(&*before)), ("NotOnOrAfter", Some(&*after))];
        let conditions = element("saml2:Conditions", &valid, &audience);
        let class = element(
            "saml2:AuthnContextClassRef",
            &[],
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        );
        let context = element("saml2:AuthnContext", &[], &class);
        let ends = self.session_ends.map(time);
        let authenticated =
            [("AuthnInstant", Some(&*now)), ("SessionNotOnOrAfter", ends.as_deref())];
        let authenticated = element("saml2:AuthnStatement", &authenticated, &context);
        let said: String = self.attributes.iter().map(attribute).collect();
        let said = if said.is_empty() {
            String::new()
        } else {
            element("saml2:AttributeStatement", &[], &said)
        };
        let issuer = element("saml2:Issuer", &[], &text(issuer));
        element(
            "saml2:Assertion",
            &[
                ASSERTION_NAMESPACE,
                ("ID", Some(&*self.id)),
                ("IssueInstant", Some(&*now)),
                ("Version", Some("2.0")),
            ],
            &format!("{issuer}{signature}{subject}{conditions}{authenticated}{said}"),
        )
    }
}

const ASSERTION_NAMESPACE: (&str, Option<&str>) =
    ("xmlns:saml2", Some("urn:oasis:names:tc:SAML:2.0:assertion"));

fn attribute((name, value): &(String, String)) -> String {
    let value = element("saml2:AttributeValue", &[], &text(value));
    element("saml2:Attribute", &[("Name", Some(name))], &value)
}

/// An element in canonical form, whose attributes are given in their canonical order.
fn element(name: &str, attributes: &[(&str, Option<&str>)], content: &str) -> String {
    let mut xml = format!("<{name}");
    for (name, value) in attributes {
        if let Some(value) = value {
            xml.push(' ');
            xml.push_str(name);
            xml.push_str("=\"");
            push_value(&mut xml, value);
            xml.push('"');
        }
    }
    xml + ">" + content + "</" + name + ">"
}

fn text(content: &str) -> String {
    let mut text = String::with_capacity(content.len());
    push_text(&mut text, content);
    text
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use saml::{Certificate, Expected, InResponseTo, Signed, SigningKey};

    use super::Statement;

    #[test]
    fn a_strict_verifier_takes_it_whatever_the_names() {
        let key = SigningKey::generate().expect("a key");
        let now: Timestamp = "2026-11-28T04:00:00Z".parse().expect("a moment");
        let certificate: Certificate = key
            .self_signed(
                "Simulated provider",
                [1; 16],
                (now, now + std::time::Duration::from_hours(1)),
            )
            .expect("a certificate");
        let statement = Statement {
            name_id: "o'brien&sons<\"x\">@birch.example".to_owned(),
            in_response_to: Some("_5f8e".to_owned()),
            id: "id-1".to_owned(),
            audience: "https://door.example/saml/1/metadata?a=b&c=d".to_owned(),
            recipient: "https://door.example/saml/1/acs".to_owned(),
            at: now,
            attributes: vec![("email".to_owned(), "a&b@birch.example".to_owned())],
            session_ends: Some(now + std::time::Duration::from_hours(1)),
        };
        let expected = Expected {
            provider_entity_id: "urn:provider:<&>",
            certificates: &[certificate],
            signed: Signed::Both,
            entity_id: &statement.audience,
            acs_url: &statement.recipient,
            in_response_to: InResponseTo::Request("_5f8e"),
        };
        let message = statement.signed("urn:provider:<&>", &key).expect("it signs");
        let verified = saml::verify(&message, &expected, now).expect("it is genuine");
        assert_eq!(verified.name_id().value(), statement.name_id);
        assert_eq!(verified.attributes().email(), Some("a&b@birch.example"));
    }
}
