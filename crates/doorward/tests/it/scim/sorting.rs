//! `sortBy` and `sortOrder`, RFC 7644 §3.4.2.3.

use testkit::{TestStore, contract};

use super::support::{Client, assert_shown};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn office(store: &TestStore) -> Client {
    let client = Client::open(store).await;
    let people = [
        r#"{"userName":"cleo","externalId":"b","displayName":"Zoe","name":{"familyName":"Émile"},
            "emails":[{"value":"z@x.org","type":"home"},{"value":"C@x.org","primary":true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"10"}}"#,
        r#"{"userName":"Bob","externalId":"A","name":{"familyName":"emile"},"title":"x",
            "emails":[{"value":"a@x.org"},{"value":"0@x.org"}]}"#,
        r#"{"userName":"ada","displayName":"zoe","active":false,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"9"}}"#,
        r#"{"userName":"Dan","externalId":"a","displayName":"Al","name":{"familyName":"zorn"}}"#,
    ];
    for person in people {
        store.clock.advance(std::time::Duration::from_mins(1));
        client.post("/Users", person).await.created();
    }
    client
}

contract!(async fn each_attribute_has_its_order(store) {
    let client = office(store).await;
    let number = format!("{ENTERPRISE}:employeeNumber");
    for (by, ascending) in [
        ("userName", "ada Bob cleo Dan"),
        ("USERNAME", "ada Bob cleo Dan"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "ada Bob cleo Dan"),
        // Case counts in externalId and id, and not in names.
        ("externalId", "Bob Dan cleo ada"),
        ("displayName", "Dan cleo ada Bob"),
        ("name.familyName", "Bob Dan cleo ada"),
        // The primary address, or the first.
        ("emails", "Bob cleo ada Dan"),
        ("emails.value", "Bob cleo ada Dan"),
        ("emails.type", "cleo Bob ada Dan"),
        (&number, "cleo ada Bob Dan"),
        ("title", "Bob cleo ada Dan"),
        ("active", "ada cleo Bob Dan"),
        ("meta.created", "cleo Bob ada Dan"),
        ("meta.lastModified", "cleo Bob ada Dan"),
    ] {
        let list = client.get(&format!("/Users?sortBy={by}")).await;
        if by == "emails.type" {
            // No one's primary address says of what type it is.
            assert_eq!(list.listed("userName"), "cleo Bob ada Dan");
            continue;
        }
        assert_eq!(list.listed("userName"), ascending, "{by}");
        let list = client.get(&format!("/Users?sortBy={by}&sortOrder=descending")).await;
        let backwards: Vec<&str> = ascending.split(' ').rev().collect();
        assert_eq!(list.listed("userName"), backwards.join(" "), "{by} descending");
    }
});

contract!(async fn pages_and_filters_keep_the_order(store) {
    let client = office(store).await;
    let listed = async |query: &str| {
        let list = client.get(&format!("/Users?{query}")).await;
        let total = list.json()["totalResults"].clone();
        format!("{} of {total}", list.listed("userName"))
    };
    for (query, expected) in [
        ("sortBy=userName&startIndex=2&count=2", "Bob cleo of 4"),
        ("sortBy=userName&sortOrder=descending&startIndex=4", "ada of 4"),
        ("sortBy=displayName&startIndex=3&count=1", "ada of 4"),
        ("sortBy=displayName&startIndex=4&count=1", "Bob of 4"),
        ("sortBy=displayName&sortOrder=descending&count=2", "Bob ada of 4"),
        ("sortBy=displayName&startIndex=9", " of 4"),
        ("sortBy=userName&filter=userName+gt+%22b%22", "Bob cleo Dan of 3"),
        ("sortBy=userName&filter=userName+gt+%22b%22&startIndex=2&count=1", "cleo of 3"),
        ("sortBy=userName&filter=active+eq+true&sortOrder=DESCENDING", "Dan cleo Bob of 3"),
        ("sortBy=userName&filter=displayName+eq+%22ZOE%22", "ada cleo of 2"),
        ("sortBy=userName&count=0", " of 4"),
        ("sortBy=&sortOrder=descending", "cleo Bob ada Dan of 4"),
        ("sortOrder=descending", "cleo Bob ada Dan of 4"),
    ] {
        assert_eq!(listed(query).await, expected, "{query}");
    }
    let body = r#"{"sortBy":"userName","sortOrder":"descending","startIndex":2,"count":2}"#;
    assert_eq!(client.post("/Users/.search", body).await.listed("userName"), "cleo Bob");
});

