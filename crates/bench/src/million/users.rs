//! Operations on users, and lists of them.

use anyhow::Result;
use serde_json::json;

use super::{Operation, Row, rounds};
use crate::{
    chance::Chance,
    crowd::{Crowd, look_up, new_profile, patch},
    http::{Connection, Request},
    people,
};

/// Users on a page.
const PAGE: usize = 100;

/// An organization that is asked.
struct Asked {
    crowd: Crowd,
    /// Users that were created in vain, so that their names are free.
    created: usize,
}

const OPERATIONS: &[Operation<Asked>] = &[
    ("look up `userName eq`", 200, |asked, chance| {
        let (number, _) = asked.crowd.somebody(chance);
        asked.crowd.caller.get(&look_up(number))
    }),
    ("read a user", 200, |asked, chance| {
        let (_, id) = asked.crowd.somebody(chance);
        asked.crowd.caller.get(&format!("/Users/{id}"))
    }),
    ("create a user", 201, |asked, _| {
        asked.created += 1;
        let body = people::whole(asked.crowd.ids.len() + asked.created).to_string();
        asked.crowd.caller.send("POST", "/Users", &body)
    }),
    ("PATCH a profile", 200, |asked, chance| {
        let body = new_profile(chance).to_string();
        let (_, id) = asked.crowd.somebody(chance);
        asked.crowd.caller.send("PATCH", &format!("/Users/{id}"), &body)
    }),
    ("PUT a user", 200, |asked, chance| {
        let title = format!("Engineer {}", chance.below(100_000));
        let (number, id) = asked.crowd.somebody(chance);
        let mut body = people::whole(number);
        body["title"] = json!(title);
        asked.crowd.caller.send("PUT", &format!("/Users/{id}"), &body.to_string())
    }),
    ("deactivate a user", 200, |asked, chance| set_active(asked, chance, false)),
    ("the first page", 200, |asked, _| page(asked, 1)),
    ("the page in the middle", 200, |asked, _| page(asked, asked.crowd.ids.len() / 2)),
    ("the last page", 200, |asked, _| page(asked, asked.crowd.ids.len() - PAGE)),
    ("how many users there are", 200, |asked, _| asked.crowd.caller.get("/Users?count=0")),
];

pub(super) async fn measure(crowds: &mut [Crowd], count: usize) -> Result<Vec<Row>> {
    let mut sizes: Vec<(Asked, Connection)> = crowds
        .iter()
        .map(|crowd| {
            let connection = Connection::new(crowd.caller.address);
            (Asked { crowd: crowd.clone(), created: 0 }, connection)
        })
        .collect();
    rounds(OPERATIONS, &mut sizes, count).await
}

fn set_active(asked: &mut Asked, chance: &mut Chance, active: bool) -> Request {
    let body = patch(&json!({"op": "replace", "path": "active", "value": active})).to_string();
    let (_, id) = asked.crowd.somebody(chance);
    asked.crowd.caller.send("PATCH", &format!("/Users/{id}"), &body)
}

fn page(asked: &Asked, start: usize) -> Request {
    asked.crowd.caller.get(&format!("/Users?startIndex={start}&count={PAGE}"))
}
