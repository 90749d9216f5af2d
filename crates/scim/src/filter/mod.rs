//! Filters, RFC 7644 §3.4.2.2: parsed, printed, checked against a schema, and evaluated.
//!
//! [`Filter`] is the main type.
//!
//! ```
//! use scim::Filter;
//!
//! let filter = Filter::parse(r#"userName eq "ada" and emails[type eq "work"]"#)?;
//! assert_eq!(filter.conjuncts().len(), 2);
//! assert_eq!(filter.to_string(), r#"userName eq "ada" and emails[type eq "work"]"#);
//! # Ok::<(), scim::Error>(())
//! ```

mod check;
mod evaluate;
pub(crate) mod lexer;
pub(crate) mod parser;
mod printer;
#[cfg(test)]
pub(crate) mod strategy;
use std::slice;

use self::parser::Parser;
use crate::{AttributePath, Error, ScimType, Value, schema::ResourceSchema};

/// A condition on a resource, or on one value of a multi-valued attribute.
///
/// A filter that was parsed is *flat*: no `And` stands directly in an `And`, no `Or` in an `Or`,
/// and both have two terms or more. [`Filter::and`] and [`Filter::or`] keep it so. Printing a flat
/// filter and parsing the text gives the same filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of the terms hold.
    And(Vec<Filter>),
    /// At least one of the terms holds.
    Or(Vec<Filter>),
    /// The term does not hold.
    Not(Box<Filter>),
    /// `path op value`.
    Compare {
        /// What is compared.
        path: AttributePath,
        /// How.
        op: Comparison,
        /// With what.
        value: FilterValue,
    },
    /// `path pr`: the attribute has a value.
    Present(AttributePath),
    /// `path[filter]`: one value of the attribute satisfies the whole filter.
    ValuePath {
        /// The attribute.
        path: AttributePath,
        /// The condition on one value. Its paths name sub-attributes.
        filter: Box<Filter>,
    },
}

/// The comparison operators, RFC 7644 §3.4.2.2 table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`: equal.
    Equal,
    /// `ne`: not equal.
    NotEqual,
    /// `co`: contains.
    Contains,
    /// `sw`: starts with.
    StartsWith,
    /// `ew`: ends with.
    EndsWith,
    /// `gt`: greater than.
    Greater,
    /// `ge`: greater than or equal.
    GreaterOrEqual,
    /// `lt`: less than.
    Less,
    /// `le`: less than or equal.
    LessOrEqual,
}

impl Comparison {
    const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// The operator as it stands in a filter.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// The operator with this keyword, in any case.
    pub(crate) fn from_keyword(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.keyword().eq_ignore_ascii_case(text))
    }

    /// Whether the operator asks for a part of a text: `co`, `sw`, `ew`.
    fn is_partial(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    /// Whether the operator asks for an order: `gt`, `ge`, `lt`, `le`.
    fn is_order(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }
}

