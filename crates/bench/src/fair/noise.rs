//! [`Noise`]: what the other customer does, on many connections at once and without a pause.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Result;
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::json;
use tokio::{sync::oneshot, task::JoinSet, time::sleep};

use crate::{
    chance::Chance,
    crowd::{self, Crowd},
    figures::grouped,
    http::{Connection, Request},
};

/// A client that is told to wait does not, but it does not ask at once either.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Noise {
    Scans,
    Sorts,
    Bulk,
    Groups,
    Bodies,
    Reads,
}

impl Noise {
    /// What may leave most to be done stands last.
    pub(crate) const ALL: [Self; 6] =
        [Self::Reads, Self::Scans, Self::Sorts, Self::Bulk, Self::Bodies, Self::Groups];

    /// As the tables name it.
    pub(crate) fn name(self, members: usize) -> String {
        match self {
            Self::Scans => "64 unindexed scans".to_owned(),
            Self::Sorts => "32 sorted lists".to_owned(),
            Self::Bulk => "8 bulk requests of 1,000 changes".to_owned(),
            Self::Groups => {
                let members = grouped(members);
                format!("4 group PUTs that name {members} members")
            }
            Self::Bodies => "4 bodies of 64 MB".to_owned(),
            Self::Reads => "64 keyed reads".to_owned(),
        }
    }

    fn connections(self) -> usize {
        match self {
            Self::Scans | Self::Reads => 64,
            Self::Sorts => 32,
            Self::Bulk => 8,
            Self::Groups | Self::Bodies => 4,
        }
    }
}

/// What the customer has to make its noise with.
#[derive(Debug)]
pub(crate) struct Instruments {
    pub(crate) crowd: Arc<Crowd>,
    /// One for each connection that replaces groups.
    pub(crate) groups: Vec<String>,
    /// Two bodies of a group, with different members each.
    pub(crate) members: [Bytes; 2],
    /// A group of 64 MB, most of it text.
    pub(crate) text: Bytes,
}

impl Instruments {
    pub(crate) async fn new(crowd: Crowd, members: usize) -> Result<Self> {
        let mut groups = Vec::new();
        for number in 0..Noise::Groups.connections() {
            groups.push(crowd::make_group(&crowd.caller, &format!("Noise {number}"), &[]).await?);
        }
        // No more than a few may be unknown, so everybody is named several times.
        let (most, count) = (crowd.ids.len() * 2 / 3, crowd.ids.len());
        let members =
            [&crowd.ids[..most], &crowd.ids[count - most..]].map(|ids| many_members(members, ids));
        Ok(Self { crowd: Arc::new(crowd), groups, members, text: long_texts() })
    }

    /// The next request of one of the connections.
    fn request(&self, noise: Noise, number: usize, turn: usize, chance: &mut Chance) -> Request {
        let caller = &self.crowd.caller;
        match noise {
            Noise::Scans => caller.get("/Users?filter=userName%20co%20%22zz%22"),
            Noise::Sorts => {
                let start = chance.below(self.crowd.ids.len()) + 1;
                caller.get(&format!("/Users?sortBy=title&count=100&startIndex={start}"))
            }
            Noise::Bulk => {
                let operations = (0..crowd::PIECE).map(|_| {
                    let (_, id) = self.crowd.somebody(chance);
                    let profile = crowd::new_profile(chance);
                    json!({"method": "PATCH", "path": format!("/Users/{id}"), "data": profile})
                });
                let body = Bytes::from(crowd::bulk(operations));
                caller.send_long("POST", "/Bulk", "", &body)
            }
            Noise::Groups | Noise::Bodies => {
                let path = format!("/Groups/{}", self.groups[number]);
                let body =
                    if noise == Noise::Bodies { &self.text } else { &self.members[turn % 2] };
                caller.send_long("PUT", &path, &beginning(number), body)
            }
            Noise::Reads => caller.get(&format!("/Users/{}", self.crowd.somebody(chance).1)),
        }
    }
}

/// The beginning of the body of one of the groups; members follow.
fn beginning(number: usize) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Noise {number}","members":["#
    )
}

