//! What the model knows of schemas: [`Type`], [`Schema`], [`Attribute`], and generated ones.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::dice::Dice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Boolean,
    Integer,
    Decimal,
    DateTime,
    Complex,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::DateTime => "dateTime",
            Self::Complex => "complex",
        }
    }
}

/// RFC 7643 §2.2, `returned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Always,
    Default,
    Request,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the characteristics of RFC 7643 §7")]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) multi: bool,
    pub(super) required: bool,
    pub(super) exact: bool,
    pub(super) immutable: bool,
    pub(super) read_only: bool,
    pub(super) unique: bool,
    pub(super) shown: Shown,
    pub(super) subs: Vec<Arc<Attribute>>,
}

impl Attribute {
    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi: false,
            required: false,
            exact: false,
            immutable: false,
            read_only: false,
            unique: false,
            shown: Shown::Default,
            subs: Vec::new(),
        }
    }

    fn with_subs(name: &str, multi: bool, subs: &[(&str, Kind)]) -> Self {
        let subs = subs.iter().map(|(name, kind)| Arc::new(Self::new(name, *kind))).collect();
        Self { multi, subs, ..Self::new(name, Kind::Complex) }
    }

    pub(super) fn sub(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.subs.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    fn definition(&self) -> Json {
        let returned = match self.shown {
            Shown::Always => "always",
            Shown::Default => "default",
            Shown::Request => "request",
        };
        let subs: Vec<Json> = self.subs.iter().map(|sub| sub.definition()).collect();
        json!({
            "name": self.name,
            "type": self.kind.name(),
            "multiValued": self.multi,
            "required": self.required,
            "caseExact": self.exact,
            "mutability": if self.immutable { "immutable" } else { "readWrite" },
            "returned": returned,
            "uniqueness": if self.unique { "server" } else { "none" },
            "subAttributes": subs,
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub(super) urn: String,
    pub(super) attributes: Vec<Arc<Attribute>>,
    /// Whether every resource must carry it, where it is an extension.
    pub(super) required: bool,
}

impl Schema {
    pub(super) fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) core: Schema,
    pub(super) extensions: Vec<Schema>,
}

/// An attribute of a type, or a part of one: where it stands, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The URN of the extension that has it.
    pub(super) extension: Option<String>,
    pub(super) attribute: Arc<Attribute>,
    pub(super) sub: Option<Arc<Attribute>>,
}

impl Place {
    /// Its standard name, with the URN of its extension.
    pub(super) fn name(&self) -> String {
        let urn = self.extension.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = self.sub.as_ref().map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        format!("{urn}{}{sub}", self.attribute.name)
    }

    /// The attribute or sub-attribute itself.
    pub(super) fn leaf(&self) -> &Arc<Attribute> {
        self.sub.as_ref().unwrap_or(&self.attribute)
    }
}

impl Type {
    pub(super) fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn))
    }

    /// All attributes, those of the core schema first.
    pub(super) fn places(&self) -> Vec<Place> {
        let of = |urn: Option<&String>, schema: &Schema| -> Vec<Place> {
            let place = |attribute: &Arc<Attribute>| Place {
                extension: urn.cloned(),
                attribute: Arc::clone(attribute),
                sub: None,
            };
            schema.attributes.iter().map(place).collect()
        };
        let mut places = of(None, &self.core);
        places.extend(self.extensions.iter().flat_map(|schema| of(Some(&schema.urn), schema)));
        places
    }

    /// What a full name means (RFC 7644 §3.10): `name.givenName`, `urn:…:User:department`.
    pub(super) fn named(&self, name: &str) -> Option<Place> {
        let schemas = std::iter::once((None, &self.core))
            .chain(self.extensions.iter().map(|schema| (Some(schema.urn.clone()), schema)));
        for (extension, schema) in schemas {
            let length = schema.urn.len();
            let rest = match name.get(..length) {
                Some(start) if start.eq_ignore_ascii_case(&schema.urn) => {
                    name[length..].strip_prefix(':')
                }
                _ if extension.is_none() && !name.contains(':') => Some(name),
                _ => None,
            };
            let Some(rest) = rest else { continue };
            let (attribute, sub) = match rest.split_once('.') {
                Some((attribute, sub)) => (schema.attribute(attribute)?, Some(sub)),
                None => (schema.attribute(rest)?, None),
            };
            let sub = match sub {
                Some(sub) => Some(Arc::clone(attribute.sub(sub)?)),
                None => None,
            };
            return Some(Place { extension, attribute: Arc::clone(attribute), sub });
        }
        None
    }
}

