//! `/api/v1/organizations/{organization}/groups`.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::support::Api;
use crate::scim::support::Client;

const GROUPS: &str = "/organizations/acme/groups";

contract! {
    async fn a_team_has_members_and_is_handed_to_a_provider(store) {
        let client = Client::open(store).await;
        let api = Api { server: client.server.clone(), ..Api::open(store).await };
        let made = api.post(GROUPS, json!({ "attributes": { "displayName": "Team" } })).await;
        assert_eq!((made.status(), made.header("etag")), (201, Some("W/\"1\"")));
        let at = format!("{GROUPS}/{}", made.json()["id"].as_str().expect("an id"));
        let mut ids = Vec::new();
        for name in ["ada", "bea", "carl"] {
            let body = json!({ "attributes": { "userName": name } });
            let user = api.post("/organizations/acme/users", body).await.expect(201);
            ids.push(user["id"].clone());
        }
        api.post(&format!("{at}/members"), json!({ "members": ids })).await.expect(204);
        let (mut met, mut next): (Vec<Json>, String) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("{at}/members?limit=2{next}")).await.expect(200);
            met.extend(page["items"].as_array().expect("a list").iter().map(|it| it["id"].clone()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(met, ids);
        api.post(&format!("{at}/members/remove"), json!({ "members": [ids[0]] })).await.expect(204);
        assert_eq!(api.get(&at).await.expect(200)["members"], 2);
        let connection = client.connection.connection.id.to_string();
        let link = json!({ "connection": connection });
        let linked = api.put(&format!("{at}/connection"), Some(link)).await.expect(200);
        assert_eq!(linked["managed_by"], connection.as_str());
        // What a provider manages is changed there.
        let refused = api.patch(&at, json!({ "attributes": { "displayName": "Mine" } })).await;
        assert_eq!(refused.expect(403)["code"], "managed_elsewhere");
        let unlinked = api.delete(&format!("{at}/connection")).await.expect(200);
        assert_eq!(unlinked["managed_by"], Json::Null);
        api.delete(&at).await.expect(204);
    }
}
