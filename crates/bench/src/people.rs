//! People as an Okta sends them.

use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The extension that Okta sends when any value of it is set.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A short profile, as the body of the request that creates a user.
#[must_use]
pub fn body(number: usize) -> String {
    let (user_name, external_id) = (user_name(number), external_id(number));
    format!(
        r#"{{"schemas":["{USER}"],"userName":"{user_name}",
        "externalId":"{external_id}","name":{{"givenName":"Ada","familyName":"Lovelace"}},
        "emails":[{{"value":"{user_name}","type":"work","primary":true}}],
        "displayName":"Ada Lovelace {number}","title":"Engineer","locale":"en-GB","active":true}}"#
    )
}

/// A whole profile with the enterprise extension.
#[must_use]
pub fn whole(number: usize) -> Value {
    let user_name = user_name(number);
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": user_name,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": true, "value": user_name, "type": "work"}],
        "displayName": format!("Ada Lovelace {number}"),
        "locale": "en-GB",
        "preferredLanguage": "en",
        "timezone": "Europe/London",
        "externalId": external_id(number),
        "nickName": "Ada",
        "title": "Engineer",
        "userType": "Employee",
        "phoneNumbers": [{"primary": true, "value": "+44 20 7946 0123", "type": "work"}],
        "addresses": [{
            "type": "work",
            "primary": true,
            "streetAddress": "12 St James's Square",
            "locality": "London",
            "postalCode": "SW1Y 4JH",
            "country": "GB",
        }],
        ENTERPRISE: {
            "employeeNumber": format!("{number}"),
            "costCenter": "4130",
            "organization": "Analytical Engines",
            "division": "Research",
            "department": "Programs",
        },
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

/// The userName, which is the address too.
#[must_use]
pub fn user_name(number: usize) -> String {
    format!("ada.lovelace.{number}@acme.example")
}

/// The externalId: as long as Okta's.
#[must_use]
pub fn external_id(number: usize) -> String {
    format!("00u{number:017}")
}
