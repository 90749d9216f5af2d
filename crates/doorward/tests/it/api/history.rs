//! `/api/v1/organizations/{organization}/at/…`, `…/history`, `…/restore` and `…/checksum`.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::support::Api;

const ACME: &str = "/organizations/acme";

async fn newest(api: &Api) -> i64 {
    let organization = api.get(ACME).await.expect(200);
    organization["last_event"].as_i64().expect("a number")
}

/// Makes users, and answers their ids.
async fn people(api: &Api, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        let body = json!({ "attributes": { "userName": name } });
        let made = api.post(&format!("{ACME}/users"), body).await.expect(201);
        ids.push(made["id"].as_str().expect("an id").to_owned());
    }
    ids
}

contract! {
    async fn a_user_and_a_group_are_shown_as_they_were(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let ids = people(&api, &["ada", "bea"]).await;
        let team = json!({ "attributes": { "displayName": "Team" } });
        let team = api.post(&format!("{ACME}/groups"), team).await.expect(201);
        let team = format!("{ACME}/groups/{}", team["id"].as_str().expect("an id"));
        api.post(&format!("{team}/members"), json!({ "members": ids })).await.expect(204);
        let noon = newest(&api).await;
        let ada = format!("{ACME}/users/{}", ids[0]);
        api.patch(&ada, json!({ "attributes": { "title": "Countess" } })).await.expect(200);
        api.delete(&ada).await.expect(204);
        api.delete(&team).await.expect(204);
        let then = api.get(&format!("{ada}/at/{noon}")).await.expect(200);
        assert_eq!(
            (&then["name"], &then["active"], then["attributes"].get("title")),
            (&json!("ada"), &json!(true), None)
        );
        assert_eq!(api.get(&format!("{ada}/at/2100-01-01T00:00:00Z")).await.expect(404)["code"], "not_found");
        let then = api.get(&format!("{team}/at/{noon}")).await.expect(200);
        assert_eq!(then["name"], "Team");
        let (mut met, mut next): (Vec<Json>, String) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("{team}/at/{noon}/members?limit=1{next}")).await.expect(200);
            met.extend(page["items"].as_array().expect("a list").iter().map(|it| it["id"].clone()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(met, sorted);
        let told = api.get(&format!("{ada}/history")).await.expect(200);
        let kinds = told["items"].as_array().expect("a list").iter().map(|it| it["kind"].clone());
        assert_eq!(kinds.collect::<Vec<_>>(), ["user.created", "user.updated", "user.deleted"]);
        let counted = api.get(&format!("{ACME}/at/{noon}")).await.expect(200);
        assert_eq!((&counted["users"], &counted["groups"]), (&json!(2), &json!(1)));
        assert_eq!(
            counted["since"],
            json!({ "user.updated": 1, "user.deleted": 1, "group.deleted": 1 })
        );
        let text = api.get(&format!("{ACME}/at/{noon}/snapshot")).await.0.text();
        let lines: Vec<Json> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().expect("a kind")).collect();
        assert_eq!(
            kinds,
            ["snapshot.begins", "user.created", "user.created", "group.created", "group.updated", "snapshot.ends"]
        );
        assert_eq!(api.get(&format!("{ACME}/at/{}", noon + 100)).await.expect(400)["code"], "invalid");
        assert_eq!(api.get(&format!("{ACME}/at/yesterday")).await.expect(404)["code"], "not_found");
    }
}

contract! {
    async fn what_was_lost_is_told_and_comes_back(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let ids = people(&api, &["ada", "bea"]).await;
        let noon = newest(&api).await;
        let at = |id: &str| format!("{ACME}/users/{id}");
        api.send("POST", &format!("{}/archive", at(&ids[0])), None).await.expect(200);
        api.delete(&at(&ids[1])).await.expect(204);
        let restore = format!("{ACME}/restore");
        let preview = json!({ "to": noon.to_string(), "preview": true });
        let told = api.post(&restore, preview).await.expect(200);
        let lost = json!({ "reactivated": 1, "recreated": 1, "groups": 0, "memberships": 0 });
        assert_eq!((&told["lost"], &told["done"]), (&lost, &json!(null)));
        assert_eq!(told["shown"].as_array().expect("a list").len(), 2);
        assert_eq!(api.get(&at(&ids[0])).await.expect(200)["active"], false, "a preview changes nothing");
        let done = api.post(&restore, json!({ "to": noon.to_string() })).await.expect(200)["done"].clone();
        assert_eq!((&done["counts"], &done["whole"]), (&lost, &json!(true)));
        for id in &ids {
            assert_eq!(api.get(&at(id)).await.expect(200)["active"], true);
        }
        let again = api.post(&restore, json!({ "to": noon.to_string() })).await.expect(200);
        assert_eq!(again["done"]["counts"]["reactivated"], 0);
        let both = json!({ "to": "1", "user": ids[0], "group": ids[0] });
        assert_eq!(api.post(&restore, both).await.expect(400)["code"], "invalid");
    }
}