const VALUE: [(&str, Kind); 4] = [
    ("value", Kind::Text),
    ("display", Kind::Text),
    ("type", Kind::Text),
    ("primary", Kind::Boolean),
];

/// RFC 7643 §3.1. `schemas` and `meta` are here for paths; how they are shown is not the schema's.
fn common() -> Vec<Attribute> {
    let meta = ["resourceType", "location", "version"].map(|name| (name, Kind::Text));
    let meta = Attribute::with_subs("meta", false, &meta);
    let exact = |name: &str| Attribute { exact: true, ..Attribute::new(name, Kind::Text) };
    vec![
        exact("externalId"),
        Attribute { read_only: true, shown: Shown::Always, ..exact("id") },
        Attribute { read_only: true, multi: true, shown: Shown::Always, ..exact("schemas") },
        Attribute {
            read_only: true,
            subs: meta
                .subs
                .iter()
                .map(|sub| {
                    Arc::new(Attribute { exact: true, read_only: true, ..Attribute::clone(sub) })
                })
                .collect(),
            ..meta
        },
    ]
}

fn schema(urn: &str, attributes: Vec<Attribute>) -> Schema {
    let attributes = attributes.into_iter().map(Arc::new).collect();
    Schema { urn: urn.to_owned(), attributes, required: false }
}

fn core(urn: &str, mut attributes: Vec<Attribute>) -> Schema {
    attributes.extend(common());
    schema(urn, attributes)
}

/// RFC 7643 §4.1 and §4.3, as far as the model plays with it.
fn user() -> Type {
    let text = |name: &str| Attribute::new(name, Kind::Text);
    let groups = ["value", "$ref", "display", "type"].map(|name| (name, Kind::Text));
    let mut groups = Attribute::with_subs("groups", true, &groups);
    groups.read_only = true;
    groups.subs[0] = Arc::new(Attribute { exact: true, ..text("value") });
    groups.subs[1] = Arc::new(Attribute { exact: true, ..text("$ref") });
    let mut manager = Attribute::with_subs(
        "manager",
        false,
        &[("value", Kind::Text), ("displayName", Kind::Text)],
    );
    manager.subs[0] = Arc::new(Attribute { exact: true, ..text("value") });
    let name = [("familyName", Kind::Text), ("givenName", Kind::Text), ("formatted", Kind::Text)];
    Type {
        name: "User".to_owned(),
        endpoint: "/Users".to_owned(),
        core: core(
            "urn:ietf:params:scim:schemas:core:2.0:User",
            vec![
                Attribute { required: true, unique: true, ..text("userName") },
                Attribute::with_subs("name", false, &name),
                text("displayName"),
                text("title"),
                Attribute::new("active", Kind::Boolean),
                Attribute::with_subs("emails", true, &VALUE),
                Attribute::with_subs("roles", true, &VALUE),
                groups,
            ],
        ),
        extensions: vec![schema(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            vec![text("employeeNumber"), text("department"), manager],
        )],
    }
}

/// RFC 7643 §4.2. Members come and go by rules of their own, so no rule for values may write them.
fn group() -> Type {
    let members = ["value", "$ref", "type", "display"].map(|name| (name, Kind::Text));
    let mut members = Attribute::with_subs("members", true, &members);
    members.read_only = true;
    for sub in &mut members.subs {
        let shown = if sub.name == "display" { Shown::Request } else { Shown::Default };
        *sub = Arc::new(Attribute { exact: sub.name == "value", shown, ..Attribute::clone(sub) });
    }
    Type {
        name: "Group".to_owned(),
        endpoint: "/Groups".to_owned(),
        core: core(
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            vec![
                Attribute {
                    required: true,
                    unique: true,
                    ..Attribute::new("displayName", Kind::Text)
                },
                members,
            ],
        ),
        extensions: vec![schema(
            "urn:okta:custom:group:1.0",
            vec![Attribute::new("description", Kind::Text)],
        )],
    }
}

