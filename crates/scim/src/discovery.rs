//! Discovery documents, RFC 7644 §4: what this server can do, and nothing that it cannot.
//!
//! [`ServiceProvider`] is the main type. SCIM 1.1 has its own documents, see [`crate::v1`].

use crate::{
    Object, Value, json,
    schema::{Mutability, ResourceSchema, Schema, builtin::is_published},
    urn,
};

/// What the documents depend on.
#[derive(Clone, Copy, Debug)]
pub struct ServiceProvider<'a> {
    /// The base URL, without a slash at its end: `https://…/scim/v2`.
    pub base_url: &'a str,
    /// Where an administrator reads how to set provisioning up.
    pub documentation_uri: Option<&'a str>,
    /// The most resources that a list returns.
    pub max_results: u32,
    /// How many resources a list returns where the client does not say.
    pub default_results: u32,
    /// For how many seconds a cursor works.
    pub cursor_timeout: u32,
    /// The most operations in one bulk request.
    pub max_operations: u32,
    /// The most bytes in the body of a bulk request.
    pub max_payload_size: u32,
}

impl ServiceProvider<'_> {
    /// `/ServiceProviderConfig`, RFC 7643 §5.
    #[must_use]
    pub fn config(&self) -> Object {
        let mut config =
            Object::new().with("schemas", vec![Value::from(urn::SERVICE_PROVIDER_CONFIG)]);
        if let Some(uri) = self.documentation_uri {
            config.insert("documentationUri", uri);
        }
        config
            .with("patch", supported(true))
            .with("bulk", self.bulk())
            .with("filter", supported(true).with("maxResults", i64::from(self.max_results)))
            .with("changePassword", supported(false))
            .with("sort", supported(true))
            .with("etag", supported(true))
            .with("pagination", self.pagination())
            .with("authenticationSchemes", authentication_schemes("specUri"))
            .with("meta", self.meta("ServiceProviderConfig", "/ServiceProviderConfig"))
    }

    /// `/ResourceTypes`, RFC 7643 §6. One of them is found by its `id`.
    #[must_use]
    pub fn resource_types(&self, types: &[&ResourceSchema]) -> Vec<Object> {
        types
            .iter()
            .map(|schema| {
                let resource_type = schema.resource_type();
                let mut document =
                    Object::new().with("schemas", vec![Value::from(urn::RESOURCE_TYPE)]);
                let mut shown = resource_type.clone();
                shown.schema_extensions.retain(|extension| is_published(&extension.schema));
                document.extend(tree(&shown));
                let location = format!("/ResourceTypes/{}", resource_type.id);
                document.with("meta", self.meta("ResourceType", &location))
            })
            .collect()
    }

    /// `/Schemas`, RFC 7643 §7, each once. One of them is found by its `id`.
    ///
    /// Only attributes that are stored: Okta offers to administrators exactly what it finds here.
    /// A password is accepted and thrown away, so it is not shown.
    #[must_use]
    pub fn schemas(&self, types: &[&ResourceSchema]) -> Vec<Object> {
        let mut schemas: Vec<&Schema> = Vec::new();
        for schema in types.iter().flat_map(|schema| schema.schemas()) {
            if is_published(&schema.id) && !schemas.iter().any(|known| known.id == schema.id) {
                schemas.push(schema);
            }
        }
        schemas.into_iter().map(|schema| self.schema(schema)).collect()
    }

    fn schema(&self, schema: &Schema) -> Object {
        let mut shown = schema.clone();
        shown.attributes.retain(|attribute| attribute.mutability != Mutability::WriteOnly);
        let mut document = Object::new().with("schemas", vec![Value::from(urn::SCHEMA)]);
        document.extend(tree(&shown));
        document.with("meta", self.meta("Schema", &format!("/Schemas/{}", schema.id)))
    }

    pub(crate) fn bulk(&self) -> Object {
        supported(true)
            .with("maxOperations", i64::from(self.max_operations))
            .with("maxPayloadSize", i64::from(self.max_payload_size))
    }

    /// RFC 9865 §4. Clients that know nothing of cursors must find the list that they expect, so
    /// the index is the default.
    fn pagination(&self) -> Object {
        Object::new()
            .with("cursor", true)
            .with("index", true)
            .with("defaultPaginationMethod", "index")
            .with("defaultPageSize", i64::from(self.default_results))
            .with("maxPageSize", i64::from(self.max_results))
            .with("cursorTimeout", i64::from(self.cursor_timeout))
    }

    fn meta(&self, resource_type: &str, path: &str) -> Object {
        Object::new()
            .with("resourceType", resource_type)
            .with("location", format!("{}{path}", self.base_url))
    }
}

pub(crate) fn supported(yes: bool) -> Object {
    Object::new().with("supported", yes)
}

