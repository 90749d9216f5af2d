//! [`check`]: which elements and attributes may be anywhere in a response at all.

use std::collections::HashSet;

use roxmltree::{Attribute, Document, Node};

use super::refusal::Refusal;
use crate::{
    excerpt::Excerpt,
    limit::LONGEST_ID,
    xml::{DS, EXC_C14N, SAML, SAMLP, XENC, XSI, ds, qualified, saml, samlp},
};

/// Every element is of one of four namespaces; `ID` stands on `Response` and `Assertion`, `Id` on
/// `ds:Signature`, each distinct, and nothing else is called so.
pub(super) fn check<'a>(document: &'a Document<'a>) -> Result<(), Refusal> {
    let mut ids = HashSet::new();
    for node in document.descendants().filter(Node::is_element) {
        match node.tag_name().namespace() {
            Some(SAMLP | SAML | DS | EXC_C14N) => {}
            Some(XENC) => return Err(Refusal::Encrypted),
            _ => return Err(Refusal::ForeignElement { element: qualified(node) }),
        }
        for attribute in node.attributes() {
            if !matches!(attribute.namespace(), None | Some(XSI)) {
                return Err(Refusal::ForeignAttribute {
                    attribute: Excerpt::of(attribute.name()),
                    element: qualified(node),
                });
            }
            if attribute.name().eq_ignore_ascii_case("id") {
                check_id(node, &attribute)?;
                if !ids.insert(attribute.value()) {
                    return Err(Refusal::DuplicateId { found: Excerpt::of(attribute.value()) });
                }
            }
        }
    }
    Ok(())
}

fn check_id(node: Node<'_, '_>, attribute: &Attribute<'_, '_>) -> Result<(), Refusal> {
    let has_id = samlp("Response").is(node) || saml("Assertion").is(node);
    let is_expected = attribute.namespace().is_none()
        && match attribute.name() {
            "ID" => has_id,
            // Some providers set it. It is never looked up.
            "Id" => ds("Signature").is(node),
            _ => false,
        };
    if !is_expected {
        return Err(Refusal::UnexpectedId {
            attribute: Excerpt::of(attribute.name()),
            element: qualified(node),
        });
    }
    if is_plain(attribute.value()) {
        Ok(())
    } else {
        Err(Refusal::MalformedId { found: Excerpt::of(attribute.value()) })
    }
}

/// The ASCII part of `NCName`: letters, digits, `_`, `-` and `.`, beginning with a letter or `_`.
fn is_plain(id: &str) -> bool {
    let begins = id.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let goes_on =
        id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    begins && goes_on && id.len() <= LONGEST_ID
}
