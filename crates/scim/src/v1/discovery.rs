//! Discovery documents of SCIM 1.1: [`service_provider_configs`] and [`schemas`].

use crate::{
    Object, Value,
    discovery::{ServiceProvider, authentication_schemes, supported},
    schema::{Attribute, Mutability, ResourceSchema, Schema, Type, builtin},
    urn,
};

/// What Okta's on-premises agent may do with us. Each name switches a feature on in Okta, so none
/// may be here that is not true.
const USER_MANAGEMENT_CAPABILITIES: [&str; 8] = [
    "PUSH_NEW_USERS",
    "PUSH_PENDING_USERS",
    "PUSH_PROFILE_UPDATES",
    "PUSH_USER_DEACTIVATION",
    "REACTIVATE_USERS",
    "IMPORT_NEW_USERS",
    "IMPORT_PROFILE_UPDATES",
    "GROUP_PUSH",
];

/// `/ServiceProviderConfigs` of SCIM 1.1, with what Okta's on-premises agent looks for in it.
#[must_use]
pub fn service_provider_configs(provider: &ServiceProvider<'_>) -> Object {
    let mut config =
        Object::new().with("schemas", texts([urn::V1_CORE, urn::OKTA_PROVIDER_CONFIG]));
    if let Some(uri) = provider.documentation_uri {
        config.insert("documentationUrl", uri);
    }
    let capabilities =
        Object::new().with("userManagementCapabilities", texts(USER_MANAGEMENT_CAPABILITIES));
    config
        .with("patch", supported(true))
        .with("bulk", provider.bulk())
        .with("filter", supported(true).with("maxResults", i64::from(provider.max_results)))
        .with("changePassword", supported(false))
        .with("sort", supported(true))
        .with("etag", supported(true))
        .with("xmlDataFormat", supported(false))
        .with("authenticationSchemes", authentication_schemes("specUrl"))
        .with(urn::OKTA_PROVIDER_CONFIG, capabilities)
}

/// `/Schemas` of SCIM 1.1 (core §10): one document for each resource type, with the attributes of
/// its extensions among its own. One of them is found by its `id`.
#[must_use]
pub fn schemas(types: &[&ResourceSchema]) -> Vec<Object> {
    types.iter().map(|schema| document(schema)).collect()
}

fn document(schema: &ResourceSchema) -> Object {
    let resource_type = schema.resource_type();
    let mut attributes = Vec::new();
    for part in std::iter::once(builtin::common()).chain(schema.schemas()) {
        let urn = v1_urn(part, schema);
        attributes.extend(
            part.attributes.iter().filter(|it| shown(it)).map(|it| Value::from(top(it, urn))),
        );
    }
    Object::new()
        .with("schemas", texts([urn::V1_CORE]))
        .with("id", format!("{}:{}", urn::V1_CORE, resource_type.name))
        .with("name", resource_type.name.as_str())
        .with("description", resource_type.description.as_str())
        .with("schema", urn::V1_CORE)
        .with("endpoint", resource_type.endpoint.as_str())
        .with("attributes", attributes)
}

fn v1_urn<'s>(part: &'s Schema, schema: &ResourceSchema) -> &'s str {
    match part.id.as_str() {
        urn::ENTERPRISE_USER => urn::V1_ENTERPRISE,
        urn if schema.extension(urn).is_some() => urn,
        _ => urn::V1_CORE,
    }
}

/// 1.1 has no schema for `schemas`, and what is thrown away is not shown.
fn shown(attribute: &Attribute) -> bool {
    attribute.name != "schemas" && attribute.mutability != Mutability::WriteOnly
}

