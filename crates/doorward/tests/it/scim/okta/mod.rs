//! What Okta sends over SCIM 2.0, body by body.

mod envelope;
mod groups;
mod users;

/// The body with which Okta creates a user.
const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName":"Ada@Example.com","name":{"givenName":"Ada","familyName":"Lovelace"},
    "emails":[{"primary":true,"value":"ada@example.com","type":"work"}],
    "displayName":"Ada Lovelace","locale":"en-US","externalId":"00u1ada",
    "groups":[],"password":"1mz050nq","active":true}"#;

/// A PATCH body with these operations.
fn operations(operations: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{operations}]}}"#
    )
}
