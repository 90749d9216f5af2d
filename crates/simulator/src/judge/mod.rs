//! What providers accept of an answer. Every refusal is a sentence: what was expected, what came.

pub(crate) mod group;
pub(crate) mod list;
pub(crate) mod problem;
pub(crate) mod user;

use serde_json::Value;

use crate::{
    client::Answer,
    failure::{Failure, ensure},
};

/// How much of a body a sentence quotes.
const EXCERPT: usize = 160;

impl Answer {
    /// The body as JSON. A provider parses whatever the media type says.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        ensure!(
            !self.body.is_empty(),
            "{}: expected JSON, but {} came with an empty body",
            self.request,
            self.status
        );
        serde_json::from_slice(&self.body).map_err(|_| {
            Failure::new(format!(
                "{}: expected JSON, but {} came with {} that is no JSON: {}",
                self.request,
                self.status,
                if self.content_type.is_empty() { "a body" } else { &self.content_type },
                self.excerpt()
            ))
        })
    }

    /// Fails unless the status is the expected one.
    pub(crate) fn status(&self, expected: u16) -> Result<(), Failure> {
        ensure!(self.status == expected, "{}", self.other_than(&expected.to_string()));
        Ok(())
    }

    /// "expected this, but that came", with the server's own words where it gave some.
    pub(crate) fn other_than(&self, expected: &str) -> String {
        let mut sentence =
            format!("{}: expected {expected}, but {} came", self.request, self.status);
        if let Some(words) = self.detail() {
            sentence.push_str(": ");
            sentence.push_str(&clip(&words));
        } else if !self.body.is_empty() {
            sentence.push_str(": ");
            sentence.push_str(&self.excerpt());
        }
        sentence
    }

    /// `detail`, or the description of the first of `Errors`.
    pub(crate) fn detail(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let found = body["detail"].as_str().or_else(|| body["Errors"][0]["description"].as_str());
        found.filter(|text| !text.trim().is_empty()).map(ToOwned::to_owned)
    }

    fn excerpt(&self) -> String {
        format!("`{}`", clip(&String::from_utf8_lossy(&self.body)))
    }
}

/// One line of bounded length, without control characters.
pub(crate) fn clip(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(EXCERPT + 1)
        .collect();
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A value as a sentence shows it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("the string \"{}\"", clip(text)),
        other => format!("`{}`", clip(&other.to_string())),
    }
}

/// The `id` of a resource: a string that is not empty.
pub(crate) fn id_of(resource: &Value, request: &str) -> Result<String, Failure> {
    ensure!(resource.is_object(), "{request}: expected a resource, but {} came", shown(resource));
    match resource["id"].as_str().filter(|id| !id.is_empty()) {
        Some(id) => Ok(id.to_owned()),
        None => Err(Failure::new(format!(
            "{request}: expected a non-empty string as `id`, but {} came",
            shown(&resource["id"])
        ))),
    }
}

/// Fails unless `schemas` lists the URN.
pub(crate) fn schemas(resource: &Value, urn: &str, request: &str) -> Result<(), Failure> {
    let listed = resource["schemas"].as_array().is_some_and(|all| all.iter().any(|one| one == urn));
    ensure!(
        listed,
        "{request}: expected `schemas` to list `{urn}`, but {} came",
        shown(&resource["schemas"])
    );
    Ok(())
}

#[cfg(test)]
pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        request: "GET /test".to_owned(),
        status,
        content_type: "text/html".to_owned(),
        body: body.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_place_of_json_is_named() {
        let sentence = answer(502, "<html>\nBad gateway").json().unwrap_err().to_string();
        assert_eq!(
            sentence,
            "GET /test: expected JSON, but 502 came with text/html that is no JSON: \
             `<html> Bad gateway`"
        );
    }

    #[test]
    fn another_status_comes_with_the_words_of_the_server() {
        let one = answer(400, r#"{"detail":"No such attribute"}"#).status(200).unwrap_err();
        assert_eq!(one.to_string(), "GET /test: expected 200, but 400 came: No such attribute");
        let two = answer(409, r#"{"Errors":[{"description":"Taken","code":409}]}"#).status(201);
        assert!(two.unwrap_err().to_string().ends_with("409 came: Taken"));
    }

    #[test]
    fn an_id_is_a_string_that_is_not_empty() {
        for body in [r#"{"id":""}"#, r#"{"id":7}"#, "{}", "[]"] {
            let value: Value = serde_json::from_str(body).unwrap();
            assert!(id_of(&value, "GET /x").is_err(), "{body}");
        }
    }

    #[test]
    fn long_bodies_are_clipped_at_a_letter() {
        assert_eq!(clip(&"é".repeat(500)).chars().count(), EXCERPT + 1);
    }
}
