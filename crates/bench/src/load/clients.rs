//! The clients of each subject: what they send.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;

use super::subject::{MANY, Subject};
use crate::{
    chance::Chance,
    crowd::{self, Crowd},
    http::{Caller, Connection},
    limit::constant::Constant,
    people,
    rate::Client,
    site::Site,
};

/// What the clients know.
pub(crate) struct World {
    pub(crate) crowd: Arc<Crowd>,
    /// A group with everybody in it.
    pub(crate) group: String,
    /// The next person who has not come yet.
    pub(crate) next: Arc<AtomicUsize>,
}

/// As many clients as there are at most.
pub(crate) fn of(subject: Subject, site: &Site, world: &World, constant: &Constant) -> Vec<Client> {
    (0..MANY).filter_map(|number| one(subject, number, site, world, constant)).collect()
}

fn one(
    subject: Subject,
    number: usize,
    site: &Site,
    world: &World,
    constant: &Constant,
) -> Option<Client> {
    let crowd = Arc::clone(&world.crowd);
    let address = crowd.caller.address;
    let mut chance = Chance::new(number as u64 + 1);
    Some(match subject {
        Subject::Constant => {
            let caller = Caller { address: constant.address, ..crowd.caller.clone() };
            Client::new(Connection::new(constant.address), 200, move || {
                caller.get(&format!("/Users/{}", crowd.somebody(&mut chance).1))
            })
        }
        Subject::Get => Client::new(Connection::new(address), 200, move || {
            crowd.caller.get(&format!("/Users/{}", crowd.somebody(&mut chance).1))
        }),
        Subject::LookUp => Client::new(Connection::new(address), 200, move || {
            crowd.caller.get(&crowd::look_up(crowd.somebody(&mut chance).0))
        }),
        Subject::Create => creating(crowd.caller.clone(), &world.next),
        Subject::CreateSpread => creating(site.callers.get(1 + number)?.clone(), &world.next),
        Subject::Profile => Client::new(Connection::new(address), 200, move || {
            let (_, id) = crowd.somebody(&mut chance);
            let body = crowd::new_profile(&mut chance).to_string();
            crowd.caller.send("PATCH", &format!("/Users/{id}"), &body)
        }),
        Subject::Member => {
            let path = format!("/Groups/{}", world.group);
            // Each client has members of its own, who leave and come back one after the other.
            let own: Vec<String> = crowd.ids.iter().skip(number).step_by(MANY).cloned().collect();
            let (mut turn, mut away) = (0, None);
            Client::new(Connection::new(address), 204, move || {
                let operation = if let Some(id) = away.take() {
                    json!({"op": "add", "path": "members", "value": [{"value": id}]})
                } else {
                    let id = &own[turn % own.len()];
                    turn += 1;
                    away = Some(id.clone());
                    json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")})
                };
                crowd.caller.send("PATCH", &path, &crowd::patch(&operation).to_string())
            })
        }
        Subject::Rows(_) | Subject::Pgbench => return None,
    })
}

fn creating(caller: Caller, next: &Arc<AtomicUsize>) -> Client {
    let next = Arc::clone(next);
    Client::new(Connection::new(caller.address), 201, move || {
        let body = people::whole(next.fetch_add(1, Ordering::Relaxed)).to_string();
        caller.send("POST", "/Users", &body)
    })
}
