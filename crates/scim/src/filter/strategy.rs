//! Generators of paths and filters, for the properties of this crate.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{Comparison, Filter, FilterValue};
use crate::{AttributePath, Name};

/// Paths of every shape; the URNs end in a name or in a version.
pub(crate) fn attribute_path() -> BoxedStrategy<AttributePath> {
    let name = || "[A-Za-z$][A-Za-z0-9_$-]{0,8}".prop_map(Name::from);
    let urn = "urn(:[a-z0-9]{1,6}){1,3}:[0-9]\\.[0-9](:[A-Z][a-z]{0,5})?".prop_map(Name::from);
    let attribute = (option::of(urn), name(), option::of(name()))
        .prop_map(|(schema, name, sub)| AttributePath { schema, name, sub })
        .prop_filter("`not` begins a group", |path| !is_bare_not(path));
    let bare_urn = "[0-9]\\.[0-9]".prop_map(|version| AttributePath {
        schema: Some(Name::new("urn:okta:custom:group")),
        name: Name::from(version),
        sub: None,
    });
    prop_oneof![9 => attribute, 1 => bare_urn].boxed()
}

/// Any filter, at most four levels deep: within the limits of the parser.
pub(crate) fn filter() -> BoxedStrategy<Filter> {
    let value_path = (attribute_path(), selector()).prop_map(|(path, filter)| Filter::ValuePath {
        path: AttributePath { sub: None, ..path },
        filter: Box::new(filter),
    });
    let value_path = value_path.prop_filter("`not` begins a group", |filter| match filter {
        Filter::ValuePath { path, .. } => !is_bare_not(path),
        _ => true,
    });
    grouped(prop_oneof![3 => term(attribute_path()), 1 => value_path].boxed())
}

/// Filters that stand in brackets.
pub(crate) fn selector() -> BoxedStrategy<Filter> {
    let name = "[a-z$][A-Za-z0-9_-]{0,5}".prop_map(|name| AttributePath::of(Name::from(name)));
    grouped(term(name.prop_filter("`not` begins a group", |path| !is_bare_not(path)).boxed()))
}

fn is_bare_not(path: &AttributePath) -> bool {
    path.schema.is_none() && path.name == "not" && path.sub.is_none()
}

fn term(path: BoxedStrategy<AttributePath>) -> BoxedStrategy<Filter> {
    let compare = (path.clone(), select(Comparison::ALL.to_vec()), literal());
    prop_oneof![
        path.prop_map(Filter::Present),
        compare.prop_map(|(path, op, value)| Filter::Compare { path, op, value }),
    ]
    .boxed()
}

fn literal() -> impl Strategy<Value = FilterValue> {
    prop_oneof![
        "[^\0]{0,12}".prop_map(FilterValue::String),
        any::<i64>().prop_map(FilterValue::Integer),
        proptest::num::f64::NORMAL.prop_map(FilterValue::Decimal),
        any::<bool>().prop_map(FilterValue::Boolean),
        Just(FilterValue::Null),
    ]
}

fn grouped(term: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    term.prop_recursive(3, 20, 3, |inner| {
        let some = || vec(inner.clone(), 2..4);
        let join = |join: fn(Filter, Filter) -> Filter| {
            some().prop_map(move |terms| terms.into_iter().reduce(join).expect("two or more"))
        };
        prop_oneof![
            join(Filter::and),
            join(Filter::or),
            inner.clone().prop_map(|term| Filter::Not(Box::new(term))),
        ]
    })
    .boxed()
}
