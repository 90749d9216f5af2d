//! Content-Type and Accept, read with tolerance: identity providers mix both media types within
//! one conversation, with and without `charset`.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media type of SCIM 2.0 (RFC 7644 §8.1).
const SCIM: &str = "application/scim+json";
/// The media type of SCIM 1.1 and of everything else.
const JSON: &str = "application/json";

/// Whether a request body of this Content-Type is read as JSON.
///
/// `application/scim+json` and `application/json` are, in any case and with any parameters, and so
/// is a body without Content-Type. A charset other than UTF-8 is not (RFC 8259 §8.1).
pub(super) fn is_acceptable(content_type: Option<&HeaderValue>) -> bool {
    let Some(value) = content_type else {
        return true;
    };
    let Ok(text) = value.to_str() else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    (kind.eq_ignore_ascii_case(SCIM) || kind.eq_ignore_ascii_case(JSON))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

/// Whether a request body of this Content-Type is XML, which SCIM 1.1 had beside JSON.
pub(super) fn is_xml(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    names_xml(text.split(';').next().unwrap_or_default().trim())
}

/// Whether a client takes answers in XML and in nothing else. It could not read ours.
pub(super) fn admits_only_xml(headers: &HeaderMap) -> bool {
    let texts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = texts.flat_map(ranges).peekable();
    kinds.peek().is_some() && kinds.all(names_xml)
}

fn names_xml(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind == "application/xml" || kind == "text/xml" || kind.ends_with("+xml")
}

/// The media ranges of an Accept header that the client wants.
fn ranges(accept: &str) -> impl Iterator<Item = &str> {
    accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        (!parts.any(is_zero_quality) && !kind.is_empty()).then_some(kind)
    })
}

/// The media type to answer in: `preferred`, unless the client asks for plain JSON and for nothing
/// that `preferred` would satisfy.
///
/// A client that asks for something else gets `preferred` (RFC 9110 §12.5.1 allows it), because an
/// empty error helps no one; but see [`admits_only_xml`].
pub(super) fn negotiate(accept: Option<&HeaderValue>, preferred: &'static str) -> &'static str {
    let Some(text) = accept.and_then(|value| value.to_str().ok()) else {
        return preferred;
    };
    let mut plain = false;
    for kind in ranges(text) {
        if [preferred, "*/*", "application/*"].iter().any(|wide| kind.eq_ignore_ascii_case(wide)) {
            return preferred;
        }
        plain |= kind.eq_ignore_ascii_case(JSON);
    }
    if plain { JSON } else { preferred }
}

/// Whether a parameter is `q=0`, which means "not this one".
fn is_zero_quality(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q")
            && value.trim().parse::<f32>().is_ok_and(|quality| quality <= 0.0)
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{JSON, SCIM, admits_only_xml, is_acceptable, is_xml, negotiate};

    fn accepted(text: &'static str) -> bool {
        is_acceptable(Some(&HeaderValue::from_static(text)))
    }

    #[test]
    fn both_json_types_are_read_with_any_parameters() {
        for text in [
            "application/scim+json",
            "application/json",
            "Application/SCIM+JSON",
            "application/scim+json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json ; odata=verbose",
            "application/json;",
        ] {
            assert!(accepted(text), "{text}");
        }
        assert!(is_acceptable(None));
    }

    #[test]
    fn other_types_and_charsets_are_not_read() {
        for text in
            ["", "text/plain", "application/xml", "application/json; charset=utf-16", "json"]
        {
            assert!(!accepted(text), "{text}");
        }
        let bytes = HeaderValue::from_bytes(b"application/json\xff").expect("opaque");
        assert!(!is_acceptable(Some(&bytes)));
    }

    #[test]
    fn xml_is_told_from_other_types() {
        for text in ["application/xml", "Text/XML; charset=utf-8", "application/scim+xml"] {
            assert!(is_xml(Some(&HeaderValue::from_static(text))), "{text}");
        }
        for text in ["application/json", "text/plain", "", "xml"] {
            assert!(!is_xml(Some(&HeaderValue::from_static(text))), "{text}");
        }
        assert!(!is_xml(None));
    }

    #[test]
    fn only_who_wants_nothing_but_xml_is_told_so() {
        let only_xml = |accept: &[&'static str]| {
            let values = accept.iter().map(|text| HeaderValue::from_static(text));
            admits_only_xml(&values.map(|value| (header::ACCEPT, value)).collect::<HeaderMap>())
        };
        for accept in [
            &["application/xml"][..],
            &["text/xml;q=0.5, application/xml"],
            &["application/xml, application/json;q=0"],
            &["application/xml", "TEXT/XML"],
        ] {
            assert!(only_xml(accept), "{accept:?}");
        }
        for accept in [
            &[][..],
            &[""],
            &["text/html"],
            &["application/xml, application/json"],
            &["application/xml, text/html"],
            &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
            &["application/xml", "application/json"],
            &["application/xml;q=0"],
        ] {
            assert!(!only_xml(accept), "{accept:?}");
        }
    }

    #[test]
    fn the_answer_is_plain_json_only_where_nothing_else_would_do() {
        for (accept, answer) in [
            ("application/json", JSON),
            ("Application/JSON; charset=utf-8", JSON),
            ("application/json, text/plain", JSON),
            ("application/json, application/scim+json;q=0", JSON),
            ("application/json, */*", SCIM),
            ("application/scim+json", SCIM),
            ("application/json, application/scim+json", SCIM),
            ("application/scim+json; charset=utf-8", SCIM),
            ("text/html", SCIM),
            ("", SCIM),
            (";;,,q=;/", SCIM),
        ] {
            assert_eq!(
                negotiate(Some(&HeaderValue::from_static(accept)), SCIM),
                answer,
                "{accept}"
            );
        }
        assert_eq!(negotiate(None, SCIM), SCIM);
        let scim = HeaderValue::from_static("application/scim+json");
        assert_eq!(negotiate(Some(&scim), JSON), JSON);
    }
}
