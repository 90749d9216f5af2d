//! Walks through whole lists by cursor, RFC 9865.

use serde_json::{Value as Json, json};

use super::{ask::Answer, request::Request, tidied};
use crate::scim::support::{Door, Reply};

/// A cursor is for whoever gave it out, so what is compared is the walk as a whole: the head of
/// each page, and what stands on all of them.
#[derive(Debug, Default)]
pub(super) struct Walk {
    heads: Vec<Json>,
    resources: Vec<Json>,
}

impl Walk {
    pub(super) fn page(&mut self, total: usize, resources: &[Json]) {
        self.heads.push(json!({ "totalResults": total, "itemsPerPage": resources.len() }));
        self.resources.extend_from_slice(resources);
    }

    pub(super) fn answer(self) -> Answer {
        Answer::of(200, json!({ "pages": self.heads, "Resources": self.resources }))
    }
}

/// Walks from page to page until there is no more, or until a page is refused.
pub(super) async fn walk(door: &Door, request: &Request) -> Answer {
    let mut walk = Walk::default();
    let mut cursor = String::new();
    loop {
        let reply = page(door, request, &cursor).await;
        let (answer, _) = tidied(&reply);
        if answer.status != 200 {
            return answer;
        }
        let Json::Object(mut page) = answer.body else { panic!("a page is an object: {reply}") };
        let list = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
        assert_eq!(page.shift_remove("schemas"), Some(list));
        // Whatever else there is stays in the head, where it makes a difference: no `startIndex`.
        let next = page.shift_remove("nextCursor");
        let resources = page.shift_remove("Resources").unwrap_or_default();
        walk.resources.extend(resources.as_array().cloned().unwrap_or_default());
        walk.heads.push(Json::Object(page));
        match next {
            Some(Json::String(next)) => cursor = next,
            Some(other) => panic!("no cursor: {other}"),
            None => return walk.answer(),
        }
        assert!(walk.heads.len() < 1_000, "a walk without an end");
    }
}

async fn page(door: &Door, request: &Request, cursor: &str) -> Reply {
    let mut request = request.clone();
    let path = &mut request.path;
    match &mut request.body {
        Some(body) => body["cursor"] = json!(cursor),
        None => {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str("cursor=");
            path.push_str(cursor);
        }
    }
    request.send(door).await
}
