//! Forms: only pages of ours send them, and only to one's own organization.

use directory::Record as _;
use testkit::{PUBLIC_URL, contract};

use super::support::{House, follow, form_token, send};
use crate::scim::support::Client;

contract!(async fn what_no_page_of_ours_sends_is_not_done_and_is_audited(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("superadmin")).await;
    let page = admin.get("/console/teams").await.text();
    let token = form_token(&page);
    let name = ("name", "Climbing");
    let foreign = admin.post("/console/teams", "https://evil.example", &[("csrf", &token), name]).await;
    assert_eq!(foreign.status, 401, "a cookie of ours does not come along: {}", foreign.text());
    for fields in [vec![name], vec![name, ("csrf", "x")], vec![name, ("csrf", &token[1..])]] {
        let refused = admin.post("/console/teams", PUBLIC_URL, &fields).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(house.door.audited().await.starts_with("console.refused "));
    }
    // Another person's token is none.
    let other = house.person(Some("admin")).await;
    let refused = other.post("/console/teams", PUBLIC_URL, &[("csrf", &token), name]).await;
    assert_eq!(refused.status, 403);
    assert!(!admin.get("/console/teams").await.text().contains("Climbing"));
    let made = admin.post("/console/teams", PUBLIC_URL, &[("csrf", &token), name]).await;
    assert!(follow(&admin, &made).await.text().contains("Climbing"));
});

contract!(async fn another_organizations_ids_are_those_of_nothing(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("superadmin")).await;
    let other = house.door.client.of_another(store, "birch").await;
    let (user, group) = (other.user("zoe").await, other.group("Board", &[]).await);
    let connection = other.connection.connection.id.to_string();
    let invented = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    for (address, id) in [
        ("/console/users/{}", &*user),
        ("/console/groups/{}", &*group),
        ("/console/integrations/{}", &connection),
        ("/console/integrations/{}/setup", &connection),
        ("/console/integrations/{}/credentials", &connection),
        ("/console/integrations/{}/log", &connection),
        ("/console/integrations/{}/sso", &connection),
    ] {
        let at = |id: &str| address.replace("{}", id);
        let (theirs, nothing) = (admin.get(&at(id)).await, admin.get(&at(invented)).await);
        assert_eq!((theirs.status, nothing.status), (404, 404), "{address}");
        assert_eq!(theirs.text().replace(id, ""), nothing.text().replace(invented, ""), "{address}");
    }
    for (address, fields) in [
        (format!("/console/users/{user}/archive"), vec![]),
        (format!("/console/teams/{group}/delete"), vec![]),
        (format!("/console/integrations/{connection}/disable"), vec![]),
        (format!("/console/integrations/{connection}/credentials"), vec![("expected", "1")]),
    ] {
        let answer = send(&admin, &address, &fields).await;
        assert_eq!(answer.status, 404, "{address}: {}", answer.text());
    }
});

contract!(async fn people_are_managed_where_they_come_from(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("superadmin")).await;
    let pushed = house.door.client.user("grace").await;
    let page = admin.get(&format!("/console/users/{pushed}")).await.text();
    assert!(page.contains("To archive, deactivate in Okta instead."), "{page}");
    let added = send(&admin, "/console/users/new", &[("userName", "local@x.example"), ("givenName", "Lo")]).await;
    let address = added.header("location").expect("an address").split('?').next().expect("a path").to_owned();
    let archived = send(&admin, &format!("{address}/archive"), &[]).await;
    assert!(follow(&admin, &archived).await.text().contains("Archived"));
    let back = send(&admin, &format!("{address}/reactivate"), &[]).await;
    assert!(follow(&admin, &back).await.text().contains("Active"));
    let csv = admin.get("/console/users.csv?q=lo").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    assert!(text.starts_with('\u{feff}') && text.contains("local@x.example"), "{text}");
    assert!(!text.contains("grace"), "as it was filtered");
});

contract!(async fn a_mapping_changes_who_was_shown_and_no_one_else(store) {
    let house = House::open(store).await;
    let client: &Client = &house.door.client;
    let admin = house.person(Some("superadmin")).await;
    let (ada, bob) = (client.user("ada").await, client.user("bob").await);
    let group = client.group("Board", &[&ada]).await;
    let preview = format!("/console/roles/preview?role=admin&group={group}");
    let page = admin.get(&preview).await.text();
    assert!(page.contains("1 person gains it at once"), "{page}");
    let body = format!(r#"{{"Operations":[{{"op":"add","path":"members","value":[{{"value":"{bob}"}}]}}]}}"#);
    client.patch(&format!("/Groups/{group}"), &body).await;
    let seen = |page: &str| {
        let (_, rest) = page.split_once("name=\"seen\" value=\"").expect("what was seen");
        rest.split('"').next().expect("its end").to_owned()
    };
    let shown = seen(&page);
    let fields = [("role", "admin"), ("group", &*group), ("act", "map"), ("seen", &*shown)];
    let late = send(&admin, "/console/roles/preview", &fields).await;
    assert_eq!(late.status, 422);
    assert!(late.text().contains("Look again before you save."), "{}", late.text());
    // As many as before, and someone else.
    let body = format!(r#"{{"Operations":[{{"op":"remove","path":"members[value eq \"{ada}\"]"}}]}}"#);
    client.patch(&format!("/Groups/{group}"), &body).await;
    let swapped = send(&admin, "/console/roles/preview", &fields).await;
    assert_eq!(swapped.status, 422);
    let shown = seen(&admin.get(&preview).await.text());
    let fields = [("role", "admin"), ("group", &*group), ("act", "map"), ("seen", &*shown)];
    let saved = send(&admin, "/console/roles/preview", &fields).await;
    assert!(follow(&admin, &saved).await.text().contains("Board"));
    let person = admin.get(&format!("/console/users/{bob}")).await.text();
    assert!(person.contains("by the group Board"), "{person}");
});

contract!(async fn an_admin_gives_no_administrators_role(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("admin")).await;
    let user = house.door.client.user("grace").await;
    let given = send(&admin, &format!("/console/users/{user}/role"), &[("role", "superadmin")]).await;
    assert_eq!(given.status, 403, "{}", given.text());
    let entries = house.operator().read(|reader| directory::audit::after(reader, 0.into(), 1_000)).await;
    let kinds = entries.expect("the audit");
    assert!(kinds.iter().filter(|entry| entry.payload.kind().name() == "role.assigned").count() == 1);
});