fn top(attribute: &Attribute, urn: &str) -> Object {
    let mut document = Object::new()
        .with("name", attribute.name.as_str())
        .with("type", type_name(attribute.kind))
        .with("multiValued", attribute.multi_valued);
    if attribute.multi_valued {
        document.insert("multiValuedAttributeChildName", singular(&attribute.name));
    }
    let mut document =
        document.with("description", attribute.description.as_str()).with("schema", urn);
    document.extend(characteristics(attribute));
    if !attribute.sub_attributes.is_empty() {
        let subs: Vec<Value> = attribute
            .sub_attributes
            .iter()
            .filter(|sub| !(attribute.name == "meta" && sub.name == "resourceType"))
            .map(|sub| Value::from(self::sub(attribute, sub)))
            .collect();
        document.insert("subAttributes", subs);
    }
    document
}

fn sub(parent: &Attribute, sub: &Attribute) -> Object {
    let name = match (parent.name.as_str(), sub.name.as_str()) {
        ("manager", "value") => "managerId",
        (_, name) => name,
    };
    let mut document = Object::new()
        .with("name", name)
        .with("type", type_name(sub.kind))
        .with("description", sub.description.as_str());
    document.extend(characteristics(sub));
    if !sub.canonical_values.is_empty() {
        document.insert("canonicalValues", texts(sub.canonical_values.iter().map(String::as_str)));
    }
    document
}

fn characteristics(attribute: &Attribute) -> Object {
    Object::new()
        .with("readOnly", attribute.mutability == Mutability::ReadOnly)
        .with("required", attribute.required)
        .with("caseExact", attribute.case_exact)
}

/// 1.1 knows no references: they are strings.
fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference => "string",
        Type::Boolean => "boolean",
        Type::Decimal => "decimal",
        Type::Integer => "integer",
        Type::DateTime => "dateTime",
        Type::Binary => "binary",
        Type::Complex => "complex",
    }
}

/// `emails` to `email`, `addresses` to `address`: the element that 1.1 would write in XML.
fn singular(name: &str) -> &str {
    name.strip_suffix("es")
        .filter(|stem| stem.ends_with("ss"))
        .or(name.strip_suffix('s'))
        .unwrap_or(name)
}

fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<Value> {
    texts.into_iter().map(Value::from).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_json_snapshot;

    use super::{schemas, service_provider_configs, singular};
    use crate::{discovery::ServiceProvider, schema::builtin};

    #[test]
    fn configuration() {
        let provider = ServiceProvider {
            base_url: "https://d.example/scim/v1",
            documentation_uri: None,
            max_results: 1_000,
            default_results: 100,
            cursor_timeout: 3_600,
            max_operations: 1_000,
            max_payload_size: 10_485_760,
        };
        let config = service_provider_configs(&provider);
        assert_json_snapshot!(config, @r#"
        {
          "schemas": [
            "urn:scim:schemas:core:1.0",
            "urn:okta:schemas:scim:providerconfig:1.0"
          ],
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
          "xmlDataFormat": {
            "supported": false
          },
          "authenticationSchemes": [
            {
              "type": "oauthbearertoken",
              "name": "Bearer token",
              "description": "The API token of the connection, in the Authorization header.",
              "specUrl": "https://www.rfc-editor.org/info/rfc6750",
              "primary": true
            },
            {
              "type": "httpbasic",
              "name": "HTTP Basic",
              "description": "Any user name, with the API token of the connection as the password.",
              "specUrl": "https://www.rfc-editor.org/info/rfc7617",
              "primary": false
            }
          ],
          "urn:okta:schemas:scim:providerconfig:1.0": {
            "userManagementCapabilities": [
              "PUSH_NEW_USERS",
              "PUSH_PENDING_USERS",
              "PUSH_PROFILE_UPDATES",
              "PUSH_USER_DEACTIVATION",
              "REACTIVATE_USERS",
              "IMPORT_NEW_USERS",
              "IMPORT_PROFILE_UPDATES",
              "GROUP_PUSH"
            ]
          }
        }
        "#);
    }

    #[test]
    fn a_schema_has_the_attributes_of_its_extensions() {
        let documents = schemas(&[builtin::user(), builtin::group()]);
        assert_json_snapshot!(documents[1], @r#"
        {
          "schemas": [
            "urn:scim:schemas:core:1.0"
          ],
          "id": "urn:scim:schemas:core:1.0:Group",
          "name": "Group",
          "description": "Group",
          "schema": "urn:scim:schemas:core:1.0",
          "endpoint": "/Groups",
          "attributes": [
            {
              "name": "id",
              "type": "string",
              "multiValued": false,
              "description": "Identifier given by Doorward. It never changes and is never given twice.",
              "schema": "urn:scim:schemas:core:1.0",
              "readOnly": true,
              "required": true,
              "caseExact": true
            },
            {
              "name": "externalId",
              "type": "string",
              "multiValued": false,
              "description": "Identifier of the resource at the identity provider.",
              "schema": "urn:scim:schemas:core:1.0",
              "readOnly": false,
              "required": false,
              "caseExact": true
            },
            {
              "name": "meta",
              "type": "complex",
              "multiValued": false,
              "description": "What Doorward knows about the resource itself.",
              "schema": "urn:scim:schemas:core:1.0",
              "readOnly": true,
              "required": false,
              "caseExact": false,
              "subAttributes": [
                {
                  "name": "created",
                  "type": "dateTime",
                  "description": "When the resource was created.",
                  "readOnly": true,
                  "required": false,
                  "caseExact": false
                },
                {
                  "name": "lastModified",
                  "type": "dateTime",
                  "description": "When the resource was last changed.",
                  "readOnly": true,
                  "required": false,
                  "caseExact": false
                },
                {
                  "name": "location",
                  "type": "string",
                  "description": "Address of the resource.",
                  "readOnly": true,
                  "required": false,
                  "caseExact": true
                },
                {
                  "name": "version",
                  "type": "string",
                  "description": "Version of the resource, as its ETag.",
                  "readOnly": true,
                  "required": false,
                  "caseExact": true
                }
              ]
            },
            {
              "name": "displayName",
              "type": "string",
              "multiValued": false,
              "description": "A human-readable name for the Group. REQUIRED.",
              "schema": "urn:scim:schemas:core:1.0",
              "readOnly": false,
              "required": true,
              "caseExact": false
            },
            {
              "name": "members",
              "type": "complex",
              "multiValued": true,
              "multiValuedAttributeChildName": "member",
              "description": "A list of members of the Group.",
              "schema": "urn:scim:schemas:core:1.0",
              "readOnly": false,
              "required": false,
              "caseExact": false,
              "subAttributes": [
                {
                  "name": "value",
                  "type": "string",
                  "description": "Identifier of the member of this Group.",
                  "readOnly": false,
                  "required": false,
                  "caseExact": true
                },
                {
                  "name": "$ref",
                  "type": "string",
                  "description": "The URI corresponding to a SCIM resource that is a member of this Group.",
                  "readOnly": false,
                  "required": false,
                  "caseExact": true
                },
                {
                  "name": "type",
                  "type": "string",
                  "description": "A label indicating the type of resource, e.g., 'User' or 'Group'.",
                  "readOnly": false,
                  "required": false,
                  "caseExact": false,
                  "canonicalValues": [
                    "User",
                    "Group"
                  ]
                },
                {
                  "name": "display",
                  "type": "string",
                  "description": "Name of the member, for people: its userName or displayName.",
                  "readOnly": true,
                  "required": false,
                  "caseExact": false
                }
              ]
            },
            {
              "name": "description",
              "type": "string",
              "multiValued": false,
              "description": "What the group is for.",
              "schema": "urn:okta:custom:group:1.0",
              "readOnly": false,
              "required": false,
              "caseExact": false
            }
          ]
        }
        "#);
        let user = documents[0].to_json();
        assert!(user.contains(r#""schema":"urn:scim:schemas:extension:enterprise:1.0""#));
        assert!(user.contains(r#""name":"managerId""#));
        assert!(!user.contains("password") && !user.contains("2.0:User"));
    }

    #[test]
    fn child_names() {
        let names = ["emails", "addresses", "x509Certificates", "photos", "ims"].map(singular);
        assert_eq!(names, ["email", "address", "x509Certificate", "photo", "im"]);
    }
}
