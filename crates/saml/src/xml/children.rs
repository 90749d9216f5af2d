//! [`Children`]: an exact list of element children, in order.

use roxmltree::Node;

use super::name::{Name, qualified};
use crate::excerpt::Excerpt;

/// An element whose children or attributes are others than SAML's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShapeError {
    /// A child that does not belong there.
    UnexpectedElement { parent: Excerpt, found: Excerpt },
    /// A child that must be there is not.
    MissingElement { parent: Excerpt, expected: Name },
    /// Text between elements, or an element in a text.
    MixedContent { element: Excerpt },
    /// An attribute that must be there is not.
    MissingAttribute { element: Excerpt, attribute: &'static str },
}

/// Takes the children of an element one by one, each by its name.
#[derive(Debug)]
pub(crate) struct Children<'a> {
    parent: Node<'a, 'a>,
    next: Option<Node<'a, 'a>>,
}

impl<'a> Children<'a> {
    /// The children of an element that has no text other than white space.
    pub(crate) fn of(parent: Node<'a, 'a>) -> Result<Self, ShapeError> {
        let is_blank = |node: Node<'_, '_>| {
            let text = node.text().unwrap_or_default();
            text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        };
        if parent.children().all(|node| node.is_element() || (node.is_text() && is_blank(node))) {
            Ok(Self { parent, next: parent.first_element_child() })
        } else {
            Err(ShapeError::MixedContent { element: qualified(parent) })
        }
    }

    /// The next child, which has this name.
    pub(crate) fn required(&mut self, name: Name) -> Result<Node<'a, 'a>, ShapeError> {
        match self.optional(name) {
            Some(node) => Ok(node),
            None => {
                Err(ShapeError::MissingElement { parent: qualified(self.parent), expected: name })
            }
        }
    }

    /// The next child if it has this name.
    pub(crate) fn optional(&mut self, name: Name) -> Option<Node<'a, 'a>> {
        let node = self.next.filter(|node| name.is(*node))?;
        self.next = node.next_sibling_element();
        Some(node)
    }

    /// All that follow and have this name.
    pub(crate) fn many(&mut self, name: Name) -> Vec<Node<'a, 'a>> {
        std::iter::from_fn(|| self.optional(name)).collect()
    }

    /// The next child, whatever it is.
    pub(crate) fn peek(&self) -> Option<Node<'a, 'a>> {
        self.next
    }

    /// Nothing else stands there.
    pub(crate) fn end(self) -> Result<(), ShapeError> {
        match self.next {
            None => Ok(()),
            Some(node) => Err(ShapeError::UnexpectedElement {
                parent: qualified(self.parent),
                found: qualified(node),
            }),
        }
    }
}

/// The text of an element that holds nothing else.
pub(crate) fn text<'a>(element: Node<'a, 'a>) -> Result<&'a str, ShapeError> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (None, None) => Ok(""),
        (Some(only), None) if only.is_text() => Ok(only.text().unwrap_or_default()),
        _ => Err(ShapeError::MixedContent { element: qualified(element) }),
    }
}

/// An attribute without a namespace that must be there.
pub(crate) fn attribute<'a>(
    element: Node<'a, 'a>,
    name: &'static str,
) -> Result<&'a str, ShapeError> {
    element.attribute(name).ok_or_else(|| ShapeError::MissingAttribute {
        element: qualified(element),
        attribute: name,
    })
}
