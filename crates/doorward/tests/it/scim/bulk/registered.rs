//! Resources of registered types in a bulk request.

use serde_json::json;
use testkit::contract;

use super::{bulk, delete, id, patch, post, put, statuses};
use crate::scim::support::Client;

contract!(async fn roles_are_made_given_changed_and_deleted_in_one_request(store) {
    let client = Client::with_governance(store).await;
    let reply = bulk(&client, json!([
        post("/Users", "ada", json!({
            "userName": "ada",
            "roles": [{ "value": "bulkId:editor", "display": "Editor" }],
        })),
        post("/Roles", "editor", json!({ "displayName": "Editor" })),
        post("/Roles", "twice", json!({ "displayName": "EDITOR" })),
        post("/Entitlements", "seat", json!({ "displayName": "Seat", "type": "Entitlement" })),
        put("/Roles/bulkId:editor", json!({ "displayName": "Editor", "description": "Writes." })),
        patch("/Roles/bulkId:editor", json!([
            { "op": "replace", "path": "description", "value": "Writes much." },
        ])),
        patch("/Roles/bulkId:editor", json!([
            { "op": "replace", "path": "displayName" },
        ])),
        delete("/Entitlements/bulkId:seat"),
        post("/Robots", "r2", json!({ "displayName": "R2" })),
    ]))
    .await;
    assert_eq!(
        statuses(&reply),
        "201, 201, 409 uniqueness, 201, 200, 200, 400 invalidValue, 204, 404",
        "{reply}"
    );
    let role = id(&reply, 1);
    let operation = &reply.json()["Operations"][5];
    assert_eq!(operation["version"], "W/\"3\"");
    assert_eq!(operation["location"], format!("https://door.example/scim/v2/Roles/{role}"));
    let role = client.get(&format!("/Roles/{role}")).await.json();
    assert_eq!(role["description"], "Writes much.");
    let ada = client.get(&format!("/Users/{}", id(&reply, 0))).await.json();
    assert_eq!(ada["roles"][0]["value"], role["id"]);
    assert_eq!(client.get("/Entitlements").await.json()["totalResults"], 0);
});
