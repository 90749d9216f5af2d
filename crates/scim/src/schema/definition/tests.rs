use super::Definition;
use crate::{
    AttributePath, Notes, accept,
    json::{self, from_slice},
    schema::Schemas,
};

const BADGE: &str = "urn:example:params:scim:schemas:badge:2.0:User";

/// A definition with these schemas, extensions and types.
fn definition(schemas: &str, extensions: &str, types: &str) -> Definition {
    let text = format!(
        r#"{{"name":"test","schemas":[{schemas}],"extensions":[{extensions}],"resourceTypes":[{types}]}}"#
    );
    serde_json::from_str(&text).expect("a definition")
}

fn badge(attributes: &str) -> Definition {
    let schema = format!(r#"{{"id":"{BADGE}","name":"Badge","attributes":[{attributes}]}}"#);
    let extension =
        format!(r#"{{"resourceType":"User","schema":"{BADGE}","index":["desk.floor"]}}"#);
    definition(&schema, &extension, "")
}

const DESK: &str =
    r#"{"name":"desk","type":"complex","subAttributes":[{"name":"floor","type":"integer"}]}"#;

fn refusal(definition: &Definition) -> String {
    Schemas::builtin().with(definition).expect_err("refused").to_string()
}

#[test]
fn an_extension_joins_the_user() {
    let number = r#"{"name":"number","type":"string","uniqueness":"server"}"#;
    let schemas = Schemas::builtin().with(&badge(&format!("{number},{DESK}"))).expect("fits");
    let user = schemas.user();
    assert!(user.extension(BADGE).is_some());
    let names: Vec<String> = user.indexes().iter().map(ToString::to_string).collect();
    assert_eq!(names[3..], [format!("{BADGE}:number"), format!("{BADGE}:desk.floor")]);
    let path = AttributePath::parse(&format!("{BADGE}:NUMBER")).expect("a path");
    assert!(user.index_of(&path).is_some());
    assert!(schemas.group().extension(BADGE).is_none());
    let text = format!(r#"{{"userName":"a","{BADGE}":{{"desk":{{"floor":3}},"x":1}}}}"#);
    let body = from_slice(text.as_bytes(), json::Limits::default()).expect("JSON");
    let mut notes = Notes::default();
    let tree = accept::resource(user, body, &mut notes).expect("accepted");
    assert_eq!(tree.to_json(), format!(r#"{{"userName":"a","{BADGE}":{{"desk":{{"floor":3}}}}}}"#));
    assert_eq!(notes.ignored(), [format!("{BADGE}:x")]);
}

#[test]
fn resource_types_may_share_a_schema() {
    let schema = r#"{"id":"urn:example:thing","name":"Thing","attributes":[
        {"name":"displayName","type":"string","required":true}]}"#;
    let types = r#"{"name":"Licence","endpoint":"/Licences","schema":"urn:example:thing"},
        {"name":"Profile","endpoint":"/Profiles","schema":"URN:example:THING","index":["displayName"]}"#;
    let schemas = Schemas::builtin().with(&definition(schema, "", types)).expect("fits");
    let names: Vec<&str> =
        schemas.all().map(|schema| schema.resource_type().name.as_str()).collect();
    assert_eq!(names, ["User", "Group", "Licence", "Profile"]);
    assert_eq!(schemas.at("/profiles").map(|schema| schema.indexes().len()), Some(1));
    assert!(schemas.at("/Users").is_none());
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_place() {
    let of = |attribute: &str| refusal(&badge(&format!("{attribute},{DESK}")));
    for (attribute, word) in [
        (r#"{"name":"a b","type":"string"}"#, "not the name of an attribute"),
        (r#"{"name":"desk","type":"string"}"#, "twice"),
        (r#"{"name":"a","type":"complex"}"#, "without sub-attributes"),
        (
            r#"{"name":"a","type":"string","subAttributes":[{"name":"b","type":"string"}]}"#,
            "not complex",
        ),
        (
            r#"{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex","subAttributes":[{"name":"c","type":"string"}]}]}"#,
            "2.3.8",
        ),
        (r#"{"name":"a","type":"string","returned":"never"}"#, "never be read"),
        (r#"{"name":"a","type":"string","mutability":"writeOnly"}"#, "never be read"),
        (r#"{"name":"a","type":"string","multiValued":true,"uniqueness":"server"}"#, "unique"),
        (r#"{"name":"a","type":"reference"}"#, "caseExact"),
    ] {
        let sentence = of(attribute);
        assert!(sentence.contains(word), "{attribute}: {sentence}");
    }
    let schema = |id: &str| {
        let schema =
            format!(r#"{{"id":"{id}","name":"x","attributes":[{{"name":"a","type":"string"}}]}}"#);
        let extension = format!(r#"{{"resourceType":"User","schema":"{id}"}}"#);
        refusal(&definition(&schema, &extension, ""))
    };
    assert!(schema("not a urn").contains("not a URN"));
    assert!(schema("urn:ietf:params:scim:schemas:core:2.0:Role").contains("not yours"));
    assert!(schema(crate::urn::ENTERPRISE_USER).contains("not yours"));
    let thing =
        r#"{"id":"urn:example:thing","name":"Thing","attributes":[{"name":"a","type":"string"}]}"#;
    let typed = |name: &str, endpoint: &str, index: &str| {
        let text = format!(
            r#"{{"name":"{name}","endpoint":"{endpoint}","schema":"urn:example:thing","index":[{index}]}}"#
        );
        refusal(&definition(thing, "", &text))
    };
    assert!(typed("user", "/Things", "").contains("a resource type User"));
    assert!(typed("Thing", "/users", "").contains("SCIM's own"));
    assert!(typed("Thing", "things", "").contains("not an endpoint"));
    assert!(typed("Thing", "/Things", "\"b\"").contains("no attribute b"));
    let id =
        r#"{"id":"urn:example:thing","name":"Thing","attributes":[{"name":"ID","type":"string"}]}"#;
    let text = r#"{"name":"Thing","endpoint":"/Things","schema":"urn:example:thing"}"#;
    assert!(refusal(&definition(id, "", text)).contains("3.1"));
    assert!(refusal(&definition(thing, "", "")).contains("neither"));
}
