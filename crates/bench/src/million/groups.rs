//! Operations on groups of different sizes, and what reads or replaces all members.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Operation, Row, rounds};
use crate::{
    chance::Chance,
    crowd::{Crowd, make_group, patch},
    http::{Connection, Request},
    process::Memory,
    site::Site,
};

/// Members that one PATCH adds.
const PIECE: usize = 1_000;
/// Users who are in no group, so that they can be added.
const OUTSIDE: usize = PIECE + 500;
/// Members that differ where all are replaced.
const DIFFERENT: usize = 10;

/// A group of the first members of a crowd.
struct Asked {
    crowd: Crowd,
    id: String,
    size: usize,
    renamed: usize,
}

/// Adding goes before removing: each round leaves the group as it was.
const OPERATIONS: &[Operation<Asked>] = &[
    ("add one member", 204, |asked, _| change(asked, "add", 1)),
    ("remove one member", 204, |asked, _| change(asked, "remove", 1)),
    ("rename the group", 204, |asked, _| {
        asked.renamed += 1;
        let name = format!("Group of {} {}", asked.size, asked.renamed);
        let body = patch(&json!({"op": "replace", "value": {"displayName": name}}));
        asked.crowd.caller.send("PATCH", &format!("/Groups/{}", asked.id), &body.to_string())
    }),
    ("a user with its groups", 200, |asked, chance| {
        let id = &asked.crowd.ids[chance.below(asked.size)];
        asked.crowd.caller.get(&format!("/Users/{id}"))
    }),
    ("read the group without its members", 200, |asked, _| {
        let path = format!("/Groups/{}?excludedAttributes=members", asked.id);
        asked.crowd.caller.get(&path)
    }),
    ("add 1,000 members", 204, |asked, _| change(asked, "add", PIECE)),
    ("remove 1,000 members", 204, |asked, _| change(asked, "remove", PIECE)),
];

/// The last of a crowd are in no group.
fn change(asked: &Asked, op: &str, count: usize) -> Request {
    let ids = &asked.crowd.ids;
    let from = ids.len() - OUTSIDE;
    let members: Vec<Value> =
        ids[from..from + count].iter().map(|id| json!({"value": id})).collect();
    let body = patch(&json!({"op": op, "path": "members", "value": members}));
    asked.crowd.caller.send("PATCH", &format!("/Groups/{}", asked.id), &body.to_string())
}

/// A group that was made.
pub(super) struct Made {
    id: String,
    size: usize,
}

/// Makes a group of each size, by PATCHes of 1,000 members. The largest one has all users but those that
/// are left out.
pub(super) async fn make(crowd: &Crowd, sizes: &[usize]) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    for size in sizes {
        let size = (*size).min(crowd.ids.len() - OUTSIDE);
        let id = make_group(&crowd.caller, &format!("Group of {size}"), &[]).await?;
        let mut connection = Connection::new(crowd.caller.address);
        for piece in crowd.ids[..size].chunks(PIECE) {
            let members: Vec<Value> = piece.iter().map(|id| json!({"value": id})).collect();
            let body = patch(&json!({"op": "add", "path": "members", "value": members}));
            let path = format!("/Groups/{id}");
            let request = crowd.caller.send("PATCH", &path, &body.to_string());
            let answer = connection.exchange(&request).await?;
            ensure!(answer.status == 204, "adding members got {}", answer.status);
        }
        eprintln!("a group of {size} members");
        made.push(Made { id, size });
    }
    Ok(made)
}

pub(super) async fn measure(crowd: &Crowd, made: &[Made], count: usize) -> Result<Vec<Row>> {
    let mut sizes: Vec<(Asked, Connection)> = made
        .iter()
        .map(|Made { id, size }| {
            let asked = Asked { crowd: crowd.clone(), id: id.clone(), size: *size, renamed: 0 };
            (asked, Connection::new(crowd.caller.address))
        })
        .collect();
    rounds(OPERATIONS, &mut sizes, count).await
}

/// What reads or replaces a whole group, once each.
#[derive(Debug, Default)]
pub(super) struct Wholes {
    /// Members of the group that was replaced, how many differ, and the times: by a set that differs in those,
    /// and by the same set again.
    pub(super) replaced: (usize, usize, Duration, Duration),
    /// Members of the group that was read whole, bytes of the answer, how long it took.
    pub(super) read: (usize, usize, Duration),
    /// The server's memory before, and at most meanwhile.
    pub(super) memory: (Memory, Memory),
    /// How long deleting each group took, by its size.
    pub(super) deleted: Vec<Duration>,
}

pub(super) async fn wholes(
    site: &Site,
    crowd: &Crowd,
    made: &[Made],
    replaced: usize,
) -> Result<Wholes> {
    let mut wholes = Wholes::default();
    let replaced = replaced.min(crowd.ids.len() - OUTSIDE);
    let id = make_group(&crowd.caller, "Group to be replaced", &crowd.ids[..replaced]).await?;
    let mut members = crowd.ids[..replaced].to_vec();
    let mut chance = Chance::new(5);
    for at in 0..DIFFERENT {
        let place = chance.below(replaced);
        members[place].clone_from(&crowd.ids[crowd.ids.len() - 1 - at]);
    }
    let different = put(crowd, &id, &members).await?;
    let same = put(crowd, &id, &members).await?;
    wholes.replaced = (replaced, DIFFERENT, different, same);

    let largest = made.last().context("there is no group")?;
    let server = site.server();
    let before = server.memory()?;
    server.forget_peak();
    let begun = Instant::now();
    let mut connection = Connection::new(crowd.caller.address);
    let answer = connection.exchange(&crowd.caller.get(&format!("/Groups/{}", largest.id))).await?;
    ensure!(answer.status == 200, "reading a whole group got {}", answer.status);
    wholes.read = (largest.size, answer.body.len(), begun.elapsed());
    wholes.memory = (before, server.memory()?);

    for Made { id, .. } in made {
        let begun = Instant::now();
        ask_to_delete(crowd, id).await?;
        wholes.deleted.push(begun.elapsed());
    }
    Ok(wholes)
}

/// Gives a group these members.
async fn put(crowd: &Crowd, id: &str, members: &[String]) -> Result<Duration> {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Group to be replaced",
        "members": members,
    });
    let path = format!("/Groups/{id}?excludedAttributes=members");
    let body = Bytes::from(body.to_string());
    let request = crowd.caller.send_long("PUT", &path, "", &body);
    let mut connection = Connection::new(crowd.caller.address);
    let begun = Instant::now();
    let answer = connection.exchange(&request).await?;
    ensure!(answer.status == 200, "replacing members got {}", answer.status);
    Ok(begun.elapsed())
}

async fn ask_to_delete(crowd: &Crowd, id: &str) -> Result<()> {
    let mut connection = Connection::new(crowd.caller.address);
    let request = crowd.caller.send("DELETE", &format!("/Groups/{id}"), "");
    let status = connection.exchange(&request).await?.status;
    ensure!(status == 204, "deleting a group got {status}");
    Ok(())
}
