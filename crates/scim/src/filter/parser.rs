//! [`Parser`]: tokens to a [`Filter`] or a path, by recursive descent with one token in hand.

use super::{
    Comparison, Filter, FilterValue, Limits,
    lexer::{Fault, Kind, Lexer, Token},
};
use crate::{AttributePath, Name};

/// Reads the grammar of RFC 7644 §3.4.2.2 figure 1. `not` binds closest, then `and`, then `or`.
///
/// The stack cannot run out: every recursion passes through [`Parser::deeper`].
#[derive(Debug)]
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token<'t>,
    limits: Limits,
    depth: usize,
    terms: usize,
    in_brackets: bool,
}

impl<'t> Parser<'t> {
    /// A parser at the first token.
    pub(crate) fn new(text: &'t str, limits: Limits) -> Result<Self, Fault> {
        if text.len() > limits.bytes {
            let message = format!("the text is longer than {} bytes", limits.bytes);
            return Err(Fault::new(limits.bytes, message));
        }
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        Ok(Self { lexer, token, limits, depth: 0, terms: 0, in_brackets: false })
    }

    /// `FILTER`: terms of `or`.
    pub(crate) fn filter(&mut self) -> Result<Filter, Fault> {
        let mut filter = self.conjunction()?;
        while self.take_keyword("or")? {
            filter = filter.or(self.conjunction()?);
        }
        Ok(filter)
    }

    /// Makes sure that nothing follows.
    pub(crate) fn end(&self, expected: &str) -> Result<(), Fault> {
        match self.token.kind {
            Kind::End => Ok(()),
            _ => Err(self.token.instead_of(expected)),
        }
    }

    /// `attrPath`.
    pub(crate) fn attribute_path(&mut self) -> Result<AttributePath, Fault> {
        let path = match self.token.kind {
            Kind::Word => AttributePath::from_word(self.token.raw),
            _ => None,
        };
        let path = path.ok_or_else(|| self.token.instead_of("the name of an attribute"))?;
        self.advance()?;
        Ok(path)
    }

    /// `[ valFilter ]`, where it follows the path.
    pub(crate) fn selector(&mut self, path: &AttributePath) -> Result<Option<Filter>, Fault> {
        if self.token.kind != Kind::OpenBracket {
            return Ok(None);
        }
        if self.in_brackets {
            return Err(Fault::new(self.token.at, "brackets cannot stand in brackets"));
        }
        if path.sub.is_some() {
            let message = "brackets follow an attribute, not a sub-attribute";
            return Err(Fault::new(self.token.at, message));
        }
        self.advance()?;
        self.in_brackets = true;
        let filter = self.deeper(Self::filter)?;
        self.in_brackets = false;
        self.take(&Kind::CloseBracket, "and, or, or a closing bracket")?;
        Ok(Some(filter))
    }

    /// `.sub`, where it follows a closing bracket.
    pub(crate) fn sub_attribute(&mut self) -> Result<Option<Name>, Fault> {
        if self.token.kind != Kind::Dot {
            return Ok(None);
        }
        self.advance()?;
        let at = self.token.clone();
        match self.attribute_path()? {
            AttributePath { schema: None, name, sub: None } => Ok(Some(name)),
            _ => Err(at.instead_of("the name of a sub-attribute")),
        }
    }

    fn conjunction(&mut self) -> Result<Filter, Fault> {
        let mut filter = self.term()?;
        while self.take_keyword("and")? {
            filter = filter.and(self.term()?);
        }
        Ok(filter)
    }

    /// A group, a negated group, a value path or one comparison.
    fn term(&mut self) -> Result<Filter, Fault> {
        if self.token.kind == Kind::OpenParenthesis {
            return self.group();
        }
        if self.token.is("not") {
            self.advance()?;
            return Ok(Filter::Not(Box::new(self.group()?)));
        }
        let path = self.attribute_path()?;
        let Some(selector) = self.selector(&path)? else {
            return self.condition(path);
        };
        let filter = match self.sub_attribute()? {
            None => selector,
            Some(sub) => selector.and(self.condition(AttributePath::of(sub))?),
        };
        Ok(Filter::ValuePath { path, filter: Box::new(filter) })
    }

