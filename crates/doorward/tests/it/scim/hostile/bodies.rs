//! Bodies that are no SCIM resource, and often no JSON.

use std::io::Write as _;

use axum::{body::Body, http::Request};
use flate2::{Compression, write::GzEncoder};
use testkit::contract;

use super::{furnished, refusal, refused_everywhere};
use crate::scim::support::{Client, assert_shown};

contract!(async fn json_that_cannot_be_read(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    let deeper = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let names: Vec<String> = (0..513).map(|n| format!(r#""n{n}":1"#)).collect();
    let wide = format!("{{{}}}", names.join(","));
    let mut told = Vec::new();
    for body in [
        " ",
        "{",
        "[]",
        "null",
        "\"x\"",
        "7",
        "{} {}",
        "{}garbage",
        r#"{"userName":"a",}"#,
        r#"{userName:"a"}"#,
        "{'userName':'a'}",
        r#"{"userName":NaN}"#,
        r#"{"userName":1e999}"#,
        r#"{"userName":"a","userName":"b"}"#,
        r#"{"userName":"a","USERNAME":"b"}"#,
        r#"{"emails":[{"value":"a","Value":"b"}]}"#,
        r#"{"userName":"a\u0000b"}"#,
        r#"{"user\u0000Name":"a"}"#,
        r#"{"userName":"\ud800"}"#,
        r#"{"userName":"\udc00\ud800"}"#,
        "{\"userName\":\"a\nb\"}",
        "{\"userName\":\"\\x\"}",
        "\u{feff}{}",
        "<user/>",
        "userName=a",
        &deep,
        &deeper,
        &wide,
    ] {
        let said = refused_everywhere(&client, body).await;
        let short: String = body.chars().take(44).collect();
        told.push(format!("{short:?}\n    {said}"));
    }
    assert_shown!(told.join("\n"), @r#"
    " "
        400: The body is not valid JSON: EOF while parsing a value at line 1 column 1.
    "{"
        400: The body is not valid JSON: EOF while parsing an object at line 1 column 1.
    "[]"
        400: The body must be a JSON object.
    "null"
        400: The body must be a JSON object.
    "\"x\""
        400: The body must be a JSON object.
    "7"
        400: The body must be a JSON object.
    "{} {}"
        400: The body is not valid JSON: trailing characters at line 1 column 4.
    "{}garbage"
        400: The body is not valid JSON: trailing characters at line 1 column 3.
    "{\"userName\":\"a\",}"
        400: The body is not valid JSON: trailing comma at line 1 column 17.
    "{userName:\"a\"}"
        400: The body is not valid JSON: key must be a string at line 1 column 2.
    "{'userName':'a'}"
        400: The body is not valid JSON: key must be a string at line 1 column 2.
    "{\"userName\":NaN}"
        400: The body is not valid JSON: expected value at line 1 column 13.
    "{\"userName\":1e999}"
        400: The body is not valid JSON: number out of range at line 1 column 17.
    "{\"userName\":\"a\",\"userName\":\"b\"}"
        400: The body is not valid JSON: the name "userName" stands twice in one object at line 1 column 26.
    "{\"userName\":\"a\",\"USERNAME\":\"b\"}"
        400: The body is not valid JSON: the name "USERNAME" stands twice in one object at line 1 column 26.
    "{\"emails\":[{\"value\":\"a\",\"Value\":\"b\"}]}"
        400: The body is not valid JSON: the name "Value" stands twice in one object at line 1 column 31.
    "{\"userName\":\"a\\u0000b\"}"
        400: A text holds the character U+0000, which cannot be stored (line 1, column 22).
    "{\"user\\u0000Name\":\"a\"}"
        400: A text holds the character U+0000, which cannot be stored (line 1, column 17).
    "{\"userName\":\"\\ud800\"}"
        400: The body is not valid JSON: unexpected end of hex escape at line 1 column 20.
    "{\"userName\":\"\\udc00\\ud800\"}"
        400: The body is not valid JSON: lone leading surrogate in hex escape at line 1 column 19.
    "{\"userName\":\"a\nb\"}"
        400: The body is not valid JSON: control character (\u0000-\u001F) found while parsing a string at line 2 column 0.
    "{\"userName\":\"\\x\"}"
        400: The body is not valid JSON: invalid escape at line 1 column 15.
    "\u{feff}{}"
        400: The body is not valid JSON: expected value at line 1 column 1.
    "<user/>"
        400: The body is not valid JSON: expected value at line 1 column 1.
    "userName=a"
        400: The body is not valid JSON: expected value at line 1 column 1.
    "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
        400: The body is not valid JSON: more than 64 levels of nesting at line 1 column 69.
    "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
        400: The body is not valid JSON: more than 64 levels of nesting at line 1 column 69.
    "{\"n0\":1,\"n1\":1,\"n2\":1,\"n3\":1,\"n4\":1,\"n5\":1,\""
        400: The body is not valid JSON: more than 512 names in one object at line 1 column 4505.
    "#);
    assert_eq!(client.newest().await, before);
});

contract!(async fn bytes_that_are_not_utf_8(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    for bytes in [&b"{\"userName\":\"\xff\"}"[..], b"\xff\xfe{\0}\0", b"\x1f\x8b\x08\0", b"\0"] {
        let request = post(&client, "application/scim+json", None, bytes.to_vec());
        assert_eq!(refusal(&client.send(request).await), "400 invalidSyntax");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn media_types_and_encodings_that_are_not_read(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let body = br#"{"userName":"b"}"#;
    let mut told = Vec::new();
    for media_type in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json-patch+json",
        "",
    ] {
        for client in [client.clone(), client.v1()] {
            let reply = client.send(post(&client, media_type, None, body.to_vec())).await;
            assert_eq!(refusal(&reply), "415", "{media_type}");
        }
    }
    for encoding in ["br", "deflate", "gzip, gzip", "zstd"] {
        let request = post(&client, "application/json", Some(encoding), body.to_vec());
        let reply = client.send(request).await;
        assert_eq!(refusal(&reply), "415", "{encoding}");
        told.push(reply.detail());
    }
    for bytes in [body.to_vec(), gzip(body)[..20].to_vec()] {
        let reply = client.send(post(&client, "application/json", Some("gzip"), bytes)).await;
        assert_eq!(refusal(&reply), "400");
        told.push(reply.detail());
    }
    told.dedup();
    assert_shown!(told.join("\n"), @"
    The request body has a Content-Encoding other than gzip.
    The request body is announced as gzip, but is not valid gzip.
    ");
    let reply = client.send(post(&client, "text/plain", None, body.to_vec())).await;
    assert_shown!(reply, @r#"
    415
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "The body must be JSON in UTF-8: send Content-Type: application/scim+json.",
      "status": "415"
    }
    "#);
    assert_eq!(client.newest().await, before);

    // What is compressed honestly is read.
    let request = post(&client, "application/json", Some("gzip"), gzip(body));
    assert_eq!(client.send(request).await.status, 201);
});

contract!(async fn bodies_that_are_too_large(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let padding = "x".repeat(3 * 1024 * 1024);
    let body = format!(r#"{{"userName":"b","ignored":"{padding}"}}"#);
    let user = client.get("/Users").await.listed("id");
    for client in [client.clone(), client.v1()] {
        assert_eq!(refusal(&client.post("/Users", &body).await), "413");
        assert_eq!(refusal(&client.put(&format!("/Users/{user}"), &body).await), "413");
        assert_eq!(refusal(&client.patch(&format!("/Users/{user}"), &body).await), "413");
    }
    assert_eq!(refusal(&client.post("/Users/.search", &body).await), "413");
    assert_shown!(client.post("/Users", &body).await, @r#"
    413
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "detail": "The request body is larger than 2 MB.",
      "status": "413"
    }
    "#);

    // Without a length that tells, and with one that lies.
    for length in [None, Some("10")] {
        let pieces: Vec<Result<String, std::io::Error>> =
            vec![Ok(body[..1_500_000].to_owned()), Ok(body[1_500_000..].to_owned())];
        let stream = Body::from_stream(futures(pieces));
        let mut request = Request::post(client.path("/Users"))
            .header("authorization", format!("Bearer {}", client.token))
            .header("content-type", "application/json");
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        assert_eq!(refusal(&client.send(request.body(stream).expect("a request")).await), "413");
    }
    // A few kilobytes that become gigabytes.
    let bomb = gzip(format!(r#"{{"userName":"{}"}}"#, " ".repeat(8 * 1024 * 1024)).as_bytes());
    assert!(bomb.len() < 20_000);
    for path in ["/Users", "/Groups"] {
        let request = Request::post(client.path(path))
            .header("authorization", format!("Bearer {}", client.token))
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .body(Body::from(bomb.clone()))
            .expect("a request");
        assert_eq!(refusal(&client.send(request).await), "413", "{path}");
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn a_body_that_is_not_there(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let user = client.get("/Users").await.listed("id");
    for (method, path) in [
        ("POST", "/Users".to_owned()),
        ("PUT", format!("/Users/{user}")),
        ("PATCH", format!("/Users/{user}")),
        ("POST", "/Groups".to_owned()),
        ("POST", "/Users/.search".to_owned()),
    ] {
        for body in [None, Some("")] {
            let reply = client.request(method, &path, body).await;
            assert_eq!(refusal(&reply), "400", "{method} {path}");
            assert_eq!(reply.detail(), "The request has no body.");
        }
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn patches_that_make_no_sense(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let user = format!("/Users/{}", client.get("/Users").await.listed("id"));
    let group = format!("/Groups/{}", client.get("/Groups").await.listed("id"));
    let many = vec![r#"{"op":"add","path":"title","value":"x"}"#; 1001].join(",");
    let mut told = Vec::new();
    for operations in [
        "",
        "7",
        r#"{"op":"add"}"#,
        r#"{"op":"move","path":"a","value":"b"}"#,
        r#"{"op":"test","path":"userName","value":"ada"}"#,
        r#"{"path":"title","value":"x"}"#,
        r#"{"op":"remove"}"#,
        r#"{"op":"replace","value":"x"}"#,
        r#"{"op":"replace","value":["x"]}"#,
        r#"{"op":"replace","path":"shoeSize","value":"44"}"#,
        r#"{"op":"replace","path":"urn:x:y:shoeSize","value":"44"}"#,
        r#"{"op":"replace","path":"name.shoeSize","value":"44"}"#,
        r#"{"op":"replace","path":"emails[","value":"44"}"#,
        r#"{"op":"replace","path":"emails[type eq]","value":"44"}"#,
        r#"{"op":"replace","path":"emails[type eq \"work\"","value":"44"}"#,
        r#"{"op":"replace","path":"emails[shoeSize eq \"44\"].value","value":"44"}"#,
        r#"{"op":"replace","path":"emails[type gt true].value","value":"44"}"#,
        r#"{"op":"replace","path":"displayName[type eq \"x\"]","value":"44"}"#,
        r#"{"op":"replace","path":"emails.value.x","value":"44"}"#,
        r#"{"op":"replace","path":"..","value":"44"}"#,
        r#"{"op":"replace","path":"id","value":"44"}"#,
        r#"{"op":"replace","path":"meta.version","value":"44"}"#,
        r#"{"op":"remove","path":"userName"}"#,
        r#"{"op":"replace","path":"userName","value":null}"#,
        r#"{"op":"replace","path":"userName","value":{"a":1}}"#,
        r#"{"op":"replace","path":"active","value":"perhaps"}"#,
        r#"{"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}"#,
        r#"{"op":"replace","path":7,"value":"44"}"#,
        &many,
    ] {
        let body = format!(r#"{{"Operations":[{operations}]}}"#);
        let reply = client.patch(&user, &body).await;
        let verdict = refusal(&reply);
        let short: String = operations.chars().take(70).collect();
        told.push(format!("{short}\n    {verdict}: {}", reply.detail()));
    }
    for operations in [
        r#"{"op":"add","path":"members","value":[{"display":"x"}]}"#,
        r#"{"op":"add","path":"members","value":[null]}"#,
        r#"{"op":"add","path":"members","value":{"value":{}}}"#,
        r#"{"op":"replace","path":"members[value eq \"1\"]","value":{"value":"2"}}"#,
        r#"{"op":"remove","path":"members[shoe eq \"1\"]"}"#,
        r#"{"op":"remove","path":"members.value"}"#,
        r#"{"op":"remove","path":"displayName"}"#,
    ] {
        let body = format!(r#"{{"Operations":[{operations}]}}"#);
        let reply = client.patch(&group, &body).await;
        let verdict = refusal(&reply);
        told.push(format!("{operations}\n    {verdict}: {}", reply.detail()));
    }
    assert_shown!(told.join("\n"), @r#"

        400 invalidSyntax: The body of a PATCH must hold a list named Operations with at least one operation.
    7
        400 invalidSyntax: Operation 1 must be a JSON object.
    {"op":"add"}
        400 invalidValue: Operation 1 must hold a value: only remove can do without.
    {"op":"move","path":"a","value":"b"}
        400 invalidSyntax: Operation 1: "move" is not an operation. Use add, remove or replace.
    {"op":"test","path":"userName","value":"ada"}
        400 invalidSyntax: Operation 1: "test" is not an operation. Use add, remove or replace.
    {"path":"title","value":"x"}
        400 invalidSyntax: Operation 1 must hold op with add, remove or replace.
    {"op":"remove"}
        400 noTarget: A remove operation must name in its path what to remove.
    {"op":"replace","value":"x"}
        400 invalidValue: An operation without a path must hold an object of attributes as its value.
    {"op":"replace","value":["x"]}
        400 invalidValue: An operation without a path must hold an object of attributes as its value.
    {"op":"replace","path":"shoeSize","value":"44"}
        400 invalidPath: "shoeSize" is not an attribute of a User.
    {"op":"replace","path":"urn:x:y:shoeSize","value":"44"}
        400 invalidPath: "urn:x:y:shoeSize" is not an attribute of a User.
    {"op":"replace","path":"name.shoeSize","value":"44"}
        400 invalidPath: "name.shoeSize" is not an attribute of a User.
    {"op":"replace","path":"emails[","value":"44"}
        400 invalidPath: Operation 1: Path, position 8: expected the name of an attribute, found the end.
    {"op":"replace","path":"emails[type eq]","value":"44"}
        400 invalidPath: Operation 1: Path, position 15: expected a value: text in double quotes, a number, true, false or null, found "]".
    {"op":"replace","path":"emails[type eq \"work\"","value":"44"}
        400 invalidPath: Operation 1: Path, position 22: expected and, or, or a closing bracket, found the end.
    {"op":"replace","path":"emails[shoeSize eq \"44\"].value","value":"44"
        400 invalidFilter: In the filter, shoeSize is not a part of a value of emails.
    {"op":"replace","path":"emails[type gt true].value","value":"44"}
        400 invalidFilter: In the filter, type must be compared with text in double quotes, not with true.
    {"op":"replace","path":"displayName[type eq \"x\"]","value":"44"}
        400 invalidPath: displayName has one value; leave the brackets out of its path.
    {"op":"replace","path":"emails.value.x","value":"44"}
        400 invalidPath: Operation 1: Path, position 1: expected the name of an attribute, found "emails.value.x".
    {"op":"replace","path":"..","value":"44"}
        400 invalidPath: Operation 1: Path, position 1: expected the name of an attribute, found ".".
    {"op":"replace","path":"id","value":"44"}
        400 mutability: id is set by the server and cannot be changed.
    {"op":"replace","path":"meta.version","value":"44"}
        400 mutability: meta.version is set by the server and cannot be changed.
    {"op":"remove","path":"userName"}
        400 mutability: userName is required and cannot be removed; replace it.
    {"op":"replace","path":"userName","value":null}
        400 invalidValue: userName is required and must have a value.
    {"op":"replace","path":"userName","value":{"a":1}}
        400 invalidValue: userName must be a string, not a JSON object.
    {"op":"replace","path":"active","value":"perhaps"}
        400 invalidValue: active must be true or false, not "perhaps".
    {"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}
        400 noTarget: No value of emails matches emails[type ne "work"].value.
    {"op":"replace","path":7,"value":"44"}
        400 invalidPath: Operation 1: the path must be a string.
    {"op":"add","path":"title","value":"x"},{"op":"add","path":"title","va
        400 invalidValue: The request holds 1001 operations; 1000 are allowed. Send the change in several requests.
    {"op":"add","path":"members","value":[{"display":"x"}]}
        400 invalidValue: Each member must be an object with the id of a user or group as its value.
    {"op":"add","path":"members","value":[null]}
        400 invalidValue: Each member must be an object with the id of a user or group as its value.
    {"op":"add","path":"members","value":{"value":{}}}
        400 invalidValue: Each member must be an object with the id of a user or group as its value.
    {"op":"replace","path":"members[value eq \"1\"]","value":{"value":"2"}}
        400 mutability: members[value eq "1"] cannot be changed: add members to a group or remove them from it.
    {"op":"remove","path":"members[shoe eq \"1\"]"}
        400 invalidFilter: In the filter, shoe is not a part of a value of members.
    {"op":"remove","path":"members.value"}
        400 mutability: members.value cannot be changed: add members to a group or remove them from it.
    {"op":"remove","path":"displayName"}
        400 mutability: displayName is required and cannot be removed; replace it.
    "#);
    assert_eq!(client.newest().await, before);
    // All or none: what stood before the mistake was not done either.
    let body = r#"{"Operations":[{"op":"replace","path":"title","value":"x"},
        {"op":"replace","path":"shoeSize","value":"44"}]}"#;
    assert_eq!(refusal(&client.patch(&user, body).await), "400 invalidPath");
    assert!(client.get(&user).await.json()["title"].is_null());
    assert_eq!(client.newest().await, before);
});

contract!(async fn what_is_unknown_is_left_out_without_an_error(store) {
    let client = Client::open(store).await;
    let body = r#"{"schemas":["urn:example:unknown"],"userName":"ada","shoeSize":44,
        "name":{"givenName":"Ada","planet":"earth"},"urn:example:unknown":{"a":{"b":[1]}},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"floor":3},
        "constructor":{"prototype":1},"__proto__":{"admin":true},"roles":[]}"#;
    let created = client.post("/Users", body).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "userName": "ada",
      "name": {"givenName":"Ada"},
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let path = format!("/Users/{}", created.id());
    let before = client.newest().await;
    assert_eq!(client.put(&path, body.replace("44", "45")).await.status, 200);
    assert_eq!(client.newest().await, before, "nothing that is kept has changed");
    let events = client.connection.organization.events().await;
    assert!(!events.last().expect("an event").json().contains("shoeSize"));
});

fn post(client: &Client, media_type: &str, encoding: Option<&str>, body: Vec<u8>) -> Request<Body> {
    let mut request = Request::post(client.path("/Users"))
        .header("authorization", format!("Bearer {}", client.token))
        .header("content-type", media_type);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    request.body(Body::from(body)).expect("a request")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A stream of what is there already.
fn futures<T: Send>(items: Vec<T>) -> impl futures_util::Stream<Item = T> + Send {
    futures_util::stream::iter(items)
}
