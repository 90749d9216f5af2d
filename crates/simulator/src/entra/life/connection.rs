//! What an administrator sees first: "Test Connection", and what a gallery app reads of the server.

use serde_json::Value;

use super::Life;
use crate::{
    client::Answer,
    entra::{
        profile::object_id,
        target::{EMAIL, Target},
    },
    failure::{Failure, Outcome, PASSED, ensure},
    judge::{list, shown},
    server::equals,
};

/// The attributes by which an administrator may let Entra match people.
pub(super) const MATCHING: [Target; 3] =
    [Target::Simple("userName"), Target::Simple("externalId"), EMAIL];

impl Life<'_> {
    /// A user and a group that no one has: a list without resources is the proof that address and
    /// token are right.
    pub(super) async fn test_connection(&self) -> Outcome {
        let unknown = object_id(&self.company.unknown());
        let users = equals("userName", &unknown);
        let groups = equals("displayName", &unknown);
        let client = &self.entra.server.client;
        let answer = client.get("/Users", &[("filter", &users)]).await?;
        let advice = match answer.status {
            200 => None,
            401 | 403 => Some("Is the token right and whole?"),
            404 => Some(
                "Entra wants a list without resources where no one matches. Is the base URL the address to \
                 which it adds /Users?",
            ),
            _ => Some("Is the base URL the address to which Entra adds /Users?"),
        };
        if let Some(advice) = advice {
            return Err(Failure::new(format!("{}. {advice}", answer.other_than("200"))));
        }
        self.is_empty_list(&answer)?;
        let query = [("excludedAttributes", "members"), ("filter", groups.as_str())];
        self.is_empty_list(&client.get("/Groups", &query).await?)?;
        PASSED
    }

    /// Entra builds the list of attributes for the administrator from here.
    pub(super) async fn schemas(&self) -> Outcome {
        let answer = self.entra.server.client.get("/Schemas", &[]).await?;
        let page = list::check(&answer, self.entra.server.dialect, 1, 100)?;
        let dialect = self.entra.server.dialect;
        for urn in [dialect.user_schema(), dialect.group_schema()] {
            ensure!(
                page.resources.iter().any(|schema| schema["id"] == urn),
                "{}: expected the schema `{urn}`, but it is missing",
                answer.request
            );
        }
        if let Some(path) = page.resources.iter().find_map(|schema| null_in(schema, "")) {
            return Err(Failure::new(format!(
                "{}: expected no null, but `{path}` is one; Entra cannot read it",
                answer.request
            )));
        }
        PASSED
    }

    /// PATCH and filters are what Entra cannot do without.
    pub(super) async fn configuration(&self) -> Outcome {
        let answer = self.entra.server.client.get("/ServiceProviderConfig", &[]).await?;
        answer.status(200)?;
        let found = answer.json()?;
        for name in ["patch", "filter"] {
            let supported = &found[name]["supported"];
            ensure!(
                *supported == true,
                "{}: expected `{name}.supported` true, but {} came",
                answer.request,
                shown(supported)
            );
        }
        PASSED
    }

    fn is_empty_list(&self, answer: &Answer) -> Result<(), Failure> {
        let media = answer.content_type.split(';').next().unwrap_or_default().trim();
        ensure!(
            media.eq_ignore_ascii_case("application/scim+json"),
            "{}: expected the type application/scim+json, but `{media}` came",
            answer.request
        );
        let page = list::check(answer, self.entra.server.dialect, 1, 100)?;
        ensure!(
            page.total == 0,
            "{}: expected no one, but {} came; the filter was not understood",
            answer.request,
            page.total
        );
        Ok(())
    }

    /// No one is found by any of the attributes, alone or joined.
    pub(super) async fn look_up_unknown(&self) -> Outcome {
        let unknown = self.company.unknown();
        for target in MATCHING {
            let found = self.entra.find_user(target, &unknown).await?;
            ensure!(found.is_none(), "expected no one by `{}`, but someone came", target.path());
        }
        PASSED
    }
}

/// The path of the first null, if there is one.
fn null_in(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .find_map(|(at, element)| null_in(element, &format!("{path}[{at}]"))),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let separator = if path.is_empty() { "" } else { "." };
            null_in(member, &format!("{path}{separator}{name}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::null_in;

    #[test]
    fn a_null_is_found_wherever_it_is() {
        assert_eq!(null_in(&json!({"a": [1, {"b": "x", "c": true}]}), ""), None);
        let hidden = json!({"a": [1, {"b": "x", "c": null}]});
        assert_eq!(null_in(&hidden, "").as_deref(), Some("a[1].c"));
    }
}
