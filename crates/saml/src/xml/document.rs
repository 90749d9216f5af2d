//! [`parse`]: from bytes to the one tree.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use roxmltree::{Document, Error, ParsingOptions};

use super::{error::XmlError, scan};
use crate::limit::MOST_NODES;

/// Builds the tree of a text that keeps the limits.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    scan::check(text)?;
    let nodes_limit = u32::try_from(MOST_NODES).unwrap_or(u32::MAX);
    // No DTD, and so no entities beyond the five of XML.
    let options = ParsingOptions { allow_dtd: false, nodes_limit, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|error| match error {
        Error::NodesLimitReached => XmlError::TooManyNodes,
        Error::DtdDetected => XmlError::Doctype,
        error => XmlError::malformed(&error.to_string()),
    })
}

/// Text of at most so many bytes, without the byte order mark that some files begin with.
pub(crate) fn utf8(bytes: &[u8], most: usize) -> Result<&str, XmlError> {
    if bytes.len() > most {
        return Err(XmlError::TooLarge { most });
    }
    let text = str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Base64 of RFC 4648 §4 with its padding, once ASCII white space is taken out.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(dense).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_strict() {
        assert_eq!(decode_base64(" aGk\r\n=\t").as_deref(), Some(b"hi".as_slice()));
        for text in ["aGk", "aGl=", "aGk-", "aGk=aGk=", "aG\u{a0}k=", "aGk==", "a%47k="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }

    #[test]
    fn an_entity_is_not_resolved() {
        assert!(matches!(parse("<a>&b;</a>"), Err(XmlError::Malformed { .. })));
        let document = parse("<a>&lt;&#98;&amp;</a>").unwrap();
        assert_eq!(document.root_element().text(), Some("<b&"));
    }

    #[test]
    fn utf8_loses_its_mark_and_nothing_else() {
        assert_eq!(utf8("\u{feff}<a/>".as_bytes(), 100), Ok("<a/>"));
        assert_eq!(utf8(b"<\0a\0/\0>\0\xff", 100), Err(XmlError::NotUtf8));
        assert_eq!(utf8(b"<a/>", 3), Err(XmlError::TooLarge { most: 3 }));
    }
}
