//! Connections, tokens, SAML settings, the sync log.

use serde_json::json;
use testkit::contract;

use super::support::Api;
use crate::scim::support::assert_shown;

const CONNECTIONS: &str = "/organizations/acme/connections";

contract! {
    async fn a_connection_is_made_and_its_token_is_shown_once(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let made = api.post(CONNECTIONS, json!({ "provider": "okta", "protocol": "scim2" })).await;
        assert_shown!(made, @r#"
        201
        content-type: application/json
        location: /api/v1/organizations/[id]/connections/[id]

        {
          "id": "[id]",
          "name": null,
          "provider": "okta",
          "protocol": "scim2",
          "state": "active",
          "profile": "okta-1",
          "profile_chosen": false,
          "base_url": "https://door.example/scim/v2",
          "own_base_url": "https://door.example/c/[id]/scim/v2",
          "ipsie": false,
          "created": "[time]"
        }
        "#);
        let at = format!("{CONNECTIONS}/{}", made.json()["id"].as_str().expect("an id"));
        let issued = api.post(&format!("{at}/tokens"), json!({})).await;
        assert_shown!(issued, @r#"
        201
        content-type: application/json
        location: /api/v1/organizations/[id]/connections/[id]/tokens/1

        {
          "number": 1,
          "created": "[time]",
          "expires": null,
          "last_used": null,
          "revoked": null,
          "token": "[secret]"
        }
        "#);
        let token = issued.json()["token"].as_str().expect("it is shown").to_owned();
        assert_eq!(api.server.request(&token, "GET", "/scim/v2/Users", None).await.status, 200);
        let listed = api.get(&format!("{at}/tokens")).await.expect(200);
        assert!(!listed.to_string().contains("scim_"), "{listed}");
        api.server.app().sync_log().flush(&store.store).await;
        let log = api.get(&format!("{at}/sync-log?limit=1")).await.expect(200);
        let logged = &log["items"][0];
        assert_eq!(
            (&logged["method"], &logged["path"], &logged["status"], &logged["token"]),
            (&json!("GET"), &json!("/Users"), &json!(200), &json!(1))
        );
        assert_eq!(api.send("POST", &format!("{at}/disable"), None).await.expect(200)["state"], "disabled");
        assert_eq!(api.server.request(&token, "GET", "/scim/v2/Users", None).await.status, 403);
        api.send("POST", &format!("{at}/enable"), None).await.expect(200);
        api.delete(&format!("{at}/tokens/1")).await.expect(200);
        assert_eq!(api.server.request(&token, "GET", "/scim/v2/Users", None).await.status, 401);
        let named = api.patch(&at, json!({ "name": "Okta of Acme", "profile": "strict" })).await;
        let named = named.expect(200);
        assert_eq!((&named["name"], &named["profile"]), (&json!("Okta of Acme"), &json!("strict-1")));
        api.delete(&at).await.expect(204);
        api.get(&at).await.expect(404);
    }
}

contract! {
    async fn sign_in_is_set_up_by_the_address_and_the_name_of_the_provider(store) {
        let api = Api::open(store).await;
        store.organization("acme").await;
        let made = api.post(CONNECTIONS, json!({ "provider": "okta", "protocol": "none" })).await;
        let at = format!("{CONNECTIONS}/{}/saml", made.expect(201)["id"].as_str().expect("an id"));
        let provider = json!({ "entity_id": "idp", "sso_url": "https://idp.example/sso" });
        let changed = api.patch(&at, json!({ "provider": provider, "create_users": true })).await;
        assert_shown!(changed, @r#"
        200
        content-type: application/json

        {
          "state": "off",
          "entity_id": "https://door.example/saml/[id]/metadata",
          "acs_url": "https://door.example/saml/[id]/acs",
          "login_url": "https://door.example/saml/[id]/login",
          "provider": {
            "entity_id": "idp",
            "sso_url": "https://idp.example/sso",
            "binding": "redirect"
          },
          "signed": "both",
          "unsolicited": false,
          "name_id": "username",
          "create_users": true,
          "tested": null,
          "sign_requests": false,
          "metadata": null
        }
        "#);
        let refused = api.patch(&at, json!({ "state": "testing" })).await.expect(409);
        assert!(refused["detail"].as_str().expect("a sentence").contains("certificate"), "{refused}");
        assert_eq!(api.get(&format!("{at}/certificates")).await.expect(200)["items"], json!([]));
        let refused = api.post(&format!("{at}/certificates"), json!({ "pem": "none" })).await;
        assert_eq!(refused.expect(400)["code"], "invalid");
        let refused = api.patch(&at, json!({ "metadata": "<x/>" })).await;
        assert_eq!(refused.expect(400)["code"], "invalid");
    }
}
