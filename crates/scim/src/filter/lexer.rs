//! [`Lexer`]: a filter or a path as tokens.

use crate::{Error, ScimType, error::quoted};

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Bytes before it.
    at: usize,
    message: String,
}

impl Fault {
    /// A fault at this place. The message goes on after "position 7: ".
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The sentence for the administrator. Positions count from 1.
    pub(crate) fn into_error(self, scim_type: ScimType, what: &str) -> Error {
        Error::new(scim_type, format!("{what}, position {}: {}.", self.at + 1, self.message))
    }
}

/// One token and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    /// The token as it was written.
    pub(crate) raw: &'t str,
    /// Bytes before it.
    pub(crate) at: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// An attribute path, an operator or a keyword: only the place tells which.
    Word,
    /// Text in double quotes, with its escapes resolved.
    String(String),
    /// Digits and what may stand between them.
    Number,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    /// The dot between `]` and a sub-attribute. Other dots are parts of words.
    Dot,
    End,
}

impl Token<'_> {
    /// Whether the token is this keyword. RFC 7644 §3.4.2.2: case does not count.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.raw.eq_ignore_ascii_case(keyword)
    }

    /// The fault that something else was expected here.
    pub(crate) fn instead_of(&self, expected: &str) -> Fault {
        let found = match self.kind {
            Kind::End => "the end".to_owned(),
            _ => quoted(self.raw),
        };
        Fault::new(self.at, format!("expected {expected}, found {found}"))
    }
}

/// Cuts a text into tokens, one at a time, looking at each byte once.
#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    /// A lexer at the beginning of the text.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; [`Kind::End`] for ever after the last.
    pub(crate) fn next(&mut self) -> Result<Token<'t>, Fault> {
        let rest = self.text[self.at..].trim_ascii_start();
        let at = self.text.len() - rest.len();
        let (kind, length) = match rest.bytes().next() {
            None => (Kind::End, 0),
            Some(b'(') => (Kind::OpenParenthesis, 1),
            Some(b')') => (Kind::CloseParenthesis, 1),
            Some(b'[') => (Kind::OpenBracket, 1),
            Some(b']') => (Kind::CloseBracket, 1),
            Some(b'.') => (Kind::Dot, 1),
            Some(b'"') => string(rest).map_err(|message| Fault::new(at, message))?,
            Some(b'-' | b'0'..=b'9') => (Kind::Number, run(rest, is_number)),
            Some(byte) if is_word(byte) => (Kind::Word, run(rest, is_word)),
            Some(_) => {
                let odd: String = rest.chars().take(1).collect();
                return Err(Fault::new(at, format!("{} has no meaning here", quoted(&odd))));
            }
        };
        self.at = at + length;
        Ok(Token { kind, raw: &rest[..length], at })
    }
}

fn run(text: &str, belongs: fn(u8) -> bool) -> usize {
    text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len())
}

/// Attribute names of RFC 7643 §2.1, the `$` of `$ref`, and what joins them to URNs and
/// sub-attributes. The slash is for schemas that are named by a web address.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:$/".contains(&byte)
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-+.".contains(&byte)
}

/// A JSON string (RFC 8259 §7) at the beginning of the text, and its length with both quotes.
fn string(text: &str) -> Result<(Kind, usize), &'static str> {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    let length = end.ok_or("this text has no closing quote")? + 2;
    // The JSON reader knows the escapes, and refuses lone surrogates and control characters.
    let value: String = serde_json::from_str(&text[..length])
        .map_err(|_| "this text is not a JSON string; a backslash is written twice")?;
    if value.contains('\0') {
        return Err("this text holds the character U+0000");
    }
    Ok((Kind::String(value), length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Kind, Lexer};

    fn text(source: &str) -> Option<String> {
        match Lexer::new(source).next().ok()?.kind {
            Kind::String(value) => Some(value),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tokens_know_where_they_begin() {
        let mut lexer = Lexer::new("  a.b[ c]");
        let mut seen = Vec::new();
        loop {
            let token = lexer.next().expect("a token");
            seen.push((token.at, token.raw));
            if token.kind == Kind::End {
                break;
            }
        }
        assert_eq!(seen, [(2, "a.b"), (5, "["), (7, "c"), (8, "]"), (9, "")]);
    }

    #[test]
    fn strings_resolve_their_escapes() {
        assert_eq!(text(r#""a\"b\\\/\n\u00e9\ud83d\ude00""#).as_deref(), Some("a\"b\\/\né😀"));
        assert_eq!(text(r#""" rest"#).as_deref(), Some(""));
        for broken in [r#""a"#, r#""a\""#, r#""\ud83d""#, r#""\ude00""#, r#""\u0000""#, r#""\x""#] {
            assert_eq!(text(broken), None, "{broken}");
        }
        assert_eq!(text("\"a\u{1}\""), None);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in ".{0,80}") {
            let mut lexer = Lexer::new(&text);
            for _ in 0..=text.len() {
                match lexer.next() {
                    Ok(token) if token.kind != Kind::End => {}
                    _ => return Ok(()),
                }
            }
            prop_assert!(false, "more tokens than bytes");
        }
    }
}
