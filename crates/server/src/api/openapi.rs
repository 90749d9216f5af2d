//! The description of the API, made of the handlers: OpenAPI 3.1.

use std::sync::LazyLock;

use ::oauth::Endpoint;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use directory::api_key::Scope;
use serde_json::{Map, Value as Json, json};
use utoipa::openapi::OpenApiVersion;

use super::{BASE, documented};

/// What stands at a place of an address, for every operation that has it.
const PLACES: [(&str, &str); 12] = [
    ("organization", "Id or slug of the organization."),
    ("connection", "Id of the connection."),
    ("token", "Number of the token."),
    ("key", "Number of the API key."),
    ("user", "Id of the user."),
    ("group", "Id of the group."),
    ("session", "Id of the session."),
    ("webhook", "Id of the webhook."),
    ("secret", "Number of the secret."),
    ("delivery", "Number of the delivery."),
    ("moment", "Number of an event, after which it is meant, or a time in RFC 3339."),
    ("name", "Name (of a role, a plan, a feature) or SHA-256 of a certificate."),
];

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&completed()).expect("it is JSON");
    text.push('\n');
    text
});

/// The description, in JSON.
#[must_use]
pub fn document() -> &'static str {
    &DOCUMENT
}

/// `GET /api/openapi.json`
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document()).into_response()
}

/// The description as the handlers give it, with what holds for all of them: where they are, who may
/// call them, what stands in their addresses, and the form of every refusal.
fn completed() -> Json {
    let mut openapi = documented().into_openapi();
    openapi.openapi = OpenApiVersion::Version31;
    let mut document = serde_json::to_value(openapi).expect("a description is JSON");
    document["info"] = json!({
        "title": "Doorward management API",
        "version": "1",
        "description": "Organizations, people, connections, roles and records of one installation of Doorward.",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": BASE }]);
    document["security"] = json!([{ "api_key": [] }, { "client_credentials": [] }]);
    document["components"]["securitySchemes"] = json!({
        "api_key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, which `doorward api-key create` makes.",
        },
        "client_credentials": {
            "type": "oauth2",
            "description": "A machine's own access token: `doorward client create NAME --kind machine --scope SCOPE` \
                            makes a client. What a scope is good for is what it is for an API key.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": Endpoint::Token.path(),
                    "scopes": scopes(),
                },
            },
        },
    });
    document["components"]["schemas"]["Problem"] = problem();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            let operations = item.as_object_mut().into_iter().flatten();
            for (method, operation) in operations {
                complete(path, method, operation);
            }
        }
    }
    document
}

/// What access tokens for the API are good for.
fn scopes() -> Map<String, Json> {
    let about = |scope: Scope| match scope {
        Scope::Read => "To look at everything but keys.",
        Scope::Write => {
            "That, and to change people, groups, roles (but no administrator's) and sessions."
        }
        Scope::Manage => "Everything that the client reaches.",
    };
    Scope::ALL.iter().map(|scope| (scope.of_tokens().to_owned(), about(*scope).into())).collect()
}

fn complete(path: &str, method: &str, operation: &mut Json) {
    operation["operationId"] = operation_id(path, method).into();
    let places = PLACES.iter().filter(|(name, _)| path.contains(&format!("{{{name}}}")));
    let mut parameters: Vec<Json> = places
        .map(|(name, about)| {
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": about,
                "schema": { "type": "string" },
            })
        })
        .collect();
    if path.contains("{organization}") && operation["responses"].get("201").is_some() {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "A text of the client's choice, new for each thing that is to be made. A request that \
                            is sent again with it is not done again: its first answer comes once more, without \
                            secrets, for 24 hours.",
            "schema": { "type": "string", "maxLength": 255 },
        }));
    }
    if let Some(own) = operation["parameters"].as_array() {
        parameters.extend(own.iter().cloned());
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation["responses"]["default"] = json!({
        "description": "The request was not served. The status says why, the code says it to programs.",
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
        },
    });
}

/// `get /organizations/{organization}/users` is `get_organizations_organization_users`.
fn operation_id(path: &str, method: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let path: String = path.chars().filter(|c| !matches!(c, '{' | '}')).map(word).collect();
    format!("{method}{path}")
}

/// RFC 9457.
fn problem() -> Json {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let mut properties = Map::new();
    properties.insert("type".to_owned(), text("Always `about:blank`."));
    properties.insert("title".to_owned(), text("The reason phrase of the status."));
    let status = json!({ "type": "integer", "description": "The status." });
    properties.insert("status".to_owned(), status);
    let code = "What programs know it by: it stays when the sentence is bettered.";
    properties.insert("code".to_owned(), text(code));
    properties.insert("detail".to_owned(), text("A sentence for people."));
    let pruned = "With 410 `events_pruned` or `history_ends`: the newest event of the organization that is not kept any more.";
    let pruned = json!({ "type": "integer", "description": pruned });
    properties.insert("pruned".to_owned(), pruned);
    let snapshot = "With 410 `events_pruned`: where its snapshot is.";
    properties.insert("snapshot".to_owned(), text(snapshot));
    let organization =
        "With 410 `events_pruned` of the feed of all organizations: the id of the organization.";
    properties.insert("organization".to_owned(), text(organization));
    let next =
        "With 410 `events_pruned` of the feed of all organizations: the cursor to go on with.";
    properties.insert("next".to_owned(), text(next));
    json!({
        "type": "object",
        "description": "Why a request was not served (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::document;

    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    #[test]
    fn the_document_is_as_it_was_reviewed() {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests have no configuration but this variable"
        )]
        if std::env::var("UPDATE_GOLDEN").is_ok() {
            std::fs::write(PATH, document()).expect("the file can be written");
        }
        let reviewed = std::fs::read_to_string(PATH).unwrap_or_default();
        assert!(
            reviewed == document(),
            "docs/openapi.json is not what the code says: review the change, and run this test with \
             UPDATE_GOLDEN=1"
        );
    }
}