contract!(async fn groups_are_sorted_but_not_by_their_members(store) {
    let client = office(store).await;
    for name in ["b", "A", "c"] {
        client.group(name, &[]).await;
    }
    let list = client.get("/Groups?sortBy=displayName&sortOrder=descending").await;
    assert_eq!(list.listed("displayName"), "c b A");
    assert_eq!(client.get("/Groups?sortBy=id").await.status, 200);
    let refused = client.get("/Groups?sortBy=members.value").await;
    assert_eq!(refused.verdict(), "400 invalidPath");
    assert!(refused.detail().contains("members.value has no order"), "{refused}");
});

contract!(async fn what_has_no_order_is_refused_by_name(store) {
    let client = office(store).await;
    let refused = client.get("/Users?sortBy=name").await;
    assert_shown!(refused, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "invalidPath",
      "detail": "sortBy: name has parts; name one of them, such as name.formatted.",
      "status": "400"
    }
    "#);
    for (query, verdict, detail) in [
        ("sortBy=shoeSize", "400 invalidPath", "shoeSize"),
        ("sortBy=userName.first", "400 invalidPath", "userName.first"),
        ("sortBy=password", "400 invalidPath", "never shown"),
        ("sortBy=meta", "400 invalidPath", "meta.resourceType"),
        ("sortBy=a+b", "400 invalidPath", "name of an attribute"),
        ("sortBy=emails[type+eq+%22work%22]", "400 invalidPath", "name of an attribute"),
        ("sortBy=userName&sortOrder=up", "400 invalidValue", "ascending or descending"),
        ("sortOrder=up", "400 invalidValue", "ascending or descending"),
    ] {
        let refused = client.get(&format!("/Users?{query}")).await;
        assert_eq!(refused.verdict(), verdict, "{query}: {refused}");
        assert!(refused.detail().contains(detail), "{query}: {refused}");
    }
    for body in [r#"{"sortBy":7}"#, r#"{"sortBy":"userName","sortOrder":true}"#] {
        let refused = client.post("/Users/.search", body).await;
        assert_eq!(refused.verdict(), "400 invalidValue", "{body}: {refused}");
    }
});

contract!(async fn an_order_without_an_index_has_a_bound(store) {
    let limits = server::http::Limits { scan_budget: 3, ..Default::default() };
    let client = Client::with_limits(store, limits).await;
    for name in ["cleo", "bob", "ada", "dan"] {
        client.user(name).await;
    }
    let refused = client.get("/Users?sortBy=title").await;
    assert_eq!(refused.verdict(), "400 tooMany");
    assert!(refused.detail().contains("title is not indexed"), "{refused}");
    // An index has the order; only what is skipped counts.
    assert_eq!(client.get("/Users?sortBy=userName&count=2").await.listed("userName"), "ada bob");
    let refused = client.get("/Users?sortBy=userName&startIndex=3&count=2").await;
    assert_eq!(refused.verdict(), "400 tooMany");
    assert!(refused.detail().contains("filter"), "{refused}");
});

contract!(async fn scim_1_1_is_sorted_too(store) {
    let client = office(store).await;
    let v1 = client.v1();
    for by in ["userName", "urn:scim:schemas:core:1.0:userName"] {
        let list = v1.get(&format!("/Users?sortBy={by}&sortOrder=descending&count=2")).await;
        assert_eq!(list.listed("userName"), "Dan cleo", "{by}");
    }
    let manager = "urn:scim:schemas:extension:enterprise:1.0:employeeNumber";
    assert_eq!(v1.get(&format!("/Users?sortBy={manager}&count=1")).await.listed("userName"), "cleo");
    assert_eq!(v1.get("/Users?sortBy=shoeSize").await.status, 400);
});

contract!(async fn scim_1_1_sorts_too(store) {
    let client = office(store).await.v1();
    for (query, expected) in [
        ("sortBy=userName", "ada Bob cleo Dan"),
        ("sortBy=userName&sortOrder=descending", "Dan cleo Bob ada"),
        ("sortBy=name.familyName&startIndex=2&count=2", "Dan cleo"),
        ("sortBy=urn:scim:schemas:core:1.0:userName", "ada Bob cleo Dan"),
        (
            "sortBy=urn:scim:schemas:extension:enterprise:1.0:employeeNumber&sortOrder=ascending",
            "cleo ada Bob Dan",
        ),
    ] {
        assert_eq!(client.get(&format!("/Users?{query}")).await.listed("userName"), expected, "{query}");
    }
    let refused = client.get("/Users?sortBy=shoeSize").await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.detail(), "sortBy: shoeSize is not an attribute of a User.");
});