/// The ways in, RFC 7643 §5. SCIM 1.1 calls the address of the specification `specUrl`.
pub(crate) fn authentication_schemes(spec: &str) -> Vec<Value> {
    let scheme = |kind: &str, name: &str, description: &str, specification: &str| {
        Object::new()
            .with("type", kind)
            .with("name", name)
            .with("description", description)
            .with(spec, specification)
    };
    let bearer = scheme(
        "oauthbearertoken",
        "Bearer token",
        "The API token of the connection, in the Authorization header.",
        "https://www.rfc-editor.org/info/rfc6750",
    );
    let basic = scheme(
        "httpbasic",
        "HTTP Basic",
        "Any user name, with the API token of the connection as the password.",
        "https://www.rfc-editor.org/info/rfc7617",
    );
    vec![bearer.with("primary", true).into(), basic.with("primary", false).into()]
}

/// A definition as a tree, in the order of its fields.
fn tree(definition: &impl serde::Serialize) -> Object {
    let text = serde_json::to_vec(definition).expect("a definition holds only texts and flags");
    json::from_slice(&text, json::Limits::default()).expect("a definition is a small object")
}

#[cfg(test)]
mod tests {
    use insta::{assert_json_snapshot, assert_snapshot};

    use super::ServiceProvider;
    use crate::{Object, Value, schema::builtin, urn};

    const PROVIDER: ServiceProvider<'_> = ServiceProvider {
        base_url: "https://d.example/scim/v2",
        documentation_uri: Some("https://d.example/docs/okta"),
        max_results: 1_000,
        default_results: 100,
        cursor_timeout: 3_600,
        max_operations: 1_000,
        max_payload_size: 10_485_760,
    };

    fn types() -> [&'static crate::schema::ResourceSchema; 2] {
        [builtin::user(), builtin::group()]
    }

    #[test]
    fn config() {
        assert_json_snapshot!(PROVIDER.config(), @r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
          ],
          "documentationUri": "https://d.example/docs/okta",
          "patch": {
            "supported": true
          },
          "bulk": {
            "supported": true,
            "maxOperations": 1000,
            "maxPayloadSize": 10485760
          },
          "filter": {
            "supported": true,
            "maxResults": 1000
          },
          "changePassword": {
            "supported": false
          },
          "sort": {
            "supported": true
          },
          "etag": {
            "supported": true
          },
          "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": 100,
            "maxPageSize": 1000,
            "cursorTimeout": 3600
          },
          "authenticationSchemes": [
            {
              "type": "oauthbearertoken",
              "name": "Bearer token",
              "description": "The API token of the connection, in the Authorization header.",
              "specUri": "https://www.rfc-editor.org/info/rfc6750",
              "primary": true
            },
            {
              "type": "httpbasic",
              "name": "HTTP Basic",
              "description": "Any user name, with the API token of the connection as the password.",
              "specUri": "https://www.rfc-editor.org/info/rfc7617",
              "primary": false
            }
          ],
          "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": "https://d.example/scim/v2/ServiceProviderConfig"
          }
        }
        "#);
    }

    #[test]
    fn resource_types() {
        let documents = PROVIDER.resource_types(&types());
        assert_json_snapshot!(documents[0], @r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
          ],
          "id": "User",
          "name": "User",
          "endpoint": "/Users",
          "description": "User Account",
          "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
          "schemaExtensions": [
            {
              "schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
              "required": false
            }
          ],
          "meta": {
            "resourceType": "ResourceType",
            "location": "https://d.example/scim/v2/ResourceTypes/User"
          }
        }
        "#);
        assert_eq!(documents[1].str("id"), Some("Group"));
    }

    #[test]
    fn schemas_are_shown_once_without_null_and_without_the_password() {
        fn has_null(value: &Value) -> bool {
            match value {
                Value::Null => true,
                Value::Multi(values) => values.iter().any(has_null),
                Value::Complex(object) => object.iter().any(|(_, value)| has_null(value)),
                _ => false,
            }
        }
        let documents = PROVIDER.schemas(&[builtin::user(), builtin::group(), builtin::user()]);
        let ids: Vec<&str> = documents.iter().filter_map(|schema| schema.str("id")).collect();
        assert_eq!(ids, [urn::USER, urn::ENTERPRISE_USER, urn::GROUP]);
        for document in documents {
            assert!(!document.to_json().contains("password"));
            assert!(!has_null(&Value::Complex(document)));
        }
    }

    #[test]
    fn a_schema_is_complete() {
        let documents = PROVIDER.schemas(&[builtin::group()]);
        let attribute = |name| attribute(&documents[0], name).expect("it is there");
        let name = attribute("displayName").to_json();
        assert_snapshot!(name, @r#"{"name":"displayName","type":"string","multiValued":false,"description":"A human-readable name for the Group. REQUIRED.","required":true,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"server"}"#);
        let members = attribute("members");
        assert_eq!(members.get("multiValued"), Some(&Value::Boolean(true)));
        let parts = members.get("subAttributes").map_or(&[][..], Value::values);
        let names: Vec<&str> =
            parts.iter().filter_map(|part| part.as_complex()?.str("name")).collect();
        assert_eq!(names, ["value", "$ref", "type", "display"]);
    }

    fn attribute<'d>(schema: &'d Object, name: &str) -> Option<&'d Object> {
        let attributes = schema.get("attributes").map_or(&[][..], Value::values);
        attributes.iter().filter_map(Value::as_complex).find(|a| a.str("name") == Some(name))
    }
}