/// The literal on the right of a comparison: a JSON value that is neither array nor object.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterValue {
    /// Text in double quotes.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, or beyond 64 bits. Always finite.
    Decimal(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`: `eq null` asks for attributes without a value.
    Null,
}

impl From<&FilterValue> for Value {
    fn from(literal: &FilterValue) -> Self {
        match literal {
            FilterValue::String(text) => Self::String(text.clone()),
            FilterValue::Integer(number) => Self::Integer(*number),
            FilterValue::Decimal(number) => Self::Decimal(*number),
            FilterValue::Boolean(value) => Self::Boolean(*value),
            FilterValue::Null => Self::Null,
        }
    }
}

/// Comparisons in one filter. Each may cost a search of an index.
pub(crate) const MOST_TERMS: usize = 64;

/// How much a filter or a path may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Parentheses and brackets inside each other.
    pub depth: usize,
    /// Comparisons.
    pub terms: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 8192, depth: 32, terms: MOST_TERMS }
    }
}

impl Filter {
    /// Reads a filter under the default [`Limits`].
    ///
    /// # Errors
    ///
    /// As [`Filter::parse_with`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, Limits::default())
    }

    /// Reads a filter in one pass: the time depends on the length of the text alone.
    ///
    /// `emails[type eq "work"].value eq "x"`, which is not in the grammar but which Entra sends,
    /// is read as `emails[type eq "work" and value eq "x"]`.
    ///
    /// # Errors
    ///
    /// `invalidFilter` with the position (in bytes, from 1) where the text is not a filter or is
    /// over a limit.
    pub fn parse_with(text: &str, limits: Limits) -> Result<Self, Error> {
        let parse = || {
            let mut parser = Parser::new(text, limits)?;
            let filter = parser.filter()?;
            parser.end("and, or, or the end of the filter")?;
            Ok(filter)
        };
        parse().map_err(|fault: lexer::Fault| fault.into_error(ScimType::InvalidFilter, "Filter"))
    }

    /// This filter and the other one, flat.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut terms) => {
                terms.extend(other.into_conjuncts());
                Self::And(terms)
            }
            one => Self::And(vec![one]).and(other),
        }
    }

    /// This filter or the other one, flat.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Or(mut terms) => {
                terms.extend(other.into_disjuncts());
                Self::Or(terms)
            }
            one => Self::Or(vec![one]).or(other),
        }
    }

    /// The filters that must all hold: the terms of an `And`, or the filter itself.
    ///
    /// A query planner may use any of them to narrow a search, and evaluate the whole after.
    #[must_use]
    pub fn conjuncts(&self) -> &[Filter] {
        match self {
            Self::And(terms) => terms,
            one => slice::from_ref(one),
        }
    }

    /// The filters of which one must hold: the terms of an `Or`, or the filter itself.
    #[must_use]
    pub fn disjuncts(&self) -> &[Filter] {
        match self {
            Self::Or(terms) => terms,
            one => slice::from_ref(one),
        }
    }

    /// What is compared with what, where the filter is one `eq` with a value other than `null`.
    #[must_use]
    pub fn as_equality(&self) -> Option<(&AttributePath, &FilterValue)> {
        match self {
            Self::Compare { path, op: Comparison::Equal, value } if *value != FilterValue::Null => {
                Some((path, value))
            }
            _ => None,
        }
    }

    /// The names under which a resource has what the filter looks at: core attributes, and URNs of
    /// extensions. With these alone it comes to the same.
    #[must_use]
    pub fn top_level_names(&self, schema: &ResourceSchema) -> Vec<String> {
        let mut names = Vec::new();
        self.gather_names(schema, &mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn gather_names(&self, schema: &ResourceSchema, names: &mut Vec<String>) {
        match self {
            Self::And(terms) | Self::Or(terms) => {
                for term in terms {
                    term.gather_names(schema, names);
                }
            }
            Self::Not(term) => term.gather_names(schema, names),
            Self::Present(path) | Self::Compare { path, .. } | Self::ValuePath { path, .. } => {
                names.extend(schema.resolve(path).map(|target| target.top_level_name().to_owned()));
            }
        }
    }

    /// Whether a condition names this core attribute on the resource, at any depth: tells a
    /// server whether it must gather an attribute that is costly, such as the groups of a user.
    #[must_use]
    pub fn mentions(&self, attribute: &str) -> bool {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().any(|term| term.mentions(attribute)),
            Self::Not(term) => term.mentions(attribute),
            Self::Compare { path, .. } | Self::Present(path) | Self::ValuePath { path, .. } => {
                path.name == attribute
            }
        }
    }

    /// How many conditions there are: what it costs to evaluate the filter once.
    pub(crate) fn terms(&self) -> usize {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().map(Self::terms).sum(),
            Self::Not(term) | Self::ValuePath { filter: term, .. } => term.terms(),
            Self::Compare { .. } | Self::Present(_) => 1,
        }
    }

    fn into_conjuncts(self) -> Vec<Self> {
        match self {
            Self::And(terms) => terms,
            one => vec![one],
        }
    }

    fn into_disjuncts(self) -> Vec<Self> {
        match self {
            Self::Or(terms) => terms,
            one => vec![one],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn parse(text: &str) -> Filter {
        Filter::parse(text).expect("a filter")
    }

    #[test]
    fn a_planner_sees_conjuncts_and_equalities() {
        let filter = parse(r#"userName eq "a" and (active eq true or title pr)"#);
        let [name, rest] = filter.conjuncts() else { panic!("two terms") };
        assert_eq!(name.as_equality().expect("eq").0.name, "username");
        assert_eq!(rest.disjuncts().len(), 2);
        assert!(rest.as_equality().is_none());
        assert!(parse("title eq null").as_equality().is_none());
    }

    #[test]
    fn joining_keeps_filters_flat() {
        let [a, b, c] = ["a pr", "b pr", "c pr"].map(parse);
        assert_eq!(a.clone().and(b.clone().and(c.clone())), parse("a pr and b pr and c pr"));
        assert_eq!(a.clone().or(b.clone()).or(c.clone()), parse("a pr or (b pr or c pr)"));
        assert_eq!(a.and(b.or(c)), parse("a pr and (b pr or c pr)"));
    }

    #[test]
    fn mentions_looks_at_the_resource_and_not_into_brackets() {
        let filter = parse(r#"not (title pr) or emails[groups eq "x"]"#);
        assert!(filter.mentions("TITLE") && filter.mentions("emails"));
        assert!(!filter.mentions("groups"));
    }
}
