//! Walks by cursor, RFC 9865.

use std::time::Duration;

use directory::search::Cursors;
use serde_json::json;
use testkit::{TestStore, contract};

use super::support::{Client, Reply, assert_shown};

/// Users `u00` to `u11` and teams `t0` to `t3`.
async fn crowd(store: &TestStore) -> Client {
    let client = Client::open(store).await;
    for n in 0..12 {
        client.user(&format!("u{n:02}")).await;
    }
    for n in 0..4 {
        client.group(&format!("t{n}"), &[]).await;
    }
    client
}

fn next(reply: &Reply) -> Option<String> {
    reply.json()["nextCursor"].as_str().map(str::to_owned)
}

/// The userNames on all pages, with a bar between two of them.
async fn walk(client: &Client, query: &str) -> String {
    let mut pages = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(at) = cursor {
        let page = client.get(&format!("{query}&cursor={at}")).await;
        pages.push(page.listed("userName"));
        let items = page.json()["Resources"].as_array().map_or(0, Vec::len);
        assert_eq!(page.json()["itemsPerPage"], items);
        assert!(page.json().get("startIndex").is_none(), "{page}");
        cursor = next(&page);
    }
    pages.join(" | ")
}

contract!(async fn a_walk_goes_through_every_page(store) {
    let client = crowd(store).await;
    assert_eq!(
        walk(&client, "/Users?count=5").await,
        "u00 u01 u02 u03 u04 | u05 u06 u07 u08 u09 | u10 u11"
    );
    // A page that ends with the list is the last one.
    assert_eq!(
        walk(&client, "/Users?count=6").await,
        "u00 u01 u02 u03 u04 u05 | u06 u07 u08 u09 u10 u11"
    );
    assert_eq!(walk(&client, "/Users?count=100").await.split(' ').count(), 12);
    let backwards = "/Users?count=7&sortBy=userName&sortOrder=descending";
    assert_eq!(walk(&client, backwards).await, "u11 u10 u09 u08 u07 u06 u05 | u04 u03 u02 u01 u00");
    let some = "/Users?count=2&filter=userName%20sw%20%22u1%22%20or%20userName%20eq%20%22u03%22";
    assert_eq!(walk(&client, some).await, "u03 u10 | u11");
    assert_eq!(walk(&client, "/Users?filter=userName%20eq%20%22nobody%22").await, "");
    // Teams have no userName.
    assert_eq!(walk(&client, "/?count=11").await, "u00 u01 u02 u03 u04 u05 u06 u07 u08 u09 u10 | u11 - - - -");
});

contract!(async fn the_last_page_has_no_cursor(store) {
    let client = Client::open(store).await;
    client.user("ada").await;
    assert_shown!(client.get("/Users?cursor&attributes=userName").await, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#1",
          "userName": "ada"
        }
      ]
    }
    "##);
});

contract!(async fn a_cursor_in_a_search_request(store) {
    let client = crowd(store).await;
    for (path, total) in [("/Users/.search", 12), ("/.search", 16)] {
        let ask = async |cursor: &str| {
            let body = serde_json::json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                "count": 7, "cursor": cursor,
            });
            client.post(path, body).await
        };
        let (mut met, mut cursor) = (0, Some(String::new()));
        while let Some(at) = cursor {
            let page = ask(&at).await;
            assert_eq!(page.json()["totalResults"], total);
            met += page.json()["itemsPerPage"].as_u64().expect("a number");
            cursor = next(&page);
        }
        assert_eq!(met, total);
    }
});

contract!(async fn a_cursor_stands_in_an_address_as_it_is(store) {
    let client = crowd(store).await;
    let cursor = next(&client.get("/Users?cursor=&count=2").await).expect("more");
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    assert!(cursor.chars().all(unreserved), "{cursor}");
});

contract!(async fn without_a_cursor_pages_have_numbers(store) {
    let client = crowd(store).await;
    let page = client.get("/Users?count=2").await;
    assert_eq!(page.json()["startIndex"], 1);
    assert_eq!(next(&page), None);
});

