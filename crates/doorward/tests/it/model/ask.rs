//! [`Ask`]: what a client asks for, in the terms of the model, and [`Answer`]: what it gets.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value as Json, json};

use super::{
    bulk::Bulk,
    condition::Condition,
    document::{Document, Refusal, Wanted},
    list::List,
    patch::Operation,
    world::World,
};

/// A request as the model understands it.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// Which of the two connections of the organization sends it.
    pub(super) connection: usize,
    pub(super) intent: Intent,
    pub(super) wanted: Wanted,
    /// In which version the resource must be, if the intent is about one.
    pub(super) condition: Condition,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(super) enum Intent {
    Create {
        kind: usize,
        body: Document,
    },
    Replace {
        kind: usize,
        id: String,
        body: Document,
    },
    Patch {
        kind: usize,
        id: String,
        operations: Vec<Operation>,
    },
    Delete {
        kind: usize,
        id: String,
    },
    Get {
        kind: usize,
        id: String,
    },
    List(List),
    /// A list, from its begin to its end by cursor.
    Walk(List),
    Bulk(Bulk),
}

impl Intent {
    /// The type that it is about, if it is about one.
    pub(super) fn kind(&self) -> Option<usize> {
        match self {
            Self::Create { kind, .. }
            | Self::Replace { kind, .. }
            | Self::Patch { kind, .. }
            | Self::Delete { kind, .. }
            | Self::Get { kind, .. } => Some(*kind),
            Self::List(list) | Self::Walk(list) => list.kind,
            Self::Bulk(_) => None,
        }
    }

    /// The resource that it is about, if it is about one that is there before.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Replace { id, .. }
            | Self::Patch { id, .. }
            | Self::Delete { id, .. }
            | Self::Get { id, .. } => Some(id),
            Self::Create { .. } | Self::List(_) | Self::Walk(_) | Self::Bulk(_) => None,
        }
    }

    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Create { .. } | Self::Bulk(_) => "POST",
            Self::Replace { .. } => "PUT",
            Self::Patch { .. } => "PATCH",
            Self::Delete { .. } => "DELETE",
            Self::Get { .. } | Self::List(_) | Self::Walk(_) => "GET",
        }
    }

    /// The address of its type or resource, below the base URL.
    pub(super) fn path(&self, world: &World) -> String {
        let endpoint = self.kind().map_or("", |kind| &world.types[kind].endpoint);
        match self.id() {
            Some(id) => format!("{endpoint}/{id}"),
            None => endpoint.to_owned(),
        }
    }
}

/// What a new resource gets, if one comes to be: the server's to give.
#[derive(Clone, Debug, Default)]
pub(super) struct Fresh {
    pub(super) id: String,
    /// The version of a user that comes back after it was deleted.
    pub(super) version: u64,
    /// The same for what a bulk request makes, by bulkId.
    pub(super) parts: BTreeMap<String, Fresh>,
}

/// A status, what the entity tag says, and a body without what only a clock knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The version in the entity tag.
    pub(super) version: Option<u64>,
    /// Whether the tag stands for groups of a user, or for names of members, too.
    pub(super) related: bool,
    pub(super) body: Json,
}

impl Answer {
    /// An answer about nothing that has a version.
    pub(super) fn of(status: u16, body: Json) -> Self {
        Self { status, version: None, related: false, body }
    }
}

/// RFC 7644 §3.12.
impl From<Refusal> for Answer {
    fn from(Refusal(status, keyword): Refusal) -> Self {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(),
        });
        if let Some(keyword) = keyword {
            body["scimType"] = json!(keyword);
        }
        Self::of(status, body)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, version, related, body } = self;
        match version {
            Some(version) if *related => {
                write!(f, "{status} (version {version}, related) {body:#}")
            }
            Some(version) => write!(f, "{status} (version {version}) {body:#}"),
            None => write!(f, "{status} {body:#}"),
        }
    }
}
