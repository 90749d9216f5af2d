//! The sync log: each request of a provider, told as an administrator asks for it.

mod page;
mod sentence;

pub(super) use self::{
    page::{detail, list},
    sentence::{Act, Sentence},
};
use super::words::{self, Words};
use directory::{
    Error, Reader, Resource,
    connection::Connection,
    event::Event,
    sync_log::{self, Entry},
};

/// A request, and what it was about.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) entry: Entry,
    /// The user or group, as it is now.
    pub(super) target: Option<Resource>,
    /// What changed.
    pub(super) events: Vec<Event>,
}

/// So many events of one request are told of.
const EVENTS: u32 = 20;

impl Told {
    /// Looks up what requests were about.
    pub(super) fn all(reader: &mut Reader<'_>, entries: Vec<Entry>) -> Result<Vec<Self>, Error> {
        let one = |entry: Entry| {
            let target = sync_log::target(reader, &entry)?;
            let events = sync_log::events(reader, &entry, EVENTS)?;
            Ok(Self { entry, target, events })
        };
        entries.into_iter().map(one).collect()
    }

    /// What happened, in a sentence.
    pub(super) fn sentence(&self, words: &Words) -> Sentence {
        sentence::of(self, words)
    }
}

/// The newest requests of a connection, as sentences: each with its time and the address of the page
/// that says more.
pub(super) fn newest(
    reader: &mut Reader<'_>,
    connection: &Connection,
    count: u32,
) -> Result<Vec<(Told, Sentence)>, Error> {
    let words = words::of(connection);
    let entries = sync_log::before(reader, connection, None, count)?;
    let told = Told::all(reader, entries)?;
    let pair = |told: Told| {
        let sentence = told.sentence(words);
        (told, sentence)
    };
    Ok(told.into_iter().map(pair).collect())
}
