//! `startIndex`, `count` and totals.

use testkit::{TestStore, contract};

use super::support::{Client, assert_shown};

/// Users `u000` and so on.
async fn crowd(client: &Client, users: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..users {
        ids.push(client.user(&format!("u{n:03}")).await);
    }
    ids
}

/// Total, first number, number of items, and the items.
async fn page(client: &Client, query: &str) -> (u64, u64, u64, Vec<String>) {
    let reply = client.get(query).await;
    let list = reply.json();
    let number = |name: &str| list[name].as_u64().expect("an integer");
    let name = if query.starts_with("/Users") { "userName" } else { "displayName" };
    let items: Vec<String> = reply.listed(name).split_whitespace().map(str::to_owned).collect();
    (number("totalResults"), number("startIndex"), number("itemsPerPage"), items)
}

/// All items, taken in pages of this size, where each page was what it said it was.
async fn walk(client: &Client, query: &str, size: u64) -> Vec<String> {
    let mut all = Vec::new();
    let mut start = 1;
    loop {
        let sign = if query.contains('?') { '&' } else { '?' };
        let (total, first, items, names) =
            page(client, &format!("{query}{sign}startIndex={start}&count={size}")).await;
        assert_eq!((first, items), (start, names.len() as u64));
        assert_eq!(items, size.min((total + 1).saturating_sub(start)), "from {start} of {total}");
        all.extend(names);
        if items == 0 {
            assert_eq!(all.len() as u64, total);
            return all;
        }
        start += size;
    }
}

contract!(async fn every_user_is_on_one_page_whatever_the_size(store) {
    let client = Client::open(store).await;
    // More than one block of the counters behind a page.
    let ids = crowd(&client, 300).await;
    let all: Vec<String> = (0..300).map(|n| format!("u{n:03}")).collect();
    for size in [7, 100, 128, 1000] {
        assert_eq!(walk(&client, "/Users", size).await, all, "{size}");
    }
    // Holes in the numbers change nothing but the total.
    for id in ids.iter().step_by(3) {
        assert_eq!(client.delete(&format!("/Users/{id}")).await.status, 204);
    }
    let left: Vec<String> =
        all.iter().enumerate().filter(|(n, _)| n % 3 != 0).map(|(_, name)| name.clone()).collect();
    for size in [13, 100] {
        assert_eq!(walk(&client, "/Users", size).await, left, "{size}");
        let odd = "/Users?filter=userName+sw+%22u%22";
        assert_eq!(walk(&client, odd, size).await, left, "{size}");
    }
});

contract!(async fn a_filter_has_a_total_of_its_own(store) {
    let client = Client::open(store).await;
    let ids = crowd(&client, 60).await;
    for id in &ids[..25] {
        client.put(&format!("/Users/{id}"), format!(r#"{{"userName":"{id}","active":false}}"#)).await;
    }
    for (filter, total) in [
        ("active+eq+true", 35),
        ("active+eq+false", 25),
        ("not+(active+eq+true)", 25),
        ("userName+co+%22u0%22", 35),
        ("userName+sw+%22u04%22+or+userName+eq+%22u059%22", 11),
        ("id+pr", 60),
        ("title+pr", 0),
    ] {
        let query = format!("/Users?filter={filter}");
        assert_eq!(walk(&client, &query, 10).await.len(), total, "{filter}");
        let (all, start, items, _) = page(&client, &format!("{query}&count=0")).await;
        assert_eq!((all, start, items), (total as u64, 1, 0), "{filter}");
    }
});

contract!(async fn the_order_does_not_follow_changes(store) {
    let client = Client::open(store).await;
    let ids = crowd(&client, 5).await;
    let before = walk(&client, "/Users", 2).await;
    for (n, id) in ids.iter().enumerate().rev() {
        let body = format!(r#"{{"userName":"u{n:03}","title":"changed","active":false}}"#);
        assert_eq!(client.put(&format!("/Users/{id}"), body).await.status, 200);
    }
    assert_eq!(walk(&client, "/Users", 2).await, before);
    // Whoever comes back stands where he stood.
    let back = client.post("/Users", r#"{"userName":"u001"}"#).await.created();
    assert_eq!(back, ids[1]);
    assert_eq!(walk(&client, "/Users", 2).await, before);
});

contract!(async fn groups_are_paged_as_users_are(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let mut all = Vec::new();
    for n in 0..150 {
        let name = format!("g{n:03}");
        let members = [a.as_str()];
        client.group(&name, &members[..(n + 1) % 2]).await;
        all.push(name);
    }
    for size in [40, 100] {
        assert_eq!(walk(&client, "/Groups", size).await, all);
    }
    let filter = format!("/Groups?filter=members.value+eq+%22{a}%22");
    let with_a: Vec<String> = all.iter().step_by(2).cloned().collect();
    assert_eq!(walk(&client, &filter, 20).await, with_a);
});

contract!(async fn a_page_has_a_default_and_a_largest_size(store) {
    let client = limited(store).await;
    crowd(&client, 30).await;
    assert_eq!(page(&client, "/Users").await.2, 10);
    assert_eq!(page(&client, "/Users?count=20").await.2, 20);
    assert_eq!(page(&client, "/Users?count=30").await.2, 25);
    assert_eq!(page(&client, "/Users?count=1000000").await.2, 25);
    assert_eq!(page(&client, "/Users?count=1000000&filter=id+pr").await.2, 25);
    assert_eq!(client.get("/ServiceProviderConfig").await.json()["filter"]["maxResults"], 25);
});

async fn limited(store: &TestStore) -> Client {
    let limits = server::http::Limits { page_default: 10, page_max: 25, ..Default::default() };
    Client::with_limits(store, limits).await
}

contract!(async fn a_filter_that_looks_at_too_much_is_refused(store) {
    let limits = server::http::Limits { scan_budget: 20, ..Default::default() };
    let client = Client::with_limits(store, limits).await;
    crowd(&client, 30).await;
    let refused = client.get("/Users?filter=title+co+%22x%22").await;
    assert_shown!(refused, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "tooMany",
      "detail": "The filter would have to look at more than 20 resources, because title is not indexed. Add a condition that an index answers: eq, sw, gt, ge, lt or le on userName, externalId, id, emails.value, displayName, urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber, meta.created or meta.lastModified.",
      "status": "400"
    }
    "#);
    // What an index answers costs nothing.
    assert_eq!(client.get("/Users?filter=userName+eq+%22u003%22").await.listed("userName"), "u003");
    assert_eq!(client.get("/Users?count=100").await.json()["totalResults"], 30);
});