const NAMES: [&str; 6] = ["colour", "size", "since", "shelf", "tag", "weight"];
const PARTS: [&str; 6] = ["value", "type", "primary", "floor", "label", "from"];
const SIMPLE: [Kind; 5] = [Kind::Text, Kind::Boolean, Kind::Integer, Kind::Decimal, Kind::DateTime];

fn generated_attribute(dice: &mut Dice, name: &str) -> Attribute {
    let kind = if dice.percent(35) { Kind::Complex } else { *dice.pick(&SIMPLE) };
    let mut attribute = Attribute::new(name, kind);
    attribute.exact = dice.percent(40);
    attribute.multi = dice.percent(if kind == Kind::Complex { 65 } else { 15 });
    attribute.required = dice.percent(15);
    attribute.immutable = dice.percent(15);
    attribute.unique = !attribute.multi && kind != Kind::Complex && dice.percent(25);
    attribute.shown = match dice.below(10) {
        0 => Shown::Always,
        1 => Shown::Request,
        _ => Shown::Default,
    };
    if kind == Kind::Complex {
        for part in PARTS {
            if dice.percent(55) || (part == PARTS[5] && attribute.subs.is_empty()) {
                let kind = match part {
                    "primary" => Kind::Boolean,
                    "type" => Kind::Text,
                    _ => *dice.pick(&SIMPLE),
                };
                let exact = dice.percent(30);
                attribute.subs.push(Arc::new(Attribute { exact, ..Attribute::new(part, kind) }));
            }
        }
    }
    attribute
}

fn generated_schema(dice: &mut Dice, urn: &str) -> Schema {
    let count = 2 + dice.below(4);
    let names = &NAMES[dice.below(2)..];
    schema(urn, names[..count].iter().map(|name| generated_attribute(dice, name)).collect())
}

/// Attributes of a schema by which resources are found, as a definition names them.
fn indexes(dice: &mut Dice, schema: &Schema) -> Vec<String> {
    let mut indexes = Vec::new();
    for attribute in &schema.attributes {
        if attribute.read_only || attribute.name == "externalId" || !dice.percent(40) {
            continue;
        }
        match dice.maybe(&attribute.subs) {
            Some(sub) => indexes.push(format!("{}.{}", attribute.name, sub.name)),
            None => indexes.push(attribute.name.clone()),
        }
    }
    indexes
}

fn definition_of(schema: &Schema) -> Json {
    let own = |attribute: &&Arc<Attribute>| !attribute.read_only && attribute.name != "externalId";
    let attributes: Vec<Json> =
        schema.attributes.iter().filter(own).map(|attribute| attribute.definition()).collect();
    json!({ "id": schema.urn, "name": "Generated", "attributes": attributes })
}

/// The types of an organization: users (with a generated extension), groups, and a generated one;
/// and the definition that makes them, as JSON.
pub(super) fn generated(dice: &mut Dice) -> ([Type; 3], Json) {
    let (mut user, group) = (user(), group());
    let mut extension = generated_schema(dice, "urn:example:params:scim:schemas:model:2.0:User");
    extension.required = dice.percent(20);
    let mut own = generated_schema(dice, "urn:example:params:scim:schemas:model:1.0:Thing");
    let (by_extension, by_own) = (indexes(dice, &extension), indexes(dice, &own));
    let definition = json!({
        "name": "model",
        "schemas": [definition_of(&extension), definition_of(&own)],
        "extensions": [{
            "resourceType": "User",
            "schema": extension.urn,
            "required": extension.required,
            "index": by_extension,
        }],
        "resourceTypes": [{
            "name": "Thing",
            "endpoint": "/Things",
            "schema": own.urn,
            "index": by_own,
        }],
    });
    own.attributes.extend(common().into_iter().map(Arc::new));
    user.extensions.push(extension);
    let thing = Type {
        name: "Thing".to_owned(),
        endpoint: "/Things".to_owned(),
        core: own,
        extensions: Vec::new(),
    };
    ([user, group, thing], definition)
}