    fn group(&mut self) -> Result<Filter, Fault> {
        self.take(&Kind::OpenParenthesis, "an opening parenthesis")?;
        let filter = self.deeper(Self::filter)?;
        self.take(&Kind::CloseParenthesis, "and, or, or a closing parenthesis")?;
        Ok(filter)
    }

    /// What follows the path: `pr`, or an operator and a literal.
    fn condition(&mut self, path: AttributePath) -> Result<Filter, Fault> {
        self.terms += 1;
        if self.terms > self.limits.terms {
            let message = format!("more than {} comparisons in one filter", self.limits.terms);
            return Err(Fault::new(self.token.at, message));
        }
        if self.take_keyword("pr")? {
            return Ok(Filter::Present(path));
        }
        let op = match self.token.kind {
            Kind::Word => Comparison::from_keyword(self.token.raw),
            _ => None,
        };
        let op = op.ok_or_else(|| self.token.instead_of("an operator such as eq"))?;
        self.advance()?;
        Ok(Filter::Compare { path, op, value: self.literal()? })
    }

    fn literal(&mut self) -> Result<FilterValue, Fault> {
        let literal = match &self.token.kind {
            Kind::String(text) => Some(FilterValue::String(text.clone())),
            Kind::Number => number(self.token.raw),
            Kind::Word => keyword(&self.token),
            _ => None,
        };
        let expected = "a value: text in double quotes, a number, true, false or null";
        let literal = literal.ok_or_else(|| self.token.instead_of(expected))?;
        self.advance()?;
        Ok(literal)
    }

