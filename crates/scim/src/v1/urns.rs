//! [`map_urns`]: full attribute names in query parameters.

use std::borrow::Cow;

use crate::urn;

/// Rewrites the full attribute names of SCIM 1.1 in a filter, an `attributes` parameter or a
/// `meta.attributes` entry to those of SCIM 2.0. Text in quotes stays as it is.
///
/// Core attributes lose their URN (`urn:scim:schemas:core:1.0:userName`, and with `:User` or
/// `:Group` before the attribute), the enterprise URN becomes the one of 2.0, and
/// `manager.managerId` becomes `manager.value`.
#[must_use]
pub fn map_urns(text: &str) -> Cow<'_, str> {
    let mut mapped = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut quoted = false;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ => {
                if let Some((old, new)) = replacement(&bytes[at..]) {
                    mapped.push_str(&text[copied..at]);
                    mapped.push_str(new);
                    at += old;
                    copied = at;
                    continue;
                }
            }
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    mapped.push_str(&text[copied..]);
    Cow::Owned(mapped)
}

/// What the text begins with in 1.1, and what stands there in 2.0. Longer ones come first.
const REPLACEMENTS: [(&str, &str); 5] = [
    ("urn:scim:schemas:core:1.0:User:", ""),
    ("urn:scim:schemas:core:1.0:Group:", ""),
    ("urn:scim:schemas:core:1.0:", ""),
    (urn::V1_ENTERPRISE, urn::ENTERPRISE_USER),
    ("manager.managerId", "manager.value"),
];

fn replacement(text: &[u8]) -> Option<(usize, &'static str)> {
    REPLACEMENTS.iter().find_map(|(old, new)| {
        let start = text.get(..old.len())?;
        start.eq_ignore_ascii_case(old.as_bytes()).then_some((old.len(), *new))
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::map_urns;

    #[test]
    fn names_are_mapped() {
        for (v1, v2) in [
            ("urn:scim:schemas:core:1.0:userName eq \"a\"", "userName eq \"a\""),
            ("URN:SCIM:schemas:core:1.0:User:name.givenName pr", "name.givenName pr"),
            (
                "urn:scim:schemas:extension:enterprise:1.0:manager.managerId eq \"7\" and active pr",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value \
                 eq \"7\" and active pr",
            ),
            (
                "userName,urn:scim:schemas:extension:enterprise:1.0",
                "userName,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            ),
        ] {
            assert_eq!(map_urns(v1), v2);
        }
    }

    #[test]
    fn literals_stay() {
        for text in [
            r#"title eq "urn:scim:schemas:core:1.0:userName""#,
            r#"title eq "\"urn:scim:schemas:core:1.0:userName" and nickName eq "é""#,
            r#"title eq "\"#,
            "",
        ] {
            assert!(matches!(map_urns(text), Cow::Borrowed(same) if same == text));
        }
    }
}
