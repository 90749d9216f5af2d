//! `GET /` and `POST /.search` at the base URL: resources of all types, RFC 7644 §3.4.2.1 and
//! §3.4.3.

use testkit::{TestStore, contract};

use super::support::{Client, Reply, assert_shown};

/// Ada in two teams, Bob, and a role.
async fn office(store: &TestStore) -> Client {
    let client = Client::with_governance(store).await;
    let ada = client
        .post("/Users", r#"{"userName":"ada","displayName":"Lovelace","externalId":"1"}"#)
        .await
        .created();
    client.group("Engines", &[&ada]).await;
    client.post("/Roles", r#"{"displayName":"Editor"}"#).await.created();
    client.post("/Users", r#"{"userName":"bob","displayName":"Noether"}"#).await.created();
    client.group("Algebra", &[&ada]).await;
    client
}

/// What stands on a page, by the names that people and teams have.
fn named(reply: &Reply) -> String {
    reply.listed("displayName")
}

contract!(async fn everything_is_there_type_by_type(store) {
    let client = office(store).await;
    let list = client.get("/?attributes=displayName,members.value,groups.display,userName").await;
    assert_shown!(list, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 5,
      "startIndex": 1,
      "itemsPerPage": 5,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#1",
          "userName": "ada",
          "displayName": "Lovelace",
          "groups": [{"display":"Engines"},{"display":"Algebra"}]
        },
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#4",
          "userName": "bob",
          "displayName": "Noether"
        },
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
          "id": "#2",
          "displayName": "Engines",
          "members": [{"value":"#1"}]
        },
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
          "id": "#5",
          "displayName": "Algebra",
          "members": [{"value":"#1"}]
        },
        {
          "schemas": ["urn:okta:scim:schemas:core:1.0:Role"],
          "id": "#3",
          "displayName": "Editor"
        }
      ]
    }
    "##);
    for query in ["", "/", "/?startIndex=1&count=100"] {
        assert_eq!(named(&client.get(query).await), "Lovelace Noether Engines Algebra Editor");
    }
});

contract!(async fn pages_go_from_type_to_type(store) {
    let client = office(store).await;
    for (query, expected) in [
        ("/?count=3", "Lovelace Noether Engines"),
        ("/?startIndex=2&count=3", "Noether Engines Algebra"),
        ("/?startIndex=5&count=3", "Editor"),
        ("/?startIndex=6", ""),
        ("/?count=0", ""),
    ] {
        let list = client.get(query).await;
        assert_eq!(named(&list), expected, "{query}");
        assert_eq!(list.json()["totalResults"], 5, "{query}");
    }
});

contract!(async fn a_condition_holds_for_the_types_that_have_the_attribute(store) {
    let client = office(store).await;
    for (filter, expected) in [
        (r#"meta.resourceType eq "Group""#, "Engines Algebra"),
        (r#"meta.resourceType eq "Role" or userName eq "BOB""#, "Noether Editor"),
        (r#"displayName co "e""#, "Lovelace Noether Engines Algebra Editor"),
        (r#"displayName sw "e""#, "Engines Editor"),
        ("userName pr", "Lovelace Noether"),
        ("not (userName pr)", "Engines Algebra Editor"),
        (r#"externalId eq "1""#, "Lovelace"),
        (r#"groups.display eq "Algebra""#, "Lovelace"),
        (r#"userName eq "ada" and meta.resourceType eq "Group""#, ""),
        (r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName sw "al""#, "Algebra"),
    ] {
        let query = filter.replace('"', "%22").replace(' ', "%20");
        let list = client.get(&format!("/?filter={query}")).await;
        assert_eq!(named(&list), expected, "{filter}");
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter,
        });
        let found = client.post("/.search", body).await;
        assert_eq!(found.text(), list.text(), "{filter}");
    }
});

contract!(async fn a_group_is_found_by_its_member_among_all_types(store) {
    let client = office(store).await;
    let ada = client.get("/Users?filter=userName%20eq%20%22ada%22").await;
    let ada = ada.json()["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let filter = format!("members.value%20eq%20%22{ada}%22");
    assert_eq!(named(&client.get(&format!("/?filter={filter}")).await), "Engines Algebra");
});

contract!(async fn one_order_for_all_types(store) {
    let client = office(store).await;
    for (order, expected) in [
        ("sortBy=displayName", "Algebra Editor Engines Lovelace Noether"),
        ("sortBy=displayName&sortOrder=descending", "Noether Lovelace Engines Editor Algebra"),
        ("sortBy=displayName&startIndex=2&count=2", "Editor Engines"),
        // The others have no value: in the order of their making.
        ("sortBy=userName", "Lovelace Noether Engines Editor Algebra"),
        ("sortBy=userName&sortOrder=descending", "Algebra Editor Engines Noether Lovelace"),
        ("sortBy=meta.created", "Lovelace Engines Editor Noether Algebra"),
        ("sortBy=meta.resourceType", "Engines Algebra Editor Lovelace Noether"),
    ] {
        assert_eq!(named(&client.get(&format!("/?{order}")).await), expected, "{order}");
    }
});

contract!(async fn what_no_type_knows_is_refused(store) {
    let client = office(store).await;
    for (query, verdict) in [
        ("filter=shoeSize%20eq%2043", "400 invalidFilter"),
        ("filter=userName%20eq%2043", "400 invalidFilter"),
        ("filter=password%20pr", "400 invalidFilter"),
        ("filter=members.display%20eq%20%22x%22", "400 invalidFilter"),
        ("sortBy=shoeSize", "400 invalidPath"),
        ("sortBy=members", "400 invalidPath"),
    ] {
        assert_eq!(client.get(&format!("/?{query}")).await.verdict(), verdict, "{query}");
    }
    assert_shown!(client.get("/?filter=shoeSize%20eq%2043").await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidFilter",
      "detail": "In the filter, shoeSize is not an attribute of any resource type.",
      "status": "400"
    }
    "#);
});

contract!(async fn only_one_organization(store) {
    let client = office(store).await;
    let other = client.of_another(store, "globex").await;
    other.user("ada").await;
    assert_eq!(other.get("/").await.listed("userName"), "ada");
    assert_eq!(client.get("/").await.json()["totalResults"], 5);
});

contract!(async fn scim_1_1_has_no_root(store) {
    let client = office(store).await.v1();
    for (method, path) in [("GET", "/"), ("POST", "/.search")] {
        assert_eq!(client.request(method, path, Some("{}")).await.status, 404, "{method} {path}");
    }
});