    fn deeper<T>(&mut self, read: fn(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == self.limits.depth {
            let message = format!("more than {} levels of parentheses", self.limits.depth);
            return Err(Fault::new(self.token.at, message));
        }
        self.depth += 1;
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    fn take(&mut self, kind: &Kind, expected: &str) -> Result<(), Fault> {
        if self.token.kind != *kind {
            return Err(self.token.instead_of(expected));
        }
        self.advance()
    }

    fn take_keyword(&mut self, keyword: &str) -> Result<bool, Fault> {
        let found = self.token.is(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn advance(&mut self) -> Result<(), Fault> {
        self.token = self.lexer.next()?;
        Ok(())
    }
}

/// A JSON number, RFC 8259 §6. The JSON reader knows the form and the range; the last digit of a
/// decimal is better kept by the standard library.
fn number(text: &str) -> Option<FilterValue> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    match number.as_i64() {
        Some(whole) => Some(FilterValue::Integer(whole)),
        None => text.parse().ok().map(FilterValue::Decimal),
    }
}

fn keyword(token: &Token<'_>) -> Option<FilterValue> {
    [
        ("true", FilterValue::Boolean(true)),
        ("false", FilterValue::Boolean(false)),
        ("null", FilterValue::Null),
    ]
    .into_iter()
    .find_map(|(keyword, literal)| token.is(keyword).then_some(literal))
}

#[cfg(test)]
mod tests {
    use crate::{
        Filter, ScimType,
        filter::{Comparison, FilterValue, Limits},
    };

    fn printed(text: &str) -> String {
        Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
    }

    fn refused(text: &str) -> String {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.scim_type(), ScimType::InvalidFilter);
        error.detail().to_owned()
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let same = [
            r#"userName eq "bjensen""#,
            r#"name.familyName co "O'Malley""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
            "title pr",
            r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
            r#"title pr and userType eq "Employee""#,
            r#"title pr or userType eq "Intern""#,
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            r#"userType eq "Employee" and (emails co "a.com" or emails.value co "b.org")"#,
            r#"userType ne "Employee" and not (emails co "a.com" or emails.value co "b.org")"#,
            r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
            r#"emails[type eq "work" and value co "@a"] or ims[type eq "xmpp" and value co "@b"]"#,
        ];
        for text in same {
            assert_eq!(printed(text), text);
        }
    }

    #[test]
    fn keywords_ignore_case() {
        assert_eq!(
            printed("NOT (a EQ True) AND b Pr OR c nE NULL"),
            "not (a eq true) and b pr or c ne null"
        );
    }

    #[test]
    fn and_binds_closer_than_or() {
        let filter = Filter::parse("a pr or b pr and c pr or d pr").expect("a filter");
        let [_, middle, _] = filter.disjuncts() else { panic!("three terms") };
        assert_eq!(middle.to_string(), "b pr and c pr");
        assert_eq!(printed("((a pr)) and (b pr and (c pr))"), "a pr and b pr and c pr");
    }

    #[test]
    fn literals_keep_their_type() {
        let value = |text: &str| match Filter::parse(&format!("a eq {text}")) {
            Ok(Filter::Compare { op: Comparison::Equal, value, .. }) => Some(value),
            Ok(other) => panic!("{other:?}"),
            Err(_) => None,
        };
        assert_eq!(value("-7"), Some(FilterValue::Integer(-7)));
        assert_eq!(value("1.5e1"), Some(FilterValue::Decimal(15.0)));
        assert_eq!(value("false"), Some(FilterValue::Boolean(false)));
        assert_eq!(value(r#""\u0041""#), Some(FilterValue::String("A".to_owned())));
        for broken in ["007", "1.", "+1", "1e999", "0x10", "bob", "-", "'a'"] {
            assert_eq!(value(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_sub_attribute_after_brackets_joins_the_selector() {
        assert_eq!(
            printed(r#"emails[type eq "work" or primary eq true].value eq "x""#),
            r#"emails[(type eq "work" or primary eq true) and value eq "x"]"#
        );
        assert_eq!(printed(r#"emails[type eq "work"].value pr"#), {
            r#"emails[type eq "work" and value pr]"#
        });
    }

    #[test]
    fn faults_name_the_position_and_what_was_expected() {
        assert_eq!(
            refused(r#"userName xx "a""#),
            r#"Filter, position 10: expected an operator such as eq, found "xx"."#
        );
        assert_eq!(
            refused("userName eq bob"),
            "Filter, position 13: expected a value: text in double quotes, a number, true, false \
             or null, found \"bob\"."
        );
        assert_eq!(
            refused(r#"userName eq "a" userName"#),
            "Filter, position 17: expected and, or, or the end of the filter, found \"userName\"."
        );
        assert_eq!(
            refused("(a pr"),
            "Filter, position 6: expected and, or, or a closing parenthesis, found the end."
        );
        assert_eq!(
            refused(""),
            "Filter, position 1: expected the name of an attribute, found the end."
        );
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for text in [
            "a",
            "a eq",
            "not a pr",
            "a pr and",
            "and a pr",
            "()",
            "a[]",
            "a[b pr",
            "a[b[c pr]]",
            "a.b[c pr]",
            "a[b pr].c",
            "a[b pr].c.d pr",
            "a pr]",
            "a.b.c pr",
            "1a pr",
            "a pr; b pr",
            "a eq \u{201c}x\u{201d}",
        ] {
            refused(text);
        }
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| format!("{}a pr{}", "not(".repeat(depth), ")".repeat(depth));
        assert!(Filter::parse(&nested(32)).is_ok());
        assert!(refused(&nested(33)).contains("32 levels"));
        assert!(refused(&"not(".repeat(2048)).contains("32 levels"));
        assert!(refused(&"(".repeat(8192)).contains("32 levels"));

        let terms = |count: usize| vec!["a pr"; count].join(" or ");
        assert!(Filter::parse(&terms(64)).is_ok());
        assert!(refused(&terms(65)).contains("64 comparisons"));
        assert!(refused(&format!("a eq \"{}\"", "x".repeat(8192))).contains("8192 bytes"));
        let generous = Limits { terms: 100, ..Limits::default() };
        assert!(Filter::parse_with(&terms(100), generous).is_ok());
    }
}
