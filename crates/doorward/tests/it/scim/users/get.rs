//! `GET /Users/{id}`.

use testkit::contract;

use crate::scim::support::{Client, assert_shown};

contract!(async fn a_user_tells_its_groups_and_how_it_came_into_them(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    let inner = client.group("inner", &[&user]).await;
    let outer = client.group("outer", &[&inner]).await;
    client.group("outermost", &[&outer]).await;
    client.group("other", &[]).await;
    assert_shown!(client.get(&format!("/Users/{user}")).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"1-(digest)"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "userName": "ada",
      "active": true,
      "groups": [
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v2/Groups/#2",
          "display": "inner",
          "type": "direct"
        },
        {
          "value": "#3",
          "$ref": "https://door.example/scim/v2/Groups/#3",
          "display": "outer",
          "type": "indirect"
        },
        {
          "value": "#4",
          "$ref": "https://door.example/scim/v2/Groups/#4",
          "display": "outermost",
          "type": "indirect"
        }
      ],
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1-(digest)\""
      }
    }
    "##);
});

contract!(async fn the_version_follows_the_user_and_the_tag_its_groups_too(store) {
    let client = Client::open(store).await;
    let path = format!("/Users/{}", client.user("ada").await);
    assert_eq!(client.get(&path).await.header("etag"), Some("W/\"1\""));
    client.group("engines", &[path.trim_start_matches("/Users/")]).await;
    let tag = client.get(&path).await.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\"1-"), "{tag}");
    store.clock.advance(std::time::Duration::from_secs(90));
    client.put(&path, r#"{"userName":"ada","title":"Countess"}"#).await;
    let shown = client.get(&path).await;
    assert_eq!(shown.header("etag"), Some(&*tag.replace("W/\"1-", "W/\"2-")));
    let meta = &shown.json()["meta"];
    assert_eq!(meta["version"], shown.header("etag").expect("a tag"));
    assert_eq!(meta["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(meta["lastModified"], "2026-01-01T00:01:30.000Z");
});

contract!(async fn nobody_is_not_found(store) {
    let client = Client::open(store).await;
    let group = client.group("engines", &[]).await;
    assert_eq!(client.get(&format!("/Users/{group}")).await.verdict(), "404", "a group is no user");
    assert_shown!(client.get("/Users/x").await, @r#"
    404
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "There is no resource with this id.",
      "status": "404"
    }
    "#);
});
