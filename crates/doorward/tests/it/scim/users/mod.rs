//! `/Users`, one module per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user with a value for every attribute that is kept.
const FULL: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "externalId":"701984","userName":"bjensen@example.com",
    "name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara",
        "middleName":"Jane","honorificPrefix":"Ms.","honorificSuffix":"III"},
    "displayName":"Babs Jensen","nickName":"Babs","profileUrl":"https://login.example.com/bjensen",
    "title":"Tour Guide","userType":"Employee","preferredLanguage":"en-US","locale":"en-US",
    "timezone":"America/Los_Angeles","active":true,
    "emails":[{"value":"bjensen@example.com","display":"Babs","type":"work","primary":true},
        {"value":"babs@jensen.org","type":"home"}],
    "phoneNumbers":[{"value":"555-555-5555","type":"work"},
        {"value":"555-555-4444","type":"mobile"}],
    "ims":[{"value":"someaimhandle","type":"aim"}],
    "photos":[{"value":"https://photos.example.com/p/F.jpg","type":"photo"}],
    "addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood",
        "region":"CA","postalCode":"91608","country":"US",
        "formatted":"100 Universal City Plaza\nHollywood, CA 91608 USA","primary":true}],
    "entitlements":[{"value":"e1","display":"E","type":"t"}],
    "roles":[{"value":"admin","display":"Admin","type":"t","primary":true}],
    "x509Certificates":[{"value":"MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjEL"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984",
        "costCenter":"4130","organization":"Universal Studios","division":"Theme Park",
        "department":"Tour Operations","manager":{"value":"26118915",
        "$ref":"../Users/26118915","displayName":"John Smith"}}}"#;
