//! `POST /Bulk`, RFC 7644 §3.7.

mod answer;
mod circular;
mod cut_off;
mod failures;
mod large;
mod property;
mod references;
mod refusals;
mod registered;
mod v1;
mod versions;

use serde_json::{Value as Json, json};

use super::support::{Client, Reply};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Sends operations, and tells the answer. It is a 200.
async fn bulk(client: &Client, operations: Json) -> Reply {
    let reply = send(client, &json!({ "Operations": operations })).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply
}

/// Sends a bulk request that has all it needs but for `schemas`.
async fn send(client: &Client, request: &Json) -> Reply {
    let mut request = request.clone();
    request["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    client.post("/Bulk", request).await
}

#[expect(clippy::needless_pass_by_value, reason = "read as they are written")]
fn post(path: &str, bulk_id: &str, data: Json) -> Json {
    json!({ "method": "POST", "path": path, "bulkId": bulk_id, "data": data })
}

fn user(bulk_id: &str, name: &str) -> Json {
    post("/Users", bulk_id, json!({ "userName": name }))
}

/// A group with members by bulkId or id.
fn group(bulk_id: &str, name: &str, members: &[&str]) -> Json {
    let members: Vec<Json> = members.iter().map(|value| json!({ "value": value })).collect();
    post("/Groups", bulk_id, json!({ "displayName": name, "members": members }))
}

#[expect(clippy::needless_pass_by_value, reason = "read as they are written")]
fn put(path: &str, data: Json) -> Json {
    json!({ "method": "PUT", "path": path, "data": data })
}

#[expect(clippy::needless_pass_by_value, reason = "read as they are written")]
fn patch(path: &str, operations: Json) -> Json {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let data = json!({ "schemas": schemas, "Operations": operations });
    json!({ "method": "PATCH", "path": path, "data": data })
}

fn delete(path: &str) -> Json {
    json!({ "method": "DELETE", "path": path })
}

/// The statuses of the operations in an answer, with the keyword of each error.
fn statuses(reply: &Reply) -> String {
    let body = reply.json();
    let operations = body["Operations"].as_array().expect("operations").iter();
    let told = operations.map(|operation| {
        let status = operation["status"].as_str().expect("a status");
        match operation["response"]["scimType"].as_str() {
            Some(keyword) => format!("{status} {keyword}"),
            None => status.to_owned(),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The sentence of the error of one operation.
fn detail(reply: &Reply, at: usize) -> String {
    let detail = &reply.json()["Operations"][at]["response"]["detail"];
    detail.as_str().expect("a failed operation").to_owned()
}

/// The id of the resource that one operation is about.
fn id(reply: &Reply, at: usize) -> String {
    let location = &reply.json()["Operations"][at]["location"];
    let location = location.as_str().expect("a location").to_owned();
    location.rsplit('/').next().expect("an id").to_owned()
}

/// The ids of the members of a group.
async fn members(client: &Client, group: &str) -> Vec<String> {
    let shown = client.get(&format!("/Groups/{group}")).await.json();
    let members = shown["members"].as_array().expect("members").iter();
    members.map(|member| member["value"].as_str().expect("an id").to_owned()).collect()
}
