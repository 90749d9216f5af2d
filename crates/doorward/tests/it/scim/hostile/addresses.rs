//! Ids, queries, filters and headers that no one should send.

use axum::{body::Body, http::Request};
use testkit::contract;

use super::{furnished, refusal};
use crate::scim::support::assert_shown;

contract!(async fn ids_that_are_none(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let real = client.get("/Users").await.listed("id");
    let long = "a".repeat(5_000);
    let (upper, plain) = (real.to_uppercase(), real.replace('-', ""));
    let braced = format!("%7B{real}%7D");
    for id in [
        "0",
        "-1",
        "x",
        "null",
        "undefined",
        "010101001010101011001010101011",
        "00919288221112222",
        "..",
        "%2e%2e",
        "%2e%2e%2fUsers",
        "%00",
        "%ff",
        "%F0%9F%91%A9",
        "%20",
        "'",
        "%27%20or%20%271%27=%271",
        "*",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        &long,
        &upper,
        &plain,
        &braced,
    ] {
        for endpoint in ["/Users", "/Groups"] {
            for client in [client.clone(), client.v1()] {
                let path = format!("{endpoint}/{id}");
                let patch = r#"{"Operations":[{"op":"replace","value":{"displayName":"x"}}]}"#;
                for reply in [
                    client.get(&path).await,
                    client.delete(&path).await,
                    client.put(&path, r#"{"userName":"x","displayName":"x"}"#).await,
                    client.patch(&path, patch).await,
                ] {
                    assert_eq!(refusal(&reply), "404", "{path}: {reply}");
                }
            }
        }
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn addresses_that_are_none(store) {
    let client = furnished(store).await;
    for path in [
        "/users",
        "/User",
        "/Users/a/b",
        "/Users/../Groups",
        "/Users%2F",
        "/Schemas/x",
        "/ResourceTypes/Robot",
        "/Roles",
        "/Entitlements",
        "/scim/v2/Users",
        "/%00",
        "/Users;x=1",
    ] {
        let reply = client.get(path).await;
        assert_eq!(refusal(&reply), "404", "{path}");
    }
    assert_shown!(client.get("/users").await, @r#"
    404
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "There is no such endpoint. Check the base URL: /Users and /Groups follow it directly.",
      "status": "404"
    }
    "#);
    for (path, status) in [("//Users", 200), ("/Users/", 200), ("//Users//", 200)] {
        assert_eq!(client.get(path).await.status, status, "{path}");
    }
    // Outside of SCIM there is no SCIM error.
    assert_shown!(client.at("").get("/scim/v3/Users").await, @r#"
    404
    content-type: application/problem+json

    {
      "type": "about:blank",
      "title": "Not Found",
      "status": 404,
      "code": "no_such_page",
      "detail": "There is nothing at this address. SCIM is at /scim/v2 and /scim/v1, the management API at /api/v1."
    }
    "#);
});

contract!(async fn queries_that_make_no_sense(store) {
    let client = furnished(store).await;
    let long = format!("filter=userName+eq+%22{}%22", "x".repeat(9 * 1024));
    let longer = format!("x={}", "y".repeat(17 * 1024));
    let deep = format!("filter={}active+eq+true{}", "not+(".repeat(40), ")".repeat(40));
    let parentheses = format!("filter={}active+eq+true{}", "(".repeat(40), ")".repeat(40));
    let wide = format!("filter={}", vec!["active+eq+true"; 70].join("+or+"));
    let mut told = Vec::new();
    for query in [
        "startIndex=abc",
        "startIndex=1.5",
        "count=x",
        "count=1;drop",
        "startIndex=%00",
        "filter=%ff",
        "filter=%c3%28",
        "filter=userName+eq+%22a%00b%22",
        "filter=userName",
        "filter=userName+eq",
        "filter=userName+eq+ada",
        "filter=userName+eq+%27ada%27",
        "filter=userName+eq+%22ada",
        "filter=userName+like+%22ada%22",
        "filter=userName+eq+%22a%22+and",
        "filter=userName+eq+%22a%22+xor+active+eq+true",
        "filter=userName+eq+%22a%22)",
        "filter=(userName+eq+%22a%22",
        "filter=shoeSize+eq+%2244%22",
        "filter=urn:x:shoeSize+eq+%2244%22",
        "filter=password+eq+%22x%22",
        "filter=name+eq+%22x%22",
        "filter=active+co+%22t%22",
        "filter=active+eq+%22perhaps%22",
        "filter=active+gt+true",
        "filter=userName+gt+5",
        "filter=meta.lastModified+gt+%22yesterday%22",
        "filter=emails[type+eq+%22work%22",
        "filter=emails[shoeSize+eq+%2244%22]",
        "filter=userName[value+eq+%22a%22]",
        "filter=userName+eq+%22a%22;+drop+table+usr",
        "filter=%27+or+1=1+--",
        "filter=1+eq+1",
        "filter=%22a%22+eq+userName",
        "filter=userName+eq+%7B%22$ne%22:null%7D",
        "filter=userName+eq+%22%5Cud800%22",
        "attributes=emails[type+eq+%22work%22]",
        "excludedAttributes=a+b",
        &long,
        &longer,
        &deep,
        &parentheses,
        &wide,
    ] {
        let reply = client.get(&format!("/Users?{query}")).await;
        let verdict = refusal(&reply);
        let short: String = query.chars().take(60).collect();
        told.push(format!("{short}\n    {verdict}: {}", reply.detail()));
        let _ = refusal(&client.v1().get(&format!("/Users?{query}")).await);
    }
    assert_shown!(told.join("\n"), @r#"
    startIndex=abc
        400 invalidValue: The parameter startIndex must be a whole number, not "abc".
    startIndex=1.5
        400 invalidValue: The parameter startIndex must be a whole number, not "1.5".
    count=x
        400 invalidValue: The parameter count must be a whole number, not "x".
    count=1;drop
        400 invalidValue: The parameter count must be a whole number, not "1;drop".
    startIndex=%00
        400 invalidValue: The query of the address holds the character U+0000.
    filter=%ff
        400 invalidValue: The query of the address is not valid UTF-8 after percent-decoding.
    filter=%c3%28
        400 invalidValue: The query of the address is not valid UTF-8 after percent-decoding.
    filter=userName+eq+%22a%00b%22
        400 invalidValue: The query of the address holds the character U+0000.
    filter=userName
        400 invalidFilter: Filter, position 9: expected an operator such as eq, found the end.
    filter=userName+eq
        400 invalidFilter: Filter, position 12: expected a value: text in double quotes, a number, true, false or null, found the end.
    filter=userName+eq+ada
        400 invalidFilter: Filter, position 13: expected a value: text in double quotes, a number, true, false or null, found "ada".
    filter=userName+eq+%27ada%27
        400 invalidFilter: Filter, position 13: "\'" has no meaning here.
    filter=userName+eq+%22ada
        400 invalidFilter: Filter, position 13: this text has no closing quote.
    filter=userName+like+%22ada%22
        400 invalidFilter: Filter, position 10: expected an operator such as eq, found "like".
    filter=userName+eq+%22a%22+and
        400 invalidFilter: Filter, position 20: expected the name of an attribute, found the end.
    filter=userName+eq+%22a%22+xor+active+eq+true
        400 invalidFilter: Filter, position 17: expected and, or, or the end of the filter, found "xor".
    filter=userName+eq+%22a%22)
        400 invalidFilter: Filter, position 16: expected and, or, or the end of the filter, found ")".
    filter=(userName+eq+%22a%22
        400 invalidFilter: Filter, position 17: expected and, or, or a closing parenthesis, found the end.
    filter=shoeSize+eq+%2244%22
        400 invalidFilter: In the filter, shoeSize is not an attribute of a User.
    filter=urn:x:shoeSize+eq+%2244%22
        400 invalidFilter: In the filter, urn:x:shoeSize is not an attribute of a User.
    filter=password+eq+%22x%22
        400 invalidFilter: In the filter, password is never shown and cannot be searched.
    filter=name+eq+%22x%22
        400 invalidFilter: In the filter, name has parts; name one of them, such as name.formatted.
    filter=active+co+%22t%22
        400 invalidFilter: In the filter, active must be compared with true or false, not with "t".
    filter=active+eq+%22perhaps%22
        400 invalidFilter: In the filter, active must be compared with true or false, not with "perhaps".
    filter=active+gt+true
        400 invalidFilter: In the filter, active cannot be compared by gt; its type does not allow it.
    filter=userName+gt+5
        400 invalidFilter: In the filter, userName must be compared with text in double quotes, not with 5.
    filter=meta.lastModified+gt+%22yesterday%22
        400 invalidFilter: In the filter, meta.lastModified must be compared with a date and time in double quotes, such as "2026-11-21T08:30:00Z", not with "yesterday".
    filter=emails[type+eq+%22work%22
        400 invalidFilter: Filter, position 22: expected and, or, or a closing bracket, found the end.
    filter=emails[shoeSize+eq+%2244%22]
        400 invalidFilter: In the filter, shoeSize is not a part of a value of emails.
    filter=userName[value+eq+%22a%22]
        400 invalidFilter: In the filter, userName has one plain value and takes no brackets.
    filter=userName+eq+%22a%22;+drop+table+usr
        400 invalidFilter: Filter, position 16: ";" has no meaning here.
    filter=%27+or+1=1+--
        400 invalidFilter: Filter, position 1: "\'" has no meaning here.
    filter=1+eq+1
        400 invalidFilter: Filter, position 1: expected the name of an attribute, found "1".
    filter=%22a%22+eq+userName
        400 invalidFilter: Filter, position 1: expected the name of an attribute, found "\"a\"".
    filter=userName+eq+%7B%22$ne%22:null%7D
        400 invalidFilter: Filter, position 13: "{" has no meaning here.
    filter=userName+eq+%22%5Cud800%22
        400 invalidFilter: Filter, position 13: this text is not a JSON string; a backslash is written twice.
    attributes=emails[type+eq+%22work%22]
        400 invalidValue: The parameter attributes holds "emails[type eq \"work\"]", which is not the name of an attribute.
    excludedAttributes=a+b
        400 invalidValue: The parameter excludedAttributes holds "a b", which is not the name of an attribute.
    filter=userName+eq+%22xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        400 invalidFilter: Filter, position 8193: the text is longer than 8192 bytes.
    x=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
        400 invalidValue: The query of the address is longer than 16 KB. Send the request as POST instead.
    filter=not+(not+(not+(not+(not+(not+(not+(not+(not+(not+(not
        400 invalidFilter: Filter, position 166: more than 32 levels of parentheses.
    filter=((((((((((((((((((((((((((((((((((((((((active+eq+tru
        400 invalidFilter: Filter, position 34: more than 32 levels of parentheses.
    filter=active+eq+true+or+active+eq+true+or+active+eq+true+or
        400 invalidFilter: Filter, position 1160: more than 64 comparisons in one filter.
    "#);
});

contract!(async fn numbers_out_of_range_are_brought_into_it(store) {
    let client = furnished(store).await;
    let mut told = Vec::new();
    for query in [
        "count=-1",
        "count=0",
        "count=99999",
        "count=99999999999999999999999",
        "startIndex=0",
        "startIndex=-7",
        "startIndex=2",
        "startIndex=99999999999999999999999",
        "startIndex=9223372036854775807&count=1000",
        "startIndex=&count=",
        "startIndex=1&startIndex=x",
        "startIndex=+1",
    ] {
        let list = client.get(&format!("/Users?{query}")).await;
        assert_eq!(list.status, 200, "{query}: {list}");
        let list = list.json();
        told.push(format!(
            "{query}: total {} start {} items {}",
            list["totalResults"], list["startIndex"], list["itemsPerPage"]
        ));
    }
    assert_shown!(told.join("\n"), @"
    count=-1: total 1 start 1 items 0
    count=0: total 1 start 1 items 0
    count=99999: total 1 start 1 items 1
    count=99999999999999999999999: total 1 start 1 items 1
    startIndex=0: total 1 start 1 items 1
    startIndex=-7: total 1 start 1 items 1
    startIndex=2: total 1 start 2 items 0
    startIndex=99999999999999999999999: total 1 start 9223372036854775807 items 0
    startIndex=9223372036854775807&count=1000: total 1 start 9223372036854775807 items 0
    startIndex=&count=: total 1 start 1 items 1
    startIndex=1&startIndex=x: total 1 start 1 items 1
    startIndex=+1: total 1 start 1 items 1
    ");
});

contract!(async fn credentials_that_make_no_sense(store) {
    let client = furnished(store).await;
    let token = format!("Bearer {}", client.token);
    let get = |values: &[&[u8]]| {
        let mut request = Request::get(client.path("/Users"));
        for value in values {
            request = request.header(
                "authorization",
                axum::http::HeaderValue::from_bytes(value).expect("a header"),
            );
        }
        request.body(Body::empty()).expect("a request")
    };
    for values in [
        &[token.as_bytes(), token.as_bytes()][..],
        &[b"Bearer x", token.as_bytes()],
        &[token.as_bytes(), b""],
        &[],
        &[b""],
        &[b"Bearer"],
        &[b"Bearer "],
        &[b"Basic"],
        &[b"Basic ????"],
        &[b"Digest username=x"],
        &[b"\xff\xfe"],
        &[b"non-token"],
    ] {
        assert_eq!(refusal(&client.send(get(values)).await), "401", "{values:?}");
    }
    let two = client.send(get(&[token.as_bytes(), token.as_bytes()])).await;
    assert_eq!(two.detail(), "The request has more than one Authorization header.");
});
