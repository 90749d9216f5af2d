//! [`Response`]: the elements of a response at their exact places.

use roxmltree::Node;

use super::refusal::{Part, Refusal};
use crate::{
    excerpt::Excerpt,
    xml::{Children, attribute, ds, qualified, saml, samlp, text},
};

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// `samlp:Response`: `Issuer, Signature?, Status, Assertion` (SAML core §3.3.3, narrowed).
#[derive(Debug)]
pub(super) struct Response<'a> {
    pub(super) node: Node<'a, 'a>,
    pub(super) issuer: &'a str,
    pub(super) signature: Option<Node<'a, 'a>>,
    pub(super) assertion: Assertion<'a>,
}

/// `saml:Assertion`: `Issuer, Signature, Subject, Conditions`, and one `AuthnStatement` with at most one
/// `AttributeStatement` before or after it (SAML core §2.3.3, narrowed). Entra ID and Google put the
/// attributes first.
#[derive(Debug)]
pub(super) struct Assertion<'a> {
    pub(super) node: Node<'a, 'a>,
    pub(super) issuer: &'a str,
    pub(super) signature: Node<'a, 'a>,
    pub(super) name_id: Node<'a, 'a>,
    pub(super) confirmation: Node<'a, 'a>,
    pub(super) confirmation_data: Node<'a, 'a>,
    pub(super) conditions: Node<'a, 'a>,
    pub(super) authn_statement: Node<'a, 'a>,
    pub(super) authn_context_class: Option<&'a str>,
    /// Each `saml:Attribute` with its values.
    pub(super) attributes: Vec<(Node<'a, 'a>, Vec<&'a str>)>,
}

impl<'a> Response<'a> {
    pub(super) fn read(node: Node<'a, 'a>) -> Result<Self, Refusal> {
        if !samlp("Response").is(node) {
            return Err(Refusal::NotAResponse { found: qualified(node) });
        }
        attribute(node, "ID")?;
        let mut children = Children::of(node)?;
        let issuer = text(children.required(saml("Issuer"))?)?;
        let signature = children.optional(ds("Signature"));
        check_status(children.required(samlp("Status"))?)?;
        if children.peek().is_some_and(|next| saml("EncryptedAssertion").is(next)) {
            return Err(Refusal::Encrypted);
        }
        let assertion = Assertion::read(children.required(saml("Assertion"))?)?;
        children.end()?;
        Ok(Self { node, issuer, signature, assertion })
    }
}

/// Anything but success is a refusal, and comes without an assertion.
fn check_status<'a>(status: Node<'a, 'a>) -> Result<(), Refusal> {
    let mut children = Children::of(status)?;
    let code = children.required(samlp("StatusCode"))?;
    let value = attribute(code, "Value")?;
    let message = children.optional(samlp("StatusMessage")).map(text).transpose()?;
    if value == SUCCESS {
        children.end()?;
        return Ok(Children::of(code)?.end()?);
    }
    // The inner code says more: AuthnFailed, NoPassive.
    let inner = Children::of(code)?.optional(samlp("StatusCode"));
    let status = inner.and_then(|inner| inner.attribute("Value")).unwrap_or(value);
    Err(Refusal::Status { status: Excerpt::of(status), message: message.map(Excerpt::of) })
}

impl<'a> Assertion<'a> {
    fn read(node: Node<'a, 'a>) -> Result<Self, Refusal> {
        attribute(node, "ID")?;
        let mut children = Children::of(node)?;
        let issuer = text(children.required(saml("Issuer"))?)?;
        let signature =
            children.optional(ds("Signature")).ok_or(Refusal::Unsigned(Part::Assertion))?;
        let subject = children.required(saml("Subject"))?;
        let conditions = children.required(saml("Conditions"))?;
        let mut attribute_statement = children.optional(saml("AttributeStatement"));
        let authn_statement = children.required(saml("AuthnStatement"))?;
        if attribute_statement.is_none() {
            attribute_statement = children.optional(saml("AttributeStatement"));
        }
        children.end()?;

        let mut children = Children::of(subject)?;
        let name_id = children.required(saml("NameID"))?;
        let confirmation = children.required(saml("SubjectConfirmation"))?;
        children.end()?;
        let mut children = Children::of(confirmation)?;
        let confirmation_data = children.required(saml("SubjectConfirmationData"))?;
        children.end()?;
        Children::of(confirmation_data)?.end()?;

        Ok(Self {
            node,
            issuer,
            signature,
            name_id,
            confirmation,
            confirmation_data,
            conditions,
            authn_statement,
            authn_context_class: authn_context_class(authn_statement)?,
            attributes: attribute_statement.map(attributes).transpose()?.unwrap_or_default(),
        })
    }
}

/// `saml:AuthnStatement`: `SubjectLocality?, AuthnContext` (SAML core §2.7.2).
fn authn_context_class<'a>(statement: Node<'a, 'a>) -> Result<Option<&'a str>, Refusal> {
    let mut children = Children::of(statement)?;
    if let Some(locality) = children.optional(saml("SubjectLocality")) {
        Children::of(locality)?.end()?;
    }
    let context = children.required(saml("AuthnContext"))?;
    children.end()?;
    let mut children = Children::of(context)?;
    let class = children.optional(saml("AuthnContextClassRef")).map(text).transpose()?;
    let declaration = children.optional(saml("AuthnContextDeclRef"));
    for leaf in declaration.into_iter().chain(children.many(saml("AuthenticatingAuthority"))) {
        text(leaf)?;
    }
    children.end()?;
    Ok(class)
}

/// `saml:AttributeStatement` (SAML core §2.7.3). Values are texts.
fn attributes<'a>(statement: Node<'a, 'a>) -> Result<Vec<(Node<'a, 'a>, Vec<&'a str>)>, Refusal> {
    let mut children = Children::of(statement)?;
    let mut attributes = Vec::new();
    for node in children.many(saml("Attribute")) {
        let mut children = Children::of(node)?;
        let values = children.many(saml("AttributeValue")).into_iter().map(text);
        let values = values.collect::<Result<Vec<&str>, _>>()?;
        children.end()?;
        attributes.push((node, values));
    }
    children.end()?;
    Ok(attributes)
}
