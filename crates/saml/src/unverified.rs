//! [`Unverified`]: what a message says, for people to look at.

use std::fmt;

use roxmltree::Node;

use crate::{
    excerpt::Excerpt,
    limit::LARGEST_MESSAGE,
    response::{Refusal, decode},
    xml::{self, Name, ds, saml, samlp},
};

/// What a message says, whether or not it was verified: what an administrator looks at when a test
/// sign-in was refused.
///
/// It is never an identity: its texts are [`Shown`], which can be printed and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// The issuer of the assertion, or of the response where there is none.
    pub issuer: Option<Shown>,
    /// Where the response was sent to.
    pub destination: Option<Shown>,
    /// Which request it says it answers.
    pub in_response_to: Option<Shown>,
    /// When it was issued.
    pub issue_instant: Option<Shown>,
    /// What the provider says of the sign-in.
    pub status: Option<Shown>,
    /// Whom the assertion is for.
    pub audiences: Vec<Shown>,
    /// The identifier of the person.
    pub name_id: Option<Shown>,
    /// What kind of identifier it is.
    pub name_id_format: Option<Shown>,
    /// Attributes with their values, groups among them.
    pub attributes: Vec<(Shown, Vec<Shown>)>,
    /// Whether the response has a signature of whatever worth.
    pub response_has_signature: bool,
    /// Whether the assertion has one.
    pub assertion_has_signature: bool,
}

/// A text for people: cut short, control characters escaped. There is no way back to the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(Excerpt);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = self.0.to_string();
        f.write_str(&quoted[1..quoted.len() - 1])
    }
}

impl Unverified {
    /// Reads the form field `SAMLResponse` as far as it goes.
    ///
    /// # Errors
    ///
    /// When it is too large, not base64, not well-formed or has a DOCTYPE, comments and the like.
    pub fn read(form_field: &str) -> Result<Self, Refusal> {
        let message = decode(form_field)?;
        let document = xml::parse(xml::utf8(&message, LARGEST_MESSAGE)?)?;
        let response = document.root_element();
        let assertion = child(response, saml("Assertion"));
        let issuer = assertion.and_then(|node| child(node, saml("Issuer")));
        let status = child(response, samlp("Status"));
        let name_id = assertion
            .and_then(|node| child(node, saml("Subject")))
            .and_then(|subject| child(subject, saml("NameID")));
        let conditions = assertion.and_then(|node| child(node, saml("Conditions")));
        let audiences = conditions.into_iter().flat_map(|node| node.descendants());
        let statements = assertion.into_iter().flat_map(|node| node.children());
        let attributes = statements
            .filter(|node| saml("AttributeStatement").is(*node))
            .flat_map(|statement| statement.children())
            .filter(|node| saml("Attribute").is(*node));
        Ok(Self {
            issuer: issuer.or_else(|| child(response, saml("Issuer"))).map(text),
            destination: value(response, "Destination"),
            in_response_to: value(response, "InResponseTo"),
            issue_instant: value(response, "IssueInstant"),
            status: status
                .and_then(|status| child(status, samlp("StatusCode")))
                .map(|code| child(code, samlp("StatusCode")).unwrap_or(code))
                .and_then(|code| value(code, "Value")),
            audiences: audiences.filter(|node| saml("Audience").is(*node)).map(text).collect(),
            name_id: name_id.map(text),
            name_id_format: name_id.and_then(|node| value(node, "Format")),
            attributes: attributes
                .map(|node| {
                    let values = node.children().filter(|value| saml("AttributeValue").is(*value));
                    (value(node, "Name").unwrap_or_else(|| shown("")), values.map(text).collect())
                })
                .collect(),
            response_has_signature: child(response, ds("Signature")).is_some(),
            assertion_has_signature: assertion
                .is_some_and(|node| child(node, ds("Signature")).is_some()),
        })
    }
}

fn child<'a>(node: Node<'a, 'a>, name: Name) -> Option<Node<'a, 'a>> {
    node.children().find(|child| name.is(*child))
}

fn value(node: Node<'_, '_>, attribute: &str) -> Option<Shown> {
    node.attribute(attribute).map(shown)
}

fn text(node: Node<'_, '_>) -> Shown {
    shown(node.text().unwrap_or_default())
}

fn shown(text: &str) -> Shown {
    Shown(Excerpt::of(text))
}