/// The rest of the body of a group with so many members, of whom each is named as often as it takes.
fn many_members(count: usize, ids: &[String]) -> Bytes {
    let mut body = BytesMut::with_capacity(64 + count * 50);
    for (number, id) in ids.iter().cycle().take(count).enumerate() {
        let sign = if number == 0 { "" } else { "," };
        body.put_slice(format!(r#"{sign}{{"value":"{id}"}}"#).as_bytes());
    }
    body.put_slice(b"]}");
    body.freeze()
}

/// The same of one that is as long as the server allows, with few members and much text.
fn long_texts() -> Bytes {
    const MOST: usize = 64 << 20;
    let mut chance = Chance::new(3);
    let text = "n".repeat(9_000);
    let mut body = BytesMut::with_capacity(MOST);
    let mut sign = "";
    while body.len() + 9_200 < MOST {
        let id = chance.id();
        let member = format!(r#"{sign}{{"value":"{id}","display":"{text}"}}"#);
        body.put_slice(member.as_bytes());
        sign = ",";
    }
    body.put_slice(b"]}");
    body.freeze()
}

/// How many requests were answered with each status; `None`: the connection failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(BTreeMap<Option<u16>, usize>);

impl Tally {
    pub(crate) fn count(&mut self, status: Option<u16>) {
        *self.0.entry(status).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (status, count) in other.0 {
            *self.0.entry(status).or_default() += count;
        }
    }

    pub(crate) fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// Those that did not get what they asked for.
    pub(crate) fn failed(&self) -> usize {
        self.0.iter().filter(|(status, _)| !is_served(**status)).map(|(_, count)| count).sum()
    }
}

/// Such as `12,050 × 200, 6 × 429, 1 broken`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Broken ones stand last.
        let ordered = self.0.iter().filter(|(status, _)| status.is_some());
        let broken = self.0.get_key_value(&None);
        for (at, (status, count)) in ordered.chain(broken).enumerate() {
            let sign = if at == 0 { "" } else { ", " };
            let count = grouped(*count);
            match status {
                Some(status) => write!(f, "{sign}{count} × {status}")?,
                None => write!(f, "{sign}{count} broken")?,
            }
        }
        Ok(())
    }
}

/// Whether a request got what it asked for.
pub(crate) fn is_served(status: Option<u16>) -> bool {
    matches!(status, Some(200..300))
}

/// Noise on a thread of its own.
#[derive(Debug)]
pub(crate) struct Playing {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<()>>,
    counts: Arc<Mutex<Tally>>,
}

impl Playing {
    pub(crate) fn start(instruments: &Arc<Instruments>, noise: Noise) -> Self {
        let (stop, stopped) = oneshot::channel();
        let counts = Arc::<Mutex<Tally>>::default();
        let (instruments, own) = (Arc::clone(instruments), Arc::clone(&counts));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut tasks = JoinSet::new();
                for number in 0..noise.connections() {
                    tasks.spawn(play(Arc::clone(&instruments), Arc::clone(&own), noise, number));
                }
                // Whether it is stopped or left alone: then its connections are cut.
                let _ = stopped.await;
            });
            Ok(())
        });
        Self { stop, thread, counts }
    }

    /// Cuts its connections and says how its requests were answered until then.
    pub(crate) fn stop(self) -> Result<Tally> {
        let tally = lock(&self.counts).clone();
        let _ = self.stop.send(());
        match self.thread.join() {
            Ok(ended) => ended.map(|()| tally),
            Err(_) => anyhow::bail!("the noise panicked"),
        }
    }
}

fn lock(counts: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn play(
    instruments: Arc<Instruments>,
    counts: Arc<Mutex<Tally>>,
    noise: Noise,
    number: usize,
) {
    let mut chance = Chance::new(100 + number as u64);
    let mut connection = Connection::new(instruments.crowd.caller.address);
    for turn in 0.. {
        let request = instruments.request(noise, number, turn, &mut chance);
        let status = connection.exchange(&request).await.ok().map(|answer| answer.status);
        lock(&counts).count(status);
        if !is_served(status) {
            sleep(IMPATIENCE).await;
        }
    }
}

/// Replaces a group on each connection at once. Answers how they were answered.
pub(crate) async fn burst(instruments: &Arc<Instruments>) -> Result<Tally> {
    let mut tasks = JoinSet::new();
    for number in 0..Noise::Groups.connections() {
        let instruments = Arc::clone(instruments);
        tasks.spawn(async move {
            let mut connection = Connection::new(instruments.crowd.caller.address);
            let request = instruments.request(Noise::Groups, number, 0, &mut Chance::new(1));
            connection.exchange(&request).await.ok().map(|answer| answer.status)
        });
    }
    let mut tally = Tally::default();
    while let Some(ended) = tasks.join_next().await {
        tally.count(ended?);
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_of_the_right_size() {
        let whole = |rest: &Bytes| -> serde_json::Value {
            serde_json::from_slice(&[beginning(3).as_bytes(), rest].concat()).unwrap()
        };
        let body = whole(&many_members(1_000, &["a".to_owned(), "b".to_owned()]));
        assert_eq!(body["displayName"], "Noise 3");
        assert_eq!(body["members"].as_array().unwrap().len(), 1_000);
        let long = long_texts();
        assert!(long.len() <= 64 << 20 && long.len() > 63 << 20);
        assert!(whole(&long)["members"].as_array().unwrap().len() > 1_000);
    }

    #[test]
    fn answers_are_told_apart() {
        let mut tally = Tally::default();
        for status in [Some(503), Some(200), None, Some(200), Some(201)] {
            tally.count(status);
        }
        tally.add(tally.clone());
        assert_eq!((tally.all(), tally.failed()), (10, 4));
        assert_eq!(tally.to_string(), "4 × 200, 2 × 201, 2 × 503, 2 broken");
    }
}
