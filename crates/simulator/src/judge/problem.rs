//! Error answers: JSON with a text that an administrator can read.

use serde_json::Value;

use super::shown;
use crate::{
    client::Answer,
    dialect::Dialect,
    failure::{Failure, ensure},
};

const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Fails unless the answer has this status and an error body that a provider can show.
pub(crate) fn check(answer: &Answer, expected: u16, dialect: Dialect) -> Result<(), Failure> {
    answer.status(expected)?;
    let body = answer.json()?;
    let request = &answer.request;
    if dialect.is_v1() {
        let description = body["Errors"][0]["description"].as_str().unwrap_or_default();
        let detail = body["detail"].as_str().unwrap_or_default();
        ensure!(
            !description.is_empty() || !detail.is_empty(),
            "{request}: expected `Errors[0].description` or `detail` with a text, but neither came \
             with {expected}"
        );
        // Okta's 1.1 test reads the member of 2.0 here.
        ensure!(
            expected != 404 || !detail.is_empty(),
            "{request}: expected `detail` beside `Errors` in a 404, but {} came",
            shown(&body["detail"])
        );
        return Ok(());
    }
    super::schemas(&body, ERROR_SCHEMA, request)?;
    ensure!(
        body["detail"].as_str().is_some_and(|text| !text.trim().is_empty()),
        "{request}: expected `detail` with a text, but {} came",
        shown(&body["detail"])
    );
    let status = match &body["status"] {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    };
    ensure!(
        status == Some(u64::from(expected)),
        "{request}: expected `status` to be \"{expected}\", but {} came",
        shown(&body["status"])
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::answer, *};

    const GOOD: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],
        "detail":"Not here","status":"404"}"#;

    #[test]
    fn a_complete_error_passes() {
        check(&answer(404, GOOD), 404, Dialect::V2).unwrap();
        let old = r#"{"Errors":[{"description":"No","code":404}],"detail":"No"}"#;
        check(&answer(404, old), 404, Dialect::V1).unwrap();
    }

    #[test]
    fn each_missing_part_is_refused() {
        let cases = [
            (404, "Not found".to_owned(), "no JSON"),
            (404, String::new(), "empty body"),
            (400, GOOD.to_owned(), "expected 404"),
            (404, GOOD.replace("Not here", ""), "`detail`"),
            (404, GOOD.replace("\"404\"", "\"500\""), "`status`"),
            (404, GOOD.replace(":Error", ":Other"), "`schemas`"),
        ];
        for (status, body, part) in cases {
            let failure = check(&answer(status, &body), 404, Dialect::V2).unwrap_err();
            assert!(failure.to_string().contains(part), "{failure}");
        }
        let bare = answer(404, r#"{"Errors":[{"description":"No"}]}"#);
        assert!(check(&bare, 404, Dialect::V1).is_err());
    }
}
