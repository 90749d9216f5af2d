//! Exclusive XML canonicalization 1.0, without comments (<https://www.w3.org/TR/xml-exc-c14n/>).
//!
//! ```
//! let document = roxmltree::Document::parse("<b:a xmlns:b='urn:b' xmlns:c='urn:c' z='1' y='2'/>")?;
//! let text = saml::canonical::exclusive(document.root_element(), None, &[]);
//! assert_eq!(text, r#"<b:a xmlns:b="urn:b" y="2" z="1"></b:a>"#);
//! # Ok::<(), roxmltree::Error>(())
//! ```

use roxmltree::{Attribute, Node, NodeId};

/// The canonical form of an element with all that it holds, `omitted` aside: the enveloped
/// signature. `inclusive` is the `PrefixList`: prefixes that are declared where they are in scope,
/// whether or not a name uses them; `#default` stands for the default namespace.
///
/// It descends as deep as the tree is; a tree of unbounded depth is not for this function.
#[must_use]
pub fn exclusive(apex: Node<'_, '_>, omitted: Option<NodeId>, inclusive: &[&str]) -> String {
    let inclusive: Vec<&str> =
        inclusive.iter().map(|prefix| if *prefix == "#default" { "" } else { *prefix }).collect();
    let length = apex.range().len();
    let mut writer = Writer {
        text: String::with_capacity(length + length / 4),
        omitted,
        inclusive: &inclusive,
        rendered: Vec::new(),
    };
    writer.element(apex);
    writer.text
}

struct Writer<'s, 'a> {
    text: String,
    omitted: Option<NodeId>,
    inclusive: &'s [&'a str],
    /// Prefix and namespace as the elements around declare them in the output, the nearest last.
    rendered: Vec<(&'a str, &'a str)>,
}

impl<'a> Writer<'_, 'a> {
    fn element<'i: 'a>(&mut self, node: Node<'a, 'i>) {
        let outside = self.rendered.len();
        let name = name_at(node, node.range().start + 1);
        self.text.push('<');
        self.text.push_str(name);
        self.declarations(node, prefix(name));
        self.attributes(node);
        self.text.push('>');
        for child in node.children() {
            if self.omitted == Some(child.id()) {
                continue;
            }
            if child.is_element() {
                self.element(child);
            } else if let Some(instruction) = child.pi() {
                self.text.push_str("<?");
                self.text.push_str(instruction.target);
                if let Some(value) = instruction.value {
                    self.text.push(' ');
                    self.text.push_str(value);
                }
                self.text.push_str("?>");
            } else if child.is_text() {
                push_text(&mut self.text, child.text().unwrap_or_default());
            }
        }
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
        self.rendered.truncate(outside);
    }

    /// Declares what the element and its attributes use and what is to be included, unless an
    /// element around it in the output declares the same.
    fn declarations<'i: 'a>(&mut self, node: Node<'a, 'i>, own: &'a str) {
        let outside = self.rendered.len();
        let used = node
            .attributes()
            .map(|attribute| prefix(name_at(node, attribute.range().start)))
            .filter(|prefix| !prefix.is_empty());
        let inclusive = self.inclusive.iter().copied();
        for prefix in std::iter::once(own).chain(used).chain(inclusive) {
            // "" where no default namespace is declared. No prefix stands for "".
            let key = Some(prefix).filter(|prefix| !prefix.is_empty());
            let namespace = node.lookup_namespace_uri(key).unwrap_or_default();
            let declared = self.rendered.iter().rev().find(|(known, _)| *known == prefix);
            let declared = declared.map_or("", |(_, namespace)| *namespace);
            if prefix != "xml" && namespace != declared {
                self.rendered.push((prefix, namespace));
            }
        }
        self.rendered[outside..].sort_unstable();
        for (prefix, namespace) in &self.rendered[outside..] {
            self.text.push_str(" xmlns");
            if !prefix.is_empty() {
                self.text.push(':');
                self.text.push_str(prefix);
            }
            self.text.push_str("=\"");
            push_value(&mut self.text, namespace);
            self.text.push('"');
        }
    }

    fn attributes<'i: 'a>(&mut self, node: Node<'a, 'i>) {
        let mut attributes: Vec<Attribute<'a, 'i>> = node.attributes().collect();
        attributes
            .sort_by_key(|attribute| (attribute.namespace().unwrap_or_default(), attribute.name()));
        for attribute in attributes {
            self.text.push(' ');
            self.text.push_str(name_at(node, attribute.range().start));
            self.text.push_str("=\"");
            push_value(&mut self.text, attribute.value());
            self.text.push('"');
        }
    }
}

/// The name that begins at a byte of the document, with its prefix. The tree keeps no prefixes, and
/// the canonical form has those of the document.
fn name_at<'a, 'i: 'a>(node: Node<'a, 'i>, start: usize) -> &'a str {
    let text = &node.document().input_text()[start..];
    let end = text.find([' ', '\t', '\r', '\n', '=', '/', '>']);
    &text[..end.unwrap_or(text.len())]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Writes text between tags as the canonical form has it.
pub fn push_text(into: &mut String, text: &str) {
    push(into, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Writes the value of an attribute as the canonical form has it, without its quotes.
pub fn push_value(into: &mut String, value: &str) {
    push(into, value, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Copies a text, with a reference in place of some ASCII characters.
fn push(into: &mut String, text: &str, reference: fn(u8) -> Option<&'static str>) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            into.push_str(&text[copied..at]);
            into.push_str(reference);
            copied = at + 1;
        }
    }
    into.push_str(&text[copied..]);
}
