//! [`check`]: a walk over the tags of a document before any tree is built.
//!
//! In well-formed XML without comments, CDATA sections and processing instructions, each `<` begins
//! a tag. So the walk sees what the parser will see, and what is not well-formed the parser refuses.

use super::error::XmlError;
use crate::limit::{DEEPEST_ELEMENT, MOST_ATTRIBUTES, MOST_NAMESPACES, MOST_NODES};

/// Checks depth, counts and forbidden markup in one pass, with memory for no more than the depth.
pub(super) fn check(text: &str) -> Result<(), XmlError> {
    let mut rest = after_declaration(text)?;
    // For each open element: how many declarations of namespaces stand on it and around it.
    let mut open: Vec<usize> = Vec::new();
    let mut elements = 0;
    while let Some(at) = rest.find('<') {
        let markup = &rest[at + 1..];
        match markup.as_bytes().first() {
            Some(b'!') => return Err(forbidden(markup)),
            Some(b'?') => return Err(XmlError::ProcessingInstruction),
            Some(b'/') => {
                open.pop();
                rest = after(markup, '>')?;
            }
            _ => {
                let tag = Tag::read(markup)?;
                let declared = open.last().copied().unwrap_or_default() + tag.namespaces;
                elements += 1;
                if elements > MOST_NODES {
                    return Err(XmlError::TooManyNodes);
                }
                if declared > MOST_NAMESPACES {
                    return Err(XmlError::TooManyNamespaces);
                }
                if open.len() == DEEPEST_ELEMENT {
                    return Err(XmlError::TooDeep);
                }
                if !tag.is_empty_element {
                    open.push(declared);
                }
                rest = tag.rest;
            }
        }
    }
    Ok(())
}

/// Skips `<?xml version="1.0" encoding="UTF-8"?>`.
fn after_declaration(text: &str) -> Result<&str, XmlError> {
    let Some(declaration) = text.strip_prefix("<?xml") else { return Ok(text) };
    if !declaration.starts_with([' ', '\t', '\r', '\n']) {
        return Err(XmlError::ProcessingInstruction);
    }
    let Some((declaration, rest)) = declaration.split_once("?>") else {
        return Err(XmlError::malformed("the XML declaration does not end"));
    };
    if let Some((_, encoding)) = declaration.split_once("encoding") {
        let value = encoding.trim_start().strip_prefix('=').map(str::trim_start);
        let is_utf8 = value.is_some_and(|value| {
            let name = value.get(1..6).unwrap_or_default();
            name.eq_ignore_ascii_case("utf-8") && value.get(6..7) == value.get(0..1)
        });
        if !is_utf8 {
            return Err(XmlError::NotUtf8);
        }
    }
    Ok(rest)
}

/// What begins with `<!`.
fn forbidden(markup: &str) -> XmlError {
    if markup.starts_with("!--") {
        XmlError::Comment
    } else if markup.starts_with("![CDATA[") {
        XmlError::Cdata
    } else if markup.starts_with("!DOCTYPE") {
        XmlError::Doctype
    } else {
        XmlError::malformed("unknown markup after \"<!\"")
    }
}

fn after(text: &str, end: char) -> Result<&str, XmlError> {
    match text.split_once(end) {
        Some((_, rest)) => Ok(rest),
        None => Err(XmlError::malformed("the document ends inside of a tag")),
    }
}

/// A start tag or the tag of an empty element.
struct Tag<'a> {
    /// Declarations of namespaces on it.
    namespaces: usize,
    is_empty_element: bool,
    /// What follows it.
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads what follows `<`.
    fn read(text: &'a str) -> Result<Self, XmlError> {
        let name_end = text.find(|letter| is_blank(letter) || matches!(letter, '/' | '>'));
        let mut rest = &text[name_end.unwrap_or(text.len())..];
        let mut attributes = 0;
        let mut namespaces = 0;
        let mut has_default = false;
        loop {
            rest = rest.trim_start_matches(is_blank);
            if let Some(rest) = rest.strip_prefix("/>") {
                return Ok(Self { namespaces, is_empty_element: true, rest });
            }
            if let Some(rest) = rest.strip_prefix('>') {
                return Ok(Self { namespaces, is_empty_element: false, rest });
            }
            let attribute = Attribute::read(rest)?;
            rest = attribute.rest;
            attributes += 1;
            if attributes > MOST_ATTRIBUTES {
                return Err(XmlError::TooManyAttributes);
            }
            if attribute.name == "xmlns" {
                // The parser would take the first one.
                if std::mem::replace(&mut has_default, true) {
                    return Err(XmlError::malformed("an element has two default namespaces"));
                }
                namespaces += 1;
            } else if attribute.name.starts_with("xmlns:") {
                // Namespaces in XML 1.0 §5: a prefix cannot be taken back.
                if attribute.value.is_empty() {
                    return Err(XmlError::malformed("a prefix stands for no namespace"));
                }
                namespaces += 1;
            }
        }
    }
}

struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    rest: &'a str,
}

impl<'a> Attribute<'a> {
    /// Reads `name = "value"`.
    fn read(text: &'a str) -> Result<Self, XmlError> {
        let malformed = || XmlError::malformed("an attribute without a value in quotes");
        let (name, value) = text.split_once('=').ok_or_else(malformed)?;
        let name = name.trim_end_matches(is_blank);
        if name.is_empty() || name.contains(['<', '>', '"', '\'']) {
            return Err(malformed());
        }
        let value = value.trim_start_matches(is_blank);
        let (value, rest) = if let Some(value) = value.strip_prefix('"') {
            value.split_once('"')
        } else {
            value.strip_prefix('\'').and_then(|value| value.split_once('\''))
        }
        .ok_or_else(malformed)?;
        Ok(Self { name, value, rest })
    }
}

/// White space of XML 1.0 §2.3.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_measured_before_a_tree_is_built() {
        let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert_eq!(check(&nested(DEEPEST_ELEMENT)), Ok(()));
        assert_eq!(check(&nested(DEEPEST_ELEMENT + 1)), Err(XmlError::TooDeep));
        // Neither an empty element nor a `>` in a value changes the depth.
        let level = "<a b='>' c=\"/>\"><b/>";
        let text = format!("{}{}", level.repeat(199), "</a>".repeat(199));
        assert_eq!(check(&text), Ok(()));
        assert_eq!(check(&"<a>".repeat(100_000)), Err(XmlError::TooDeep));
    }

    #[test]
    fn what_a_parser_would_copy_is_bounded() {
        let declarations = |count: usize| -> String {
            (0..count).fold(String::new(), |all, number| all + &format!(" xmlns:p{number}='urn:p'"))
        };
        let nested = |inner: usize| {
            format!("<a{}><b{}/></a>", declarations(MOST_NAMESPACES - 4), declarations(inner))
        };
        assert_eq!(check(&nested(4)), Ok(()));
        assert_eq!(check(&nested(5)), Err(XmlError::TooManyNamespaces));
        // Those of siblings are not added up.
        let siblings = format!("<b{}/>", declarations(10)).repeat(1_000);
        assert_eq!(check(&format!("<a>{siblings}</a>")), Ok(()));
        let attributes = (0..65).fold(String::new(), |all, number| all + &format!(" a{number}=''"));
        assert_eq!(check(&format!("<a{attributes}/>")), Err(XmlError::TooManyAttributes));
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_NODES));
        assert_eq!(check(&many), Err(XmlError::TooManyNodes));
    }

    #[test]
    fn forbidden_markup_is_named() {
        for (text, expected) in [
            ("<a><!-- b --></a>", XmlError::Comment),
            ("<!-- b --><a/>", XmlError::Comment),
            ("<a/><!---->", XmlError::Comment),
            ("<a><![CDATA[b]]></a>", XmlError::Cdata),
            ("<!DOCTYPE a><a/>", XmlError::Doctype),
            ("<?xml version='1.0'?>\n<!DOCTYPE a []><a/>", XmlError::Doctype),
            ("<?b?><a/>", XmlError::ProcessingInstruction),
            ("<?xml-stylesheet href='a'?><a/>", XmlError::ProcessingInstruction),
            (" <?xml version='1.0'?><a/>", XmlError::ProcessingInstruction),
            ("<a><?b c?></a>", XmlError::ProcessingInstruction),
            ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", XmlError::NotUtf8),
            ("<?xml version='1.0' encoding='utf-7'?><a/>", XmlError::NotUtf8),
        ] {
            assert_eq!(check(text), Err(expected), "{text}");
        }
        assert_eq!(
            check("<?xml version=\"1.0\" encoding = 'utf-8' standalone='no'?>\r\n<a/>"),
            Ok(())
        );
    }

    #[test]
    fn two_default_namespaces_and_a_prefix_without_one_are_malformed() {
        for text in [
            "<a xmlns='urn:b' xmlns='urn:c'/>",
            "<a xmlns:b=''/>",
            "<a b/>",
            "<a b=c/>",
            "<a b='c/>",
            "<a b=é/>",
            "<a",
            "</a",
            "<!ELEMENT a ANY>",
            "<?xml version='1.0'",
        ] {
            assert!(matches!(check(text), Err(XmlError::Malformed { .. })), "{text}");
        }
    }
}
