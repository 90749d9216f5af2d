//! Users and groups as SCIM 2.0 shows them.

use directory::Resource;
use doorward::config::PublicUrl;
use scim::{Meta, Object, Value, schema::ResourceSchema};

/// A resource with what the directory computes of it. Where the public URL is not known, it has no
/// address.
pub(crate) fn represent(
    schema: &ResourceSchema,
    url: Option<&PublicUrl>,
    record: &Resource,
    computed: Option<(&'static str, Value)>,
) -> Object {
    let mut resource = record.attributes.to_object();
    if let Some((name, value)) = computed {
        resource.insert(name, value);
    }
    let id = record.id.to_string();
    let endpoint = &schema.resource_type().endpoint;
    let location = url.map(|url| format!("{url}/scim/v2{endpoint}/{id}")).unwrap_or_default();
    let meta = Meta { location, ..record.meta() };
    let mut object = scim::represent(schema, &id, resource, &meta);
    if url.is_none()
        && let Some(Value::Complex(meta)) = object.get_mut("meta")
    {
        meta.remove("location");
    }
    object
}

/// The attributes of one schema: paths and values. Without a name: the core schema.
type Lines = (Option<String>, Vec<(String, String)>);

/// The attributes of a resource, one on a line: `name.givenName`, `emails[2].value`. Those of the
/// core schema come first, then those of each extension under its URN.
pub(crate) fn lines(resource: &Object) -> Vec<Lines> {
    let mut core = Vec::new();
    let mut extensions = Vec::new();
    for (name, value) in resource.iter() {
        match value {
            Value::Complex(extension) if name.to_string().starts_with("urn:") => {
                let mut lines = Vec::new();
                for (name, value) in extension.iter() {
                    add(&mut lines, name.to_string(), value);
                }
                extensions.push((Some(name.to_string()), lines));
            }
            value => add(&mut core, name.to_string(), value),
        }
    }
    std::iter::once((None, core)).chain(extensions).collect()
}

fn add(lines: &mut Vec<(String, String)>, path: String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Complex(object) => {
            for (name, value) in object.iter() {
                add(lines, format!("{path}.{name}"), value);
            }
        }
        Value::Multi(values) => {
            for (at, value) in values.iter().enumerate() {
                add(lines, format!("{path}[{}]", at + 1), value);
            }
        }
        Value::String(text) => lines.push((path, text.replace(char::is_control, " "))),
        Value::Boolean(value) => lines.push((path, value.to_string())),
        Value::Integer(number) => lines.push((path, number.to_string())),
        Value::Decimal(number) => lines.push((path, number.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use scim::{Object, Value};

    use super::lines;

    #[test]
    fn each_value_has_its_path() {
        let resource = Object::new()
            .with("userName", "ada")
            .with("name", Object::new().with("givenName", "Ada"))
            .with("emails", vec![Value::from(Object::new().with("value", "a@x"))])
            .with("urn:x:User", Object::new().with("department", "R&D"));
        let pair = |path: &str, value: &str| (path.to_owned(), value.to_owned());
        let core = vec![
            pair("userName", "ada"),
            pair("name.givenName", "Ada"),
            pair("emails[1].value", "a@x"),
        ];
        let extension = vec![pair("department", "R&D")];
        assert_eq!(lines(&resource), [(None, core), (Some("urn:x:User".to_owned()), extension)]);
    }
}
