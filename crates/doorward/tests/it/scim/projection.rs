//! `attributes` and `excludedAttributes`.

use serde_json::Value as Json;
use testkit::contract;

use super::support::{Client, assert_shown};

const ADA: &str = r#"{"userName":"ada","externalId":"E1","title":"Countess",
    "name":{"familyName":"Lovelace","givenName":"Ada"},
    "emails":[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
    {"department":"R","manager":{"value":"m1","displayName":"M"}}}"#;

/// The names in an answer, and those one level below.
fn outline(json: &Json) -> String {
    let mut names = Vec::new();
    for (name, value) in json.as_object().expect("an object") {
        let short = name.rsplit(':').next().unwrap_or_default();
        let first = value.as_array().and_then(|values| values.first()).unwrap_or(value);
        let below: Vec<&str> =
            first.as_object().into_iter().flat_map(|it| it.keys().map(String::as_str)).collect();
        if below.is_empty() || name == "meta" {
            names.push(short.to_owned());
        } else {
            names.push(format!("{short}({})", below.join(" ")));
        }
    }
    names.join(" ")
}

contract!(async fn each_way_to_ask_for_less(store) {
    let client = Client::open(store).await;
    let user = client.post("/Users", ADA).await.created();
    client.group("engines", &[&user]).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut told = Vec::new();
    for query in [
        "",
        "attributes=userName",
        "attributes=USERNAME,%20title",
        "attributes=userName&excludedAttributes=userName",
        "attributes=name.givenName",
        "attributes=emails.value",
        "attributes=groups.display",
        "attributes=meta",
        "attributes=id",
        "attributes=unknown",
        "attributes=password",
        "attributes=",
        "attributes=ENTERPRISE",
        "attributes=ENTERPRISE:department",
        "attributes=ENTERPRISE:manager.displayName,userName",
        "attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName",
        "excludedAttributes=groups,meta",
        "excludedAttributes=id,schemas,userName",
        "excludedAttributes=name.familyName,emails.type",
        "excludedAttributes=ENTERPRISE",
        "excludedAttributes=ENTERPRISE:manager",
        "excludedattributes=EMAILS",
        "excludedAttributes=unknown",
    ] {
        let query = query.replace("ENTERPRISE", enterprise);
        let one = client.get(&format!("/Users/{user}?{query}")).await;
        assert_eq!(one.status, 200, "{query}: {one}");
        let list = client.get(&format!("/Users?{query}")).await.json();
        assert_eq!(list["Resources"][0], one.json(), "a list shows the same: {query}");
        let query = query.replace(enterprise, "ENTERPRISE");
        told.push(format!("{query}\n    {}", outline(&one.json())));
    }
    assert_shown!(told.join("\n"), @"

        schemas id externalId userName title name(familyName givenName) emails(value type) active groups(value $ref display type) User(department manager) meta
    attributes=userName
        schemas id userName
    attributes=USERNAME,%20title
        schemas id userName title
    attributes=userName&excludedAttributes=userName
        schemas id
    attributes=name.givenName
        schemas id name(givenName)
    attributes=emails.value
        schemas id emails(value)
    attributes=groups.display
        schemas id groups(display)
    attributes=meta
        schemas id meta
    attributes=id
        schemas id
    attributes=unknown
        schemas id
    attributes=password
        schemas id
    attributes=
        schemas id externalId userName title name(familyName givenName) emails(value type) active groups(value $ref display type) User(department manager) meta
    attributes=ENTERPRISE
        schemas id User(department manager)
    attributes=ENTERPRISE:department
        schemas id User(department)
    attributes=ENTERPRISE:manager.displayName,userName
        schemas id userName User(manager)
    attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName
        schemas id userName
    excludedAttributes=groups,meta
        schemas id externalId userName title name(familyName givenName) emails(value type) active User(department manager)
    excludedAttributes=id,schemas,userName
        schemas id externalId title name(familyName givenName) emails(value type) active groups(value $ref display type) User(department manager) meta
    excludedAttributes=name.familyName,emails.type
        schemas id externalId userName title name(givenName) emails(value) active groups(value $ref display type) User(department manager) meta
    excludedAttributes=ENTERPRISE
        schemas id externalId userName title name(familyName givenName) emails(value type) active groups(value $ref display type) meta
    excludedAttributes=ENTERPRISE:manager
        schemas id externalId userName title name(familyName givenName) emails(value type) active groups(value $ref display type) User(department) meta
    excludedattributes=EMAILS
        schemas id externalId userName title name(familyName givenName) active groups(value $ref display type) User(department manager) meta
    excludedAttributes=unknown
        schemas id externalId userName title name(familyName givenName) emails(value type) active groups(value $ref display type) User(department manager) meta
    ");
});

contract!(async fn members_are_shown_as_they_are_asked_for(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let inner = client.group("inner", &[]).await;
    let group = client.group("outer", &[&a, &inner]).await;
    let mut told = Vec::new();
    for query in [
        "",
        "attributes=members",
        "attributes=members.value",
        "attributes=members.display,members.type",
        "attributes=displayName",
        "attributes=displayName,members&excludedAttributes=members.$ref",
        "excludedAttributes=members",
        "excludedAttributes=members.value,meta",
    ] {
        let one = client.get(&format!("/Groups/{group}?{query}")).await;
        let list = client.get(&format!("/Groups?startIndex=2&{query}")).await.json();
        assert_eq!(list["Resources"][0], one.json(), "a list shows the same: {query}");
        told.push(format!("{query}\n    {}", outline(&one.json())));
    }
    assert_shown!(told.join("\n"), @"

        schemas id displayName members(value $ref type) meta
    attributes=members
        schemas id members(value $ref type)
    attributes=members.value
        schemas id members(value)
    attributes=members.display,members.type
        schemas id members(display type)
    attributes=displayName
        schemas id displayName
    attributes=displayName,members&excludedAttributes=members.$ref
        schemas id displayName members(value type)
    excludedAttributes=members
        schemas id displayName meta
    excludedAttributes=members.value,meta
        schemas id displayName members($ref type)
    ");
});

contract!(async fn version_1_1_is_asked_in_its_own_names(store) {
    let client = Client::open(store).await;
    let user = client.post("/Users", ADA).await.created();
    let v1 = client.v1();
    for (attributes, shown) in [
        ("userName", "schemas id userName"),
        ("urn:scim:schemas:core:1.0:userName", "schemas id userName"),
        ("urn:scim:schemas:extension:enterprise:1.0:department", "schemas id 1.0(department)"),
    ] {
        let one = v1.get(&format!("/Users/{user}?attributes={attributes}")).await;
        assert_eq!(outline(&one.json()), shown, "{attributes}");
    }
});
