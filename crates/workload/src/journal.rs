//! [`Journal`]: what was sent and acknowledged, in one file with what the disk was told.
//!
//! `xtask/preload/disk.c` writes the same records for each call that changes a file. Every record
//! is one append, so the order in the file is the order of events: what was acknowledged before a
//! point of it must outlive a power cut at that point.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::worker::State;

/// Bytes of a record before its payload: kind, padding, number of the file, offset, length.
pub const HEADER: usize = 24;

/// A file of records.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Mutex<File>>);

/// What a record tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A process began; the numbers of files begin anew.
    Process,
    /// A file was opened: its path is the payload. The offset is 1 where that made it.
    Open,
    /// Bytes were written at an offset.
    Write,
    /// A file was given a length, which is the offset.
    Truncate,
    /// A file was synced.
    Sync,
    /// The names in the directory were synced.
    SyncNames,
    /// The file of a path was deleted.
    Delete,
    /// A request was sent. The payload says how its subject is to become.
    Begun,
    /// It was acknowledged. The payload says how its subject is.
    Acknowledged,
}

impl Kind {
    fn letter(self) -> u8 {
        match self {
            Self::Process => b'P',
            Self::Open => b'O',
            Self::Write => b'W',
            Self::Truncate => b'T',
            Self::Sync => b'S',
            Self::SyncNames => b'N',
            Self::Delete => b'D',
            Self::Begun => b'B',
            Self::Acknowledged => b'A',
        }
    }

    fn of(letter: u8) -> Option<Self> {
        [
            Self::Process,
            Self::Open,
            Self::Write,
            Self::Truncate,
            Self::Sync,
            Self::SyncNames,
            Self::Delete,
            Self::Begun,
            Self::Acknowledged,
        ]
        .into_iter()
        .find(|kind| kind.letter() == letter)
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it tells of.
    pub kind: Kind,
    /// The number of the file, within its process.
    pub file: u32,
    /// Where in the file.
    pub offset: u64,
    /// What was written, or a path, or a subject as JSON.
    pub payload: Vec<u8>,
}

impl Record {
    /// All records of a journal.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no journal.
    pub fn read_all(path: &Path) -> Result<Vec<Self>> {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut rest = bytes.as_slice();
        let mut records = Vec::new();
        while !rest.is_empty() {
            let Some((head, tail)) = rest.split_first_chunk::<HEADER>() else {
                bail!("{} ends within a record", path.display());
            };
            let kind =
                Kind::of(head[0]).with_context(|| format!("no kind of record: {}", head[0]))?;
            let number = |at: usize| {
                u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]])
            };
            let offset = u64::from(number(8)) | u64::from(number(12)) << 32;
            let length = number(16) as usize;
            let Some(payload) = tail.get(..length) else {
                bail!("{} ends within a record", path.display());
            };
            records.push(Self { kind, file: number(4), offset, payload: payload.to_vec() });
            rest = &tail[length..];
        }
        Ok(records)
    }

    /// The subject of a request, and how it is or is to become.
    ///
    /// # Errors
    ///
    /// It is no record of a request.
    pub fn subject(&self) -> Result<(String, Option<State>)> {
        let value: Value = serde_json::from_slice(&self.payload).context("a request is JSON")?;
        let key = value["key"].as_str().context("a request has a subject")?;
        Ok((key.to_owned(), State::from_json(&value["state"])))
    }
}

impl Journal {
    /// Appends to a file.
    ///
    /// # Errors
    ///
    /// Those of opening it.
    pub fn append_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    pub(crate) fn begun(&self, key: &str, state: Option<&State>) -> io::Result<()> {
        self.write(Kind::Begun, key, state)
    }

    pub(crate) fn acknowledged(&self, key: &str, state: Option<&State>) -> io::Result<()> {
        self.write(Kind::Acknowledged, key, state)
    }

    fn write(&self, kind: Kind, key: &str, state: Option<&State>) -> io::Result<()> {
        let payload = json!({ "key": key, "state": state.map(State::to_json) }).to_string();
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let mut record = vec![0; HEADER];
        record[0] = kind.letter();
        record[16..20].copy_from_slice(&length.to_le_bytes());
        record.extend_from_slice(payload.as_bytes());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&record)
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, Kind, Record};
    use crate::State;

    #[test]
    fn what_was_written_is_read_again() {
        let path = std::env::temp_dir().join(format!("workload-journal-{}", std::process::id()));
        let journal = Journal::append_to(&path).expect("a file");
        let state = State::User { title: "Engineer".to_owned(), member: true };
        journal.begun("ada", Some(&state)).expect("it is written");
        journal.acknowledged("ada", None).expect("it is written");
        let records = Record::read_all(&path).expect("a journal");
        std::fs::remove_file(&path).expect("it is there");
        let kinds: Vec<_> = records.iter().map(|record| record.kind).collect();
        assert_eq!(kinds, [Kind::Begun, Kind::Acknowledged]);
        let subjects: Vec<_> =
            records.iter().map(|record| record.subject().expect("one")).collect();
        assert_eq!(subjects, [("ada".to_owned(), Some(state)), ("ada".to_owned(), None)]);
    }
}
