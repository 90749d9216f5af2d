//! [`Name`]: the name of an element with its namespace, and the namespaces of SAML.

use std::fmt;

use roxmltree::Node;

use crate::excerpt::Excerpt;

/// The protocol: `Response`, `AuthnRequest`.
pub(crate) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Assertions.
pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Metadata.
pub(crate) const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// XML signatures.
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Exclusive canonicalization: the namespace and the algorithm.
pub(crate) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// XML encryption.
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// Types of values: `xsi:type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The name of an element that SAML knows. It is printed with the usual prefix: `saml:Assertion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    namespace: &'static str,
    local: &'static str,
}

impl Name {
    /// Whether a node is an element of this name.
    pub(crate) fn is(self, node: Node<'_, '_>) -> bool {
        node.is_element()
            && node.tag_name().namespace() == Some(self.namespace)
            && node.tag_name().name() == self.local
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = usual_prefix(self.namespace).unwrap_or_default();
        write!(f, "{prefix}:{}", self.local)
    }
}

pub(crate) const fn samlp(local: &'static str) -> Name {
    Name { namespace: SAMLP, local }
}

pub(crate) const fn saml(local: &'static str) -> Name {
    Name { namespace: SAML, local }
}

pub(crate) const fn md(local: &'static str) -> Name {
    Name { namespace: MD, local }
}

pub(crate) const fn ds(local: &'static str) -> Name {
    Name { namespace: DS, local }
}

pub(crate) const fn exc_c14n(local: &'static str) -> Name {
    Name { namespace: EXC_C14N, local }
}

/// The name of any element, for an error: with the usual prefix, or with its namespace.
pub(crate) fn qualified(node: Node<'_, '_>) -> Excerpt {
    let local = node.tag_name().name();
    match node.tag_name().namespace() {
        None | Some("") => Excerpt::of(local),
        Some(namespace) => match usual_prefix(namespace) {
            Some(prefix) => Excerpt::of(&format!("{prefix}:{local}")),
            None => Excerpt::of(&format!("{{{namespace}}}{local}")),
        },
    }
}

fn usual_prefix(namespace: &str) -> Option<&'static str> {
    match namespace {
        SAMLP => Some("samlp"),
        SAML => Some("saml"),
        MD => Some("md"),
        DS => Some("ds"),
        EXC_C14N => Some("ec"),
        _ => None,
    }
}
