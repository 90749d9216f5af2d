//! List answers: complete envelopes with true totals.

use std::collections::HashSet;

use serde_json::Value;

use super::{id_of, shown};
use crate::{
    client::Answer,
    dialect::Dialect,
    failure::{Failure, ensure},
};

/// One page that passed.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) total: u64,
    pub(crate) resources: Vec<Value>,
}

/// Fails unless the answer is a list as a provider reads one, for this start and count.
pub(crate) fn check(
    answer: &Answer,
    dialect: Dialect,
    start: u64,
    count: u64,
) -> Result<Page, Failure> {
    let request = &answer.request;
    answer.status(200)?;
    let mut body = answer.json()?;
    ensure!(body.is_object(), "{request}: expected a list answer, but {} came", shown(&body));
    super::schemas(&body, dialect.list_schema(), request)?;
    let total = integer(&body, "totalResults", request)?.ok_or_else(|| {
        Failure::new(format!("{request}: expected `totalResults`, but it is missing"))
    })?;
    let resources = match body["Resources"].take() {
        Value::Array(resources) => resources,
        other => {
            return Err(Failure::new(format!(
                "{request}: expected an array `Resources` even when it is empty, but {} came",
                shown(&other)
            )));
        }
    };
    let length = resources.len() as u64;
    ensure!(
        length <= total,
        "{request}: expected `totalResults` to count all matches, but it is {total} with {length} \
         resources on the page"
    );
    ensure!(length <= count, "{request}: expected at most {count} resources, but {length} came");
    let echoed = integer(&body, "startIndex", request)?;
    let per_page = integer(&body, "itemsPerPage", request)?;
    if length < total {
        for (name, value) in [("startIndex", echoed), ("itemsPerPage", per_page)] {
            ensure!(
                value.is_some(),
                "{request}: expected `{name}` on a page of many, but it is missing"
            );
        }
    }
    if length > 0 {
        ensure!(
            echoed.is_none_or(|echoed| echoed == start),
            "{request}: expected `startIndex` {start}, but {} came",
            echoed.unwrap_or_default()
        );
        ensure!(
            per_page.is_none_or(|per_page| per_page == length),
            "{request}: expected `itemsPerPage` to be the {length} resources of the page, but {} \
             came",
            per_page.unwrap_or_default()
        );
    }
    // Who pages adds its own count to the start, so a shorter page loses people without a word.
    let due = count.min((total + 1).saturating_sub(start));
    ensure!(
        length >= due,
        "{request}: expected {due} resources of {total}, but {length} came; a provider asks next \
         from {} and would miss the others",
        start + count
    );
    let mut seen = HashSet::new();
    for resource in &resources {
        let id = id_of(resource, request)?;
        ensure!(!seen.contains(&id), "{request}: expected each id once, but `{id}` came twice");
        seen.insert(id);
    }
    Ok(Page { total, resources })
}

/// A look-up finds one, or none.
pub(crate) fn at_most_one(answer: &Answer, dialect: Dialect) -> Result<Option<Value>, Failure> {
    let mut page = check(answer, dialect, 1, 100)?;
    ensure!(
        page.total <= 1,
        "{}: expected none or one match, but {} came; a provider cannot tell which to link",
        answer.request,
        page.total
    );
    Ok(page.resources.pop())
}

/// Fails unless the attribute of a match has the value that was looked for, in any case.
pub(crate) fn wanted(
    attribute: &str,
    found: &Value,
    wanted: &str,
    request: &str,
) -> Result<(), Failure> {
    ensure!(
        found.as_str().unwrap_or_default().to_lowercase() == wanted.to_lowercase(),
        "{request}: expected a match with that `{attribute}`, but {} came; the filter was not \
         understood",
        shown(found)
    );
    Ok(())
}

fn integer(body: &Value, name: &str, request: &str) -> Result<Option<u64>, Failure> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::Number(number) if number.is_u64() => Ok(number.as_u64()),
        other => Err(Failure::new(format!(
            "{request}: expected `{name}` to be a JSON integer, but {} came",
            shown(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::answer, *};

    fn list() -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 2, "startIndex": 1, "itemsPerPage": 2,
            "Resources": [{"id": "a", "userName": "A@x"}, {"id": "b", "userName": "b@x"}],
        })
    }

    fn judged(body: &Value) -> Result<Page, Failure> {
        check(&answer(200, &body.to_string()), Dialect::V2, 1, 100)
    }

    #[test]
    fn a_complete_list_passes() {
        assert_eq!(judged(&list()).unwrap().resources.len(), 2);
    }

    #[test]
    fn each_wrong_envelope_is_refused() {
        let cases = [
            ("totalResults", json!("2"), "JSON integer"),
            ("totalResults", json!(2.5), "JSON integer"),
            ("totalResults", json!(null), "missing"),
            ("totalResults", json!(1), "count all matches"),
            ("totalResults", json!(3), "would miss"),
            ("startIndex", json!("1"), "JSON integer"),
            ("startIndex", json!(0), "`startIndex` 1"),
            ("itemsPerPage", json!(100), "`itemsPerPage`"),
            ("Resources", json!(null), "array `Resources`"),
            ("Resources", json!([{"id": "a"}, {"id": "a"}]), "twice"),
            ("Resources", json!([{"id": "a"}, {"id": 4}]), "non-empty string"),
            ("schemas", json!([]), "`schemas`"),
        ];
        for (name, value, part) in cases {
            let mut body = list();
            body[name] = value;
            let failure = judged(&body).unwrap_err().to_string();
            assert!(failure.contains(part), "{failure}");
        }
        assert!(judged(&json!([])).unwrap_err().to_string().contains("a list answer"));
    }

    #[test]
    fn a_lookup_finds_none_or_one() {
        let look_up = |body: &Value| at_most_one(&answer(200, &body.to_string()), Dialect::V2);
        assert!(look_up(&list()).unwrap_err().to_string().contains("cannot tell"));
        let mut one = list();
        one["totalResults"] = json!(1);
        one["itemsPerPage"] = json!(1);
        one["Resources"] = json!([{"id": "a", "userName": "A@x"}]);
        assert_eq!(look_up(&one).unwrap().unwrap()["id"], "a");
    }

    #[test]
    fn a_match_is_the_one_that_was_wanted() {
        wanted("userName", &json!("A@x"), "a@X", "GET /Users").unwrap();
        let failure = wanted("userName", &json!("A@x"), "c@x", "GET /Users").unwrap_err();
        assert!(failure.to_string().contains("not understood"));
    }
}
