//! Values of the wrong type for each attribute of the schemas.

use scim::schema::{
    Attribute, Mutability, ResourceSchema, Type,
    builtin::{group, user},
};
use serde_json::{Value as Json, json};
use testkit::contract;

use super::{furnished, refusal};

/// Values that an attribute or sub-attribute cannot have, however kindly they are read.
fn wrong(attribute: &Attribute) -> Vec<Json> {
    let object = json!({ "a": 1 });
    match attribute.kind {
        Type::Boolean => vec![json!("perhaps"), json!(1), json!(0.5), object, json!([true, [1]])],
        Type::Complex if attribute.multi_valued => vec![json!(true), json!([["a"]]), json!([true])],
        Type::Complex => vec![json!(true), json!(["a"]), json!([[]])],
        Type::Reference => vec![json!(true), json!(5), object, json!(["a"])],
        Type::Binary => vec![json!(true), json!(5), object, json!("no base64!")],
        _ => vec![json!(true), object, json!(["a"]), json!([["a"]])],
    }
}

/// Where an attribute stands in a body, and a body with a value there.
fn cases(schema: &ResourceSchema) -> Vec<(String, Json)> {
    let mut cases = Vec::new();
    for part in schema.schemas() {
        let core = part.id == schema.core().id;
        for attribute in &part.attributes {
            let stored =
                matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable);
            if !stored || attribute.name == "members" {
                continue;
            }
            let name = &attribute.name;
            let home = |value: Json| {
                if core { json!({ name: value }) } else { json!({ &part.id: { name: value } }) }
            };
            cases.extend(wrong(attribute).into_iter().map(|value| (name.clone(), home(value))));
            for sub in &attribute.sub_attributes {
                for value in wrong(sub) {
                    let inner = json!({ &sub.name: value });
                    let inner = if attribute.multi_valued { json!([inner]) } else { inner };
                    cases.push((format!("{name}.{}", sub.name), home(inner)));
                }
            }
        }
    }
    cases
}

contract!(async fn every_attribute_refuses_what_it_cannot_be(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let user_path = format!("/Users/{}", client.get("/Users").await.listed("id"));
    let group_path = format!("/Groups/{}", client.get("/Groups").await.listed("id"));
    let mut count = 0;
    for (schema, path, required) in
        [(user(), user_path, "userName"), (group(), group_path, "displayName")]
    {
        let endpoint = &schema.resource_type().endpoint;
        for (name, mut body) in cases(schema) {
            count += 1;
            let patch = json!({ "Operations": [{ "op": "replace", "value": body.clone() }] });
            if body[required].is_null() {
                body[required] = "somebody".into();
            }
            for (method, path, body) in [
                ("POST", endpoint, &body),
                ("PUT", &path, &body),
                ("PATCH", &path, &patch),
            ] {
                let reply = client.request(method, path, Some(&body.to_string())).await;
                assert_eq!(refusal(&reply), "400 invalidValue", "{method} {body}: {reply}");
                assert!(reply.detail().contains(&name), "{method} {body}: {reply}");
            }
        }
    }
    assert!(count > 200, "{count}");
    assert_eq!(client.newest().await, before);
});

contract!(async fn members_refuse_what_they_cannot_be(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    let path = format!("/Groups/{}", client.get("/Groups").await.listed("id"));
    for members in [
        json!([null]),
        json!([true]),
        json!([1.5]),
        json!([{}]),
        json!([{ "display": "x" }]),
        json!([{ "value": null }]),
        json!([{ "value": "" }]),
        json!([{ "value": ["a"] }]),
        json!([["a"]]),
        json!({ "value": {} }),
        json!([{ "value": "x".repeat(257) }]),
    ] {
        let body = json!({ "displayName": "engines", "members": members }).to_string();
        let patch = json!({ "Operations": [{ "op": "add", "path": "members", "value": members }] });
        for reply in [
            client.post("/Groups", body.replace("engines", "other")).await,
            client.put(&path, &body).await,
            client.patch(&path, &patch).await,
        ] {
            assert_eq!(refusal(&reply), "400 invalidValue", "{members}: {reply}");
        }
    }
    assert_eq!(client.newest().await, before);
});

contract!(async fn numbers_that_lose_digits_are_not_read_as_text(store) {
    let client = furnished(store).await;
    let before = client.newest().await;
    for number in ["18446744073709551617", "1e30", "123456789012345678901234567890"] {
        let body = format!(r#"{{"userName":"b","externalId":{number}}}"#);
        assert_eq!(refusal(&client.post("/Users", body).await), "400 invalidValue", "{number}");
    }
    assert_eq!(client.newest().await, before);
    let body = r#"{"userName":"b","externalId":9223372036854775807}"#;
    assert_eq!(client.post("/Users", body).await.json()["externalId"], "9223372036854775807");
});
