//! [`filter`]: RFC 7644 §3.4.2.2.

use scim::{
    Filter, Notes, ScimType,
    filter::{FilterValue, Limits},
};

use crate::{refused, resource::samples};

/// A filter is refused with a position, or is within its limits, prints to what parses to it, and
/// gives the same answer about a resource each time.
pub fn filter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => return refused(&error, ScimType::InvalidFilter),
    };
    bounded(&filter, text.len());
    let printed = filter.to_string();
    assert_eq!(reparsed(&printed), filter, "{printed:?} came of {text:?}");
    evaluated(&filter);
    // What a client of SCIM 1.1 means by it.
    if let Ok(mapped) = Filter::parse(&scim::v1::map_urns(&text)) {
        evaluated(&mapped);
    }
}

/// A printed filter may need more parentheses than the text that it came of.
pub(crate) fn reparsed(printed: &str) -> Filter {
    let roomy = Limits { bytes: usize::MAX, depth: 128, ..Limits::default() };
    Filter::parse_with(printed, roomy)
        .unwrap_or_else(|error| panic!("{printed:?} was printed and is refused: {error}"))
}

/// The tree is not larger than the text allows: whoever walks it takes no longer than that.
pub(crate) fn bounded(filter: &Filter, bytes: usize) {
    let limits = Limits::default();
    assert!(bytes <= limits.bytes, "{bytes} bytes are more than the limit");
    let (terms, depth) = measure(filter);
    assert!(terms <= limits.terms, "{terms} comparisons are more than the limit");
    // A level of parentheses gives a group and what negates it; the two are joined in one more.
    assert!(depth <= 3 * (limits.depth + 2), "{depth} levels are more than the limit");
    let most = 32 * terms + 6 * bytes;
    let printed = filter.to_string().len();
    assert!(printed <= most, "{printed} bytes were printed of {bytes}");
}

/// How many comparisons there are, and how deep the tree is.
fn measure(filter: &Filter) -> (usize, usize) {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            assert!(terms.len() >= 2, "a group of one: {filter}");
            let flat = terms.iter().all(|term| {
                !matches!(
                    (filter, term),
                    (Filter::And(_), Filter::And(_)) | (Filter::Or(_), Filter::Or(_))
                )
            });
            assert!(flat, "a filter that is not flat: {filter}");
            terms
                .iter()
                .map(measure)
                .fold((0, 0), |(terms, depth), (more, deep)| (terms + more, depth.max(deep + 1)))
        }
        Filter::Not(term) | Filter::ValuePath { filter: term, .. } => {
            let (terms, depth) = measure(term);
            (terms, depth + 1)
        }
        Filter::Compare { value, .. } => {
            let finite = !matches!(value, FilterValue::Decimal(number) if !number.is_finite());
            assert!(finite, "a number that JSON cannot write: {value:?}");
            (1, 1)
        }
        Filter::Present(_) => (1, 1),
    }
}

/// On any resource a filter holds or does not, whether the schema knows its attributes or not.
fn evaluated(filter: &Filter) {
    let negated = Filter::Not(Box::new(filter.clone()));
    for sample in samples() {
        if let Err(error) = filter.check(&sample.schema, &mut Notes::default()) {
            refused(&error, ScimType::InvalidFilter);
        }
        let holds = filter.matches(&sample.schema, &sample.full);
        assert_ne!(negated.matches(&sample.schema, &sample.full), holds, "not ({filter})");
        let each = |filter: &Filter| filter.matches(&sample.schema, &sample.full);
        assert_eq!(filter.conjuncts().iter().all(each), holds, "the conjuncts of {filter}");
        assert_eq!(filter.disjuncts().iter().any(each), holds, "the disjuncts of {filter}");
    }
}
