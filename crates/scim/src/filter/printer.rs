//! Filters as text: what is printed parses to the same filter.

use std::fmt::{self, Display};

use super::{Comparison, Filter, FilterValue};

impl Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => join(f, terms, " and ", |term| matches!(term, Self::Or(_))),
            Self::Or(terms) => join(f, terms, " or ", |_| false),
            Self::Not(term) => write!(f, "not ({term})"),
            Self::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    word: &str,
    binds_less: fn(&Filter) -> bool,
) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        if binds_less(term) {
            write!(f, "({term})")?;
        } else {
            term.fmt(f)?;
        }
    }
    Ok(())
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

impl Display for FilterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Literals are JSON: text is escaped, and a decimal keeps its point.
        let json = match self {
            Self::String(text) => serde_json::to_string(text),
            Self::Decimal(number) => serde_json::to_string(number),
            Self::Integer(number) => return number.fmt(f),
            Self::Boolean(value) => return value.fmt(f),
            Self::Null => return f.write_str("null"),
        };
        f.write_str(&json.map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Filter,
        filter::{Limits, strategy},
    };

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(filter in strategy::filter()) {
            let limits = Limits { bytes: 1 << 20, terms: 1 << 10, ..Limits::default() };
            prop_assert_eq!(Filter::parse_with(&filter.to_string(), limits)?, filter);
        }

        #[test]
        fn any_text_is_a_filter_or_an_error(text in ".{0,80}") {
            let _ = Filter::parse(&text);
        }

        #[test]
        fn any_tokens_are_a_filter_or_an_error(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "a", "b.c", "u:a", "eq", "pr", "not", "and", "or", "(", ")", "[", "]", ".",
                    "\"x\"", "1", "true",
                ]),
                0..12,
            )
        ) {
            if let Ok(filter) = Filter::parse(&words.join(" ")) {
                prop_assert_eq!(Filter::parse(&filter.to_string())?, filter);
            }
        }
    }
}
