//! [`Tenant`]: an organization and the workers that change it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    audit::{self, Expected, Found},
    client::{Client, Outcome},
    random::Random,
    worker::Worker,
};

/// An organization, a group for everybody in it, and the workers that change it.
#[derive(Debug)]
pub struct Tenant {
    /// The slug of the organization.
    pub slug: String,
    /// A token of a connection of it.
    pub token: String,
    /// The id of the group that all workers share.
    pub everybody: String,
    /// Who changes it.
    pub workers: Vec<Worker>,
    /// Events that there must be beside those of acknowledged requests.
    other_events: u64,
}

/// What may have become of requests that were not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unacknowledged {
    /// Each was done, or nothing of it.
    DoneOrNot,
    /// Nothing was done.
    NotDone,
}

impl Tenant {
    /// An organization that has no one yet: makes its group over HTTP.
    ///
    /// # Errors
    ///
    /// The server does not make the group.
    pub fn begin(
        address: &str,
        slug: &str,
        token: &str,
        workers: usize,
        random: &mut Random,
    ) -> Result<Self> {
        let mut client = Client::new(address, token);
        let answer = client.send("POST", "/scim/v2/Groups", r#"{"displayName":"Everybody"}"#);
        let Outcome::Answered { status: 201, body, .. } = answer else {
            bail!("no group was made: {answer:?}");
        };
        let body: Value = serde_json::from_str(&body).context("the answer is no JSON")?;
        let everybody = body["id"].as_str().context("the answer has no id")?.to_owned();
        let workers = (0..workers)
            .map(|number| Worker::new(&format!("{slug}-{number}"), random.number()))
            .collect();
        let (slug, token) = (slug.to_owned(), token.to_owned());
        Ok(Self { slug, token, everybody, workers, other_events: 0 })
    }

    /// So many events are there now, those of its making among them.
    pub fn count_from(&mut self, events: u64) {
        self.other_events = events - self.acknowledged();
    }

    /// How many requests were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.workers.iter().map(Worker::acknowledged).sum()
    }

    /// How many events there must be: one for each change that was made.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.other_events + self.acknowledged()
    }

    /// Reads everything over HTTP.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn read(&self, address: &str) -> Result<Found> {
        let mut client = Client::new(address, &self.token);
        audit::read(&self.everybody, &mut |path| match client.send("GET", path, "") {
            Outcome::Answered { status: 200, body, .. } => {
                serde_json::from_str(&body).context("a list is no JSON")
            }
            answer => bail!("GET {path}: {answer:?}"),
        })
    }

    /// Compares what is there with what was acknowledged. Afterwards nothing is in doubt.
    ///
    /// # Errors
    ///
    /// As [`audit::compare`].
    pub fn audit(&mut self, found: &Found, unacknowledged: Unacknowledged) -> Result<()> {
        let mut expected = BTreeMap::new();
        for worker in &self.workers {
            for (key, subject) in &worker.subjects {
                let state = Some(subject.state.clone());
                expected.insert(key.clone(), Expected { state, pending: None });
            }
            for key in &worker.gone {
                expected.insert(key.clone(), Expected { state: None, pending: None });
            }
            for doubt in &worker.doubts {
                let pending = match unacknowledged {
                    Unacknowledged::DoneOrNot => Some(doubt.after.clone()),
                    Unacknowledged::NotDone => None,
                };
                expected
                    .insert(doubt.key.clone(), Expected { state: doubt.before.clone(), pending });
            }
        }
        let done = audit::compare(&expected, found)
            .with_context(|| format!("organization {}", self.slug))?;
        self.other_events += done.len() as u64;
        for worker in &mut self.workers {
            for doubt in std::mem::take(&mut worker.doubts) {
                let found = found.get(&doubt.key).cloned();
                worker.meet(doubt.key, found);
            }
        }
        Ok(())
    }
}
