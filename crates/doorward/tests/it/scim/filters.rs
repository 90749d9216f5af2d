//! Filters through the address: each operator, each way to write one.

use testkit::{TestStore, contract};

use super::support::Client;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn office(store: &TestStore) -> Client {
    let client = Client::open(store).await;
    let people = [
        r#"{"userName":"ada","externalId":"E1","name":{"familyName":"Lovelace","givenName":"Ada"},
            "title":"Countess","emails":[{"value":"ada@example.com","type":"work","primary":true},
            {"value":"ada@home.org","type":"home"}],"displayName":"Ada L."}"#,
        r#"{"userName":"Bob","externalId":"e1","name":{"familyName":"Émile"},"active":false,
            "emails":[{"value":"bob@example.com","type":"home"}]}"#,
        r#"{"userName":"cleo","title":"countess","profileUrl":"https://x/Cleo",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department":"R&D","employeeNumber":"7","manager":{"value":"m1"}}}"#,
        r#"{"userName":"d%_\\\"'d","nickName":"","roles":[{"value":"admin"},{"value":"x"}]}"#,
    ];
    for (n, person) in people.iter().enumerate() {
        if n == 2 {
            store.clock.advance(std::time::Duration::from_hours(1));
        }
        client.post("/Users", person).await.created();
    }
    client
}

fn encoded(filter: &str) -> String {
    filter.bytes().fold(String::new(), |text, byte| match byte {
        b' ' => text + "%20",
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text + &char::from(byte).to_string(),
        other => text + &format!("%{other:02X}"),
    })
}