contract!(async fn what_is_no_cursor_of_this_query_is_refused(store) {
    let client = crowd(store).await;
    let first = "/Users?count=2&filter=active%20eq%20true";
    let cursor = next(&client.get(&format!("{first}&cursor")).await).expect("more");
    assert_eq!(client.get(&format!("{first}&cursor={cursor}")).await.status, 200);
    // How many, and what is shown of them, does not change which they are.
    let other = format!("/Users?count=3&attributes=id&filter=active+eq+true&cursor={cursor}");
    assert_eq!(client.get(&other).await.status, 200);
    let mut changed = cursor.clone();
    changed.replace_range(5..6, if &changed[5..6] == "A" { "B" } else { "A" });
    for query in [
        format!("/Users?cursor={cursor}"),
        format!("/Users?filter=active%20eq%20false&cursor={cursor}"),
        format!("/Users?filter=active%20eq%20true&sortBy=userName&cursor={cursor}"),
        format!("/?filter=active%20eq%20true&cursor={cursor}"),
        format!("{first}&cursor={changed}"),
        format!("{first}&cursor=x"),
        format!("{first}&cursor=%F0%9F%98%80"),
        format!("{first}&cursor={}", "A".repeat(3_000)),
    ] {
        assert_eq!(client.get(&query).await.verdict(), "400 invalidCursor", "{query}");
    }
    assert_shown!(client.get("/Users?cursor=x").await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidCursor",
      "detail": "The cursor is not one that was given out for this query. Send the nextCursor of the page before with the same filter, sortBy and sortOrder to the same address, or an empty cursor to begin.",
      "status": "400"
    }
    "#);
});

contract!(async fn a_cursor_is_of_one_organization(store) {
    let ours = crowd(store).await;
    let theirs = ours.of_another(store, "globex").await;
    for n in 0..12 {
        theirs.user(&format!("u{n:02}")).await;
    }
    let cursor = next(&theirs.get("/Users?cursor&count=2").await).expect("more");
    let stolen = format!("/Users?count=2&cursor={cursor}");
    assert_eq!(ours.get(&stolen).await.verdict(), "400 invalidCursor");
    assert_eq!(theirs.get(&stolen).await.status, 200);
});

contract!(async fn a_cursor_expires(store) {
    let client = crowd(store).await;
    let cursor = next(&client.get("/Users?cursor&count=2").await).expect("more");
    let second = format!("/Users?count=2&cursor={cursor}");
    store.clock.advance(Cursors::LIFETIME.saturating_sub(Duration::from_secs(1)));
    let page = client.get(&second).await;
    assert_eq!(page.listed("userName"), "u02 u03");
    store.clock.advance(Duration::from_secs(1));
    assert_shown!(client.get(&second).await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "expiredCursor",
      "detail": "The cursor is older than 60 minutes. Begin again with an empty cursor.",
      "status": "400"
    }
    "#);
    // Each page has a cursor with an hour of its own.
    let third = format!("/Users?count=2&cursor={}", next(&page).expect("more"));
    assert_eq!(client.get(&third).await.listed("userName"), "u04 u05");
});

contract!(async fn counts_of_a_walk(store) {
    let client = crowd(store).await;
    for count in ["x", "1.5"] {
        let reply = client.get(&format!("/Users?cursor=&count={count}")).await;
        assert_eq!(reply.verdict(), "400 invalidCount", "{count}");
    }
    // RFC 9865 §2: a negative count is 0, and 0 asks for the total alone.
    let further = next(&client.get("/Users?cursor&count=5").await).expect("more");
    for cursor in ["", &further] {
        for count in ["0", "-1"] {
            let reply = client.get(&format!("/Users?cursor={cursor}&count={count}")).await;
            let body = reply.json();
            assert_eq!((&body["totalResults"], &body["itemsPerPage"]), (&12.into(), &0.into()));
            assert_eq!((next(&reply), &body["Resources"]), (None, &json!([])), "{reply}");
        }
    }
    let reply = client.get("/Users?cursor=&count=99999999999999999999").await;
    assert_eq!(reply.json()["itemsPerPage"], 12);
    let both = client.get("/Users?cursor=&startIndex=1").await;
    assert_shown!(both, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidValue",
      "detail": "startIndex and cursor are two ways to say where a page begins: send one of them.",
      "status": "400"
    }
    "#);
});

contract!(async fn totals_of_a_walk(store) {
    let client = crowd(store).await;
    let total = |page: &Reply| page.json()["totalResults"].as_u64().expect("a number");
    let whole = client.get("/Users?cursor&count=5").await;
    let some = client.get("/Users?cursor&count=5&filter=active%20eq%20true").await;
    client.user("late").await;
    // Of all, the count is that of now; of those that match, that of the first page.
    let page = client.get(&format!("/Users?count=5&cursor={}", next(&whole).expect("more"))).await;
    assert_eq!((total(&whole), total(&page)), (12, 13));
    let query = "/Users?count=5&filter=active%20eq%20true";
    let page = client.get(&format!("{query}&cursor={}", next(&some).expect("more"))).await;
    assert_eq!((total(&some), total(&page)), (12, 12));
});

contract!(async fn a_walk_in_scim_1_1(store) {
    let client = crowd(store).await.v1();
    assert_eq!(
        walk(&client, "/Users?count=5").await,
        "u00 u01 u02 u03 u04 | u05 u06 u07 u08 u09 | u10 u11"
    );
    assert_eq!(client.get("/Users?cursor=x").await.status, 400);
});
