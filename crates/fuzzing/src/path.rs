//! [`path`]: attribute paths, PATCH paths and lists of attributes.

use scim::{AttributePath, Path, ScimType, query::Projection};

use crate::{
    filter::{bounded, reparsed},
    refused,
    resource::samples,
};

/// A path is refused with a position, or prints to what parses to it; and a list of attributes
/// shows a part of a resource and never more.
pub fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Path::parse(&text) {
        Ok(path) => printed_and_read(&path, &text),
        Err(error) => refused(&error, ScimType::InvalidPath),
    }
    match AttributePath::parse(&text) {
        Ok(path) => {
            let printed = path.to_string();
            assert_eq!(AttributePath::parse(&printed).as_ref(), Ok(&path), "{printed:?}");
        }
        Err(error) => refused(&error, ScimType::InvalidPath),
    }
    projected(&text);
}

fn printed_and_read(path: &Path, text: &str) {
    let printed = path.to_string();
    let without_selector = Path { selector: None, sub: None, ..path.clone() };
    assert_eq!(
        AttributePath::parse(&without_selector.to_string()).as_ref(),
        Ok(&path.attribute),
        "{printed:?} came of {text:?}"
    );
    if let Some(selector) = &path.selector {
        bounded(selector, text.len());
        assert_eq!(reparsed(&selector.to_string()), *selector, "{printed:?} came of {text:?}");
    }
    // Printing may add parentheses, and the default limit is on bytes.
    if printed.len() <= text.len() {
        assert_eq!(Path::parse(&printed).as_ref(), Ok(path), "{printed:?} came of {text:?}");
    }
    for sample in samples() {
        // Whatever it names, naming it breaks nothing.
        let _ = sample.schema.resolve(&path.attribute);
    }
}

/// RFC 7644 §3.9: what is shown was there, and `id` and `schemas` always are.
fn projected(text: &str) {
    for sample in samples() {
        for (attributes, excluded) in [(Some(text), None), (None, Some(text))] {
            let projection = match Projection::new(&sample.schema, attributes, excluded) {
                Ok(projection) => projection,
                Err(error) => return refused(&error, ScimType::InvalidValue),
            };
            let shown = projection.apply(sample.full.clone());
            for always in ["id", "schemas"] {
                assert_eq!(shown.get(always), sample.full.get(always), "{text:?} hides {always}");
            }
            for (name, _) in shown.iter() {
                assert!(sample.full.get(name.as_str()).is_some(), "{text:?} makes up {name}");
            }
            let again = projection.apply(shown.clone());
            assert_eq!(again, shown, "{text:?} shows less the second time");
        }
    }
}