contract!(async fn each_operator_finds_what_it_says(store) {
    let client = office(store).await;
    for (filter, found) in [
        (r#"userName eq "ADA""#, "ada"),
        (r#"userName eq "a*""#, ""),
        (r#"userName ne "ada""#, r#"Bob cleo d%_\"'d"#),
        (r#"userName co "O""#, "Bob cleo"),
        (r#"userName sw "b""#, "Bob"),
        (r#"userName ew "O""#, "cleo"),
        (r#"userName gt "bob""#, r#"cleo d%_\"'d"#),
        (r#"userName ge "BOB""#, r#"Bob cleo d%_\"'d"#),
        (r#"userName lt "bob""#, "ada"),
        (r#"userName le "bob""#, "ada Bob"),
        ("title pr", "ada cleo"),
        ("nickName pr", ""),
        ("emails pr", "ada Bob"),
        ("not (title pr)", r#"Bob d%_\"'d"#),
        // externalId and references are case-exact, names and titles are not.
        (r#"externalId eq "e1""#, "Bob"),
        (r#"externalId sw "E""#, "ada"),
        (r#"title eq "COUNTESS""#, "ada cleo"),
        (r#"profileUrl co "cleo""#, ""),
        (r#"profileUrl co "Cleo""#, "cleo"),
        (r#"name.familyName eq "émile""#, "Bob"),
        (r#"name.familyName co "LOVE" and active eq true"#, "ada"),
        ("active eq false", "Bob"),
        (r#"active eq "False""#, "Bob"),
        ("active ne true", "Bob"),
        ("title eq null", r#"Bob d%_\"'d"#),
        ("title ne null", "ada cleo"),
        (r#"displayName eq "ada l.""#, "ada"),
        (r#"emails eq "ADA@HOME.ORG""#, "ada"),
        (r#"emails.value ew "example.com""#, "ada Bob"),
        (r#"emails.type eq "home""#, "ada Bob"),
        (r#"emails[type eq "work"]"#, "ada"),
        (r#"emails[type eq "home" and value ew "example.com"]"#, "Bob"),
        (r#"emails[type eq "home"].value eq "ada@home.org""#, "ada"),
        (r#"emails[type eq "work"].value eq "ada@home.org""#, ""),
        (r#"emails[not (type eq "work")]"#, "ada Bob"),
        ("emails.primary eq true", "ada"),
        (r#"roles eq "admin""#, r#"d%_\"'d"#),
        (r#"roles[value sw "a" or value eq "x"]"#, r#"d%_\"'d"#),
        (r#"meta.lastModified gt "2026-01-01T00:30:00Z""#, r#"cleo d%_\"'d"#),
        (r#"meta.created le "2026-01-01T01:30:00+01:00""#, "ada Bob"),
        (r#"meta.resourceType eq "User""#, r#"ada Bob cleo d%_\"'d"#),
        (r#"userName eq "ada" or userName eq "cleo""#, "ada cleo"),
        (r#"userName eq "ada" or userName eq "bob" and active eq true"#, "ada"),
        (r#"(userName eq "ada" or userName eq "bob") and active eq false"#, "Bob"),
        (r#"NOT (userName EQ "ada") AND Active Eq True"#, r#"cleo d%_\"'d"#),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, "cleo"),
    ] {
        let list = client.get(&format!("/Users?filter={}", encoded(filter))).await;
        let names: Vec<String> = list.json()["Resources"]
            .as_array()
            .unwrap_or_else(|| panic!("{filter}: {list}"))
            .iter()
            .map(|one| one["userName"].as_str().expect("a name").to_owned())
            .collect();
        assert_eq!(names.join(" "), found, "{filter}");
        assert_eq!(list.json()["totalResults"], names.len(), "{filter}");
    }
});

contract!(async fn an_empty_filter_is_none(store) {
    let client = office(store).await;
    for filter in ["", "+", "%09%20"] {
        let list = client.get(&format!("/Users?filter={filter}&count=0")).await;
        assert_eq!(list.json()["totalResults"], 4, "{filter:?}: {list}");
        assert_eq!(client.get(&format!("/Schemas?filter={filter}")).await.status, 200);
        let search = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": filter.replace('+', " ").replace("%09%20", "\t "),
        });
        let list = client.post("/Users/.search", &search).await;
        assert_eq!(list.json()["totalResults"], 4, "{search}: {list}");
    }
    let enterprise = client.get(&format!("/?filter={}", encoded(&format!("{ENTERPRISE} pr")))).await;
    assert_eq!(enterprise.listed("userName"), "cleo", "over all types");
});

contract!(async fn full_names_work_for_core_and_extension(store) {
    let client = office(store).await;
    for (filter, found) in [
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada""#.to_owned(), "ada"),
        (
            r#"URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:name.familyName sw "love""#.to_owned(),
            "ada",
        ),
        (format!(r#"{ENTERPRISE}:department eq "r&d""#), "cleo"),
        (format!(r#"{ENTERPRISE}:employeeNumber eq "7""#), "cleo"),
        (format!(r#"{ENTERPRISE}:manager.value eq "m1""#), "cleo"),
        (format!(r#"{ENTERPRISE}:manager eq "m1""#), "cleo"),
        (format!("{ENTERPRISE}:department pr"), "cleo"),
        (format!("{ENTERPRISE} pr"), "cleo"),
        (format!(r#"not ({ENTERPRISE} pr) and userName sw "a""#), "ada"),
        (format!(r#"{ENTERPRISE} pr or userName eq "ada""#), "ada cleo"),
    ] {
        let list = client.get(&format!("/Users?filter={}", encoded(&filter))).await;
        assert_eq!(list.listed("userName"), found, "{filter}");
    }
    // An attribute of an extension has no short name.
    let short = client.get("/Users?filter=department+eq+%22x%22").await;
    assert_eq!(short.verdict(), "400 invalidFilter");
});

contract!(async fn both_ways_to_write_a_space_and_a_quote_work(store) {
    let client = office(store).await;
    for query in [
        "filter=userName+eq+%22ada%22",
        "filter=userName%20eq%20%22ada%22",
        "filter=userName%20eq+%22ada%22&",
        "&filter=userName+eq+%22ada%22",
        "startIndex=1&count=100&filter=userName+eq+%22ada%22",
        "FILTER=userName+eq+%22ada%22&unknown=x",
        "filter=++userName++eq++%22ada%22++",
        "filter=userName+eq+%22%61da%22",
        "filter=userName+eq+%22\\u0061da%22",
        "filter=(userName+eq+%22ada%22)",
    ] {
        assert_eq!(client.get(&format!("/Users?{query}")).await.listed("userName"), "ada", "{query}");
    }
    // A plus in a name must be written as %2B.
    client.user("a+b@example.com").await;
    let plus = client.get("/Users?filter=userName+eq+%22a%2Bb@example.com%22").await;
    assert_eq!(plus.listed("userName"), "a+b@example.com");
    let space = client.get("/Users?filter=userName+eq+%22a+b@example.com%22").await;
    assert_eq!(space.listed("userName"), "");
});

contract!(async fn injected_text_is_only_text(store) {
    let client = office(store).await;
    let before = client.newest().await;
    for text in [
        "' or '1'='1",
        "'; drop table usr; --",
        "%",
        "_",
        "ad_",
        "a%",
        "*",
        "\\\\",
        "$1",
        "ada\\\" or userName pr or userName eq \\\"",
        "\\u0027 or 1=1",
    ] {
        for operator in ["eq", "sw", "co", "ew"] {
            let filter = format!(r#"displayName {operator} "{text}""#);
            let list = client.get(&format!("/Users?filter={}", encoded(&filter))).await;
            assert_eq!(list.json()["totalResults"], 0, "{filter}: {list}");
        }
    }
    // Signs that mean something elsewhere are found as themselves.
    for (filter, found) in [
        (r#"userName co "%_""#, 1),
        (r#"userName sw "d%""#, 1),
        (r#"userName sw "c%""#, 0),
        (r#"userName ew "\"'d""#, 1),
        (r#"userName eq "d%_\\\"'d""#, 1),
    ] {
        let list = client.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(list.json()["totalResults"], found, "{filter}: {list}");
    }
    assert_eq!(client.newest().await, before);
    assert_eq!(client.get("/Users").await.json()["totalResults"], 4);
});

contract!(async fn what_is_unknown_is_an_error_and_not_an_empty_list(store) {
    let client = office(store).await;
    for filter in [
        r#"shoeSize eq "44""#,
        r#"emails.shoeSize eq "44""#,
        r#"emails[shoeSize eq "44"]"#,
        r#"userName eq "ada" and shoeSize eq "44""#,
        r#"userName eq "ada" or shoeSize eq "44""#,
        r#"not (shoeSize eq "44")"#,
        r#"displayname.value eq "x""#,
        r#"urn:example:none:userName eq "ada""#,
        r#"members.value eq "x""#,
    ] {
        let reply = client.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(reply.verdict(), "400 invalidFilter", "{filter}: {reply}");
    }
    let reply = client.get("/Groups?filter=userName+eq+%22ada%22").await;
    assert_eq!(reply.verdict(), "400 invalidFilter");
    assert!(reply.detail().contains("userName"));
});

contract!(async fn addresses_are_compared_as_they_are_shown(store) {
    let client = office(store).await;
    let ada = client.get("/Users?filter=userName%20eq%20%22ada%22").await.json();
    let ada = &ada["Resources"][0];
    let text = |json: &serde_json::Value| json.as_str().expect("a text").to_owned();
    let (id, location) = (&*text(&ada["id"]), text(&ada["meta"]["location"]));
    client.group("Engines", &[id]).await;
    let shown = client.get(&format!("/Users/{id}")).await.json();
    let team = text(&shown["groups"][0]["$ref"]);
    let nobody = format!("https://other.example/Users/{id}");
    for (filter, found) in [
        (format!(r#"meta.location eq "{location}""#), "ada"),
        (format!(r#"meta.location ne "{location}""#), r#"Bob cleo d%_\"'d"#),
        (format!(r#"meta.location eq "{nobody}""#), ""),
        (format!(r#"meta.location ew "/{id}""#), "ada"),
        (format!(r#"groups.$ref eq "{team}""#), "ada"),
        (format!(r#"groups[$ref eq "{team}" and type eq "direct"]"#), "ada"),
        (format!(r#"groups.$ref eq "{nobody}""#), ""),
    ] {
        let path = format!("/Users?filter={}", encoded(&filter));
        assert_eq!(client.get(&path).await.listed("userName"), found, "{filter}");
    }
    // At another base URL, resources have other addresses.
    let v1 = client.v1().get(&format!("/Users?filter={}", encoded(&format!("id eq \"{id}\"")))).await;
    let location = text(&v1.json()["Resources"][0]["meta"]["location"]);
    let path = format!("/Users?filter={}", encoded(&format!(r#"meta.location eq "{location}""#)));
    assert_eq!(client.v1().get(&path).await.listed("userName"), "ada");
    assert_eq!(client.get(&path).await.listed("userName"), "");
});
