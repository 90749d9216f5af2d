//! [`XmlError`]: a document that is not looked into.

use crate::{
    excerpt::Excerpt,
    limit::{DEEPEST_ELEMENT, MOST_ATTRIBUTES, MOST_NAMESPACES, MOST_NODES},
};

/// A document that is larger, deeper or of another form than what identity providers send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// Too many bytes.
    #[error(
        "the document is larger than {most} bytes; let the provider send fewer attributes or groups"
    )]
    TooLarge {
        /// How many there may be.
        most: usize,
    },
    /// Not UTF-8, or declared to be something else.
    #[error("the document is not in UTF-8")]
    NotUtf8,
    /// Elements too far inside of one another.
    #[error("elements are nested more than {DEEPEST_ELEMENT} deep")]
    TooDeep,
    /// Too many elements and texts.
    #[error(
        "the document has more than {MOST_NODES} nodes; let the provider send fewer attributes or groups"
    )]
    TooManyNodes,
    /// Too many attributes on one element.
    #[error("an element has more than {MOST_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// Too many declarations of namespaces.
    #[error("an element stands under more than {MOST_NAMESPACES} declarations of namespaces")]
    TooManyNamespaces,
    /// A document type declaration, the home of entities.
    #[error("the document has a DOCTYPE, which SAML does not allow")]
    Doctype,
    /// A comment.
    #[error(
        "the document has a comment; comments are refused, since they can hide part of a value"
    )]
    Comment,
    /// A processing instruction.
    #[error("the document has a processing instruction, which no identity provider sends")]
    ProcessingInstruction,
    /// A CDATA section.
    #[error("the document has a CDATA section, which no identity provider sends")]
    Cdata,
    /// Not well-formed.
    #[error("the document is not well-formed XML: {detail}")]
    Malformed {
        /// What the parser says.
        detail: Excerpt,
    },
}

impl XmlError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "message_too_large",
            Self::NotUtf8 => "not_utf8",
            Self::TooDeep => "too_deep",
            Self::TooManyNodes => "too_many_nodes",
            Self::TooManyAttributes => "too_many_attributes",
            Self::TooManyNamespaces => "too_many_namespaces",
            Self::Doctype => "doctype",
            Self::Comment => "comment",
            Self::ProcessingInstruction => "processing_instruction",
            Self::Cdata => "cdata",
            Self::Malformed { .. } => "malformed_xml",
        }
    }

    pub(super) fn malformed(detail: &str) -> Self {
        Self::Malformed { detail: Excerpt::of(detail) }
    }
}
