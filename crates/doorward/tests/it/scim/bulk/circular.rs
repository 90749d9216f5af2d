//! Operations that refer to each other, RFC 7644 §3.7.1.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::{ENTERPRISE, bulk, detail, group, id, members, post, statuses, user};
use crate::scim::support::Client;

/// A user with a manager.
fn report(bulk_id: &str, name: &str, manager: &str) -> Json {
    let manager = json!({ "value": format!("bulkId:{manager}"), "displayName": "Boss" });
    post(
        "/Users",
        bulk_id,
        json!({
            "userName": name,
            "title": "T",
            ENTERPRISE: { "department": "D", "manager": manager },
        }),
    )
}

async fn manager(client: &Client, id: &str) -> Json {
    client.get(&format!("/Users/{id}")).await.json()[ENTERPRISE]["manager"]["value"].clone()
}

contract!(async fn users_may_be_the_managers_of_each_other(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        group("g", "Crew", &["bulkId:a", "bulkId:c"]),
        report("a", "ada", "b"),
        report("b", "bob", "c"),
        report("c", "cy", "a"),
        report("self", "eve", "self"),
    ]))
    .await;
    assert_eq!(statuses(&reply), "201, 201, 201, 201, 201");
    let ids: Vec<String> = (1..5).map(|at| id(&reply, at)).collect();
    for (who, whom) in [(0, 1), (1, 2), (2, 0), (3, 3)] {
        assert_eq!(manager(&client, &ids[who]).await, ids[whom].as_str(), "{who}");
        let path = format!("/Users/{}", ids[who]);
        let shown = client.get(&path).await;
        // The answer has the version that is there in the end.
        let told = &reply.json()["Operations"][who + 1]["version"];
        assert_eq!(shown.version().as_deref(), told.as_str());
        assert_eq!(shown.json()[ENTERPRISE]["department"], "D");
    }
    assert_eq!(members(&client, &id(&reply, 0)).await, [ids[0].clone(), ids[2].clone()]);
    // Whoever comes after the one that it refers to is created whole.
    assert_eq!(
        client.kinds_after(before).await,
        "UserCreated UserCreated UserCreated UserUpdated UserUpdated GroupCreated UserCreated \
         UserUpdated"
    );
});

contract!(async fn groups_that_contain_each_other_are_refused(store) {
    let client = Client::open(store).await;
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        group("a", "A", &["bulkId:b", "bulkId:u"]),
        user("u", "ada"),
        group("b", "B", &["bulkId:a"]),
        group("c", "C", &["bulkId:a"]),
        group("d", "D", &["bulkId:d"]),
        group("e", "E", &["bulkId:u"]),
    ]))
    .await;
    assert_eq!(statuses(&reply), "409, 201, 409, 409, 409, 201");
    let why = "The operations \"a\", \"b\" refer to each other, so they are done together or not \
               at all. Nothing was changed. Group \"b\" contains this group, so it cannot become \
               its member.";
    assert_eq!((detail(&reply, 0), detail(&reply, 2)), (why.to_owned(), why.to_owned()));
    assert!(detail(&reply, 3).contains("\"a\", whose own operation failed"), "{reply}");
    assert!(detail(&reply, 4).contains("contains this group"), "{reply}");
    // Nothing of them stays, and their names are free.
    assert_eq!(client.kinds_after(before).await, "UserCreated GroupCreated");
    assert_eq!(statuses(&bulk(&client, json!([group("a", "A", &[])])).await), "201");
});

contract!(async fn one_mistake_in_a_circle_undoes_the_circle(store) {
    let client = Client::open(store).await;
    client.user("taken").await;
    let before = client.newest().await;
    for (wrong, word) in [
        (report("b", "taken", "a"), "userName"),
        (post("/Users", "b", json!({ "manager": "bulkId:a" })), "userName"),
        (post("/Robots", "b", json!({ "owner": "bulkId:a" })), "endpoint"),
        (post("/Users", "b", json!({ "userName": "b", "active": "maybe", "x": "bulkId:a" })), "active"),
    ] {
        let reply = bulk(&client, json!([report("a", "ada", "b"), wrong, report("c", "cy", "a")])).await;
        assert_eq!(statuses(&reply), "409, 409, 409", "{reply}");
        assert!(detail(&reply, 0).contains(word), "{reply}");
        assert!(reply.json()["Operations"][0]["location"].is_null());
    }
    assert_eq!(client.newest().await, before);
    // Two circles have nothing to do with each other.
    let reply = bulk(&client, json!([
        report("a", "ada", "b"),
        report("c", "cy", "d"),
        report("d", "taken", "c"),
        report("b", "bob", "a"),
    ]))
    .await;
    assert_eq!(statuses(&reply), "201, 409, 409, 201");
});

contract!(async fn a_circle_of_a_whole_request_is_done(store) {
    let client = Client::open(store).await;
    let name = |at: usize| format!("u{}", at % 300);
    let all: Vec<Json> =
        (0..300).map(|at| report(&name(at), &name(at), &name(at + 1))).collect();
    let reply = bulk(&client, all.into()).await;
    assert!(statuses(&reply).split(", ").all(|status| status == "201"), "{reply}");
    assert_eq!(manager(&client, &id(&reply, 299)).await, id(&reply, 0).as_str());
    assert_eq!(manager(&client, &id(&reply, 0)).await, id(&reply, 1).as_str());
    let mut broken: Vec<Json> =
        (300..600).map(|at| report(&name(at), &format!("v{at}"), &name(at + 1))).collect();
    broken[200]["data"]["userName"] = json!("u7");
    let before = client.newest().await;
    let reply = bulk(&client, broken.into()).await;
    assert!(statuses(&reply).split(", ").all(|status| status == "409"), "{reply}");
    assert!(detail(&reply, 17).contains(" and 295 more refer to each other"), "{reply}");
    assert_eq!(client.newest().await, before);
});
