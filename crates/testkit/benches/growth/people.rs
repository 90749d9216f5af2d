//! People as an Okta sends them.

/// A user of a site.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Its id.
    pub(crate) id: String,
    /// What its userName, externalId and address are made of.
    pub(crate) number: usize,
}

/// The body of the request that creates a user.
pub(crate) fn body(number: usize) -> String {
    let (user_name, external_id) = (user_name(number), external_id(number));
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{user_name}",
        "externalId":"{external_id}","name":{{"givenName":"Ada","familyName":"Lovelace"}},
        "emails":[{{"value":"{user_name}","type":"work","primary":true}}],
        "displayName":"Ada Lovelace {number}","title":"Engineer","locale":"en-GB","active":true}}"#
    )
}

/// The userName, which is the address too.
pub(crate) fn user_name(number: usize) -> String {
    format!("ada.lovelace.{number}@acme.example")
}

/// The externalId: as long as Okta's.
pub(crate) fn external_id(number: usize) -> String {
    format!("00u{number:017}")
}
