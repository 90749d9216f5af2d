//! [`Disk`]: what a disk may hold after the power was cut.
//!
//! POSIX promises no more than this: what was synced is there; of what was written since, any part
//! may be there, in units of a sector, and one sector may be torn; a name that was made or deleted
//! may be so or not until its directory is synced, and names change in their order.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anyhow::{Context as _, Result};
use workload::{Kind, Random, Record};

/// Bytes that a disk writes at once.
const SECTOR: u64 = 512;

/// The files of a directory, by name.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

/// A disk that is told what a program did.
#[derive(Debug)]
pub(crate) struct Disk {
    files: Vec<File>,
    /// The names that are durable.
    names: BTreeMap<String, usize>,
    /// What was done to names since.
    renamed: Vec<NameChange>,
    /// Files by the numbers of the process that has them open.
    numbers: HashMap<u32, usize>,
    /// Whether a sync does what it says.
    syncs: bool,
}

#[derive(Debug, Default)]
struct File {
    durable: Vec<u8>,
    since: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Length(u64),
}

#[derive(Debug)]
enum NameChange {
    Made(String, usize),
    Deleted(String),
}

/// What survives of that which was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    /// All of it: the program was killed, or the disk was fast.
    Everything,
    /// None of it.
    Nothing,
    /// So many sectors in a thousand.
    Sectors(u64),
    /// The same, and each write may be torn within a sector, too.
    Torn(u64),
}

impl Disk {
    /// A disk on which these files are durable. `syncs`: whether a sync does what it says; a disk
    /// that lies must be found out, or the test proves nothing.
    pub(crate) fn new(files: Image, syncs: bool) -> Self {
        let mut disk = Self {
            files: Vec::new(),
            names: BTreeMap::new(),
            renamed: Vec::new(),
            numbers: HashMap::new(),
            syncs,
        };
        for (name, durable) in files {
            disk.names.insert(name, disk.files.len());
            disk.files.push(File { durable, since: Vec::new() });
        }
        disk
    }

    /// Does what was recorded. Answers whether it was about the disk at all.
    pub(crate) fn apply(&mut self, record: &Record) -> Result<bool> {
        match record.kind {
            Kind::Begun | Kind::Acknowledged => return Ok(false),
            Kind::Process => self.numbers.clear(),
            Kind::Open => self.open(record)?,
            Kind::Write => {
                let (offset, bytes) = (record.offset, record.payload.clone());
                self.file(record)?.since.push(Change::Write { offset, bytes });
            }
            Kind::Truncate => self.file(record)?.since.push(Change::Length(record.offset)),
            Kind::Sync if self.syncs => {
                let File { durable, since } = self.file(record)?;
                for change in since.drain(..) {
                    change.apply(durable, |_| true, None, 0);
                }
            }
            Kind::SyncNames if self.syncs => {
                for change in self.renamed.drain(..) {
                    change.apply(&mut self.names);
                }
            }
            Kind::Sync | Kind::SyncNames => {}
            Kind::Delete => self.renamed.push(NameChange::Deleted(name(record)?)),
        }
        Ok(true)
    }

    /// Whether something was done that is not durable.
    pub(crate) fn is_behind(&self) -> bool {
        !self.renamed.is_empty() || self.files.iter().any(|file| !file.since.is_empty())
    }

    /// The files after a power cut.
    pub(crate) fn image(&self, survives: Survives, random: &mut Random) -> Image {
        let renamed = match survives {
            Survives::Everything => self.renamed.len(),
            Survives::Nothing => 0,
            _ => usize::try_from(random.below(self.renamed.len() as u64 + 1)).unwrap_or_default(),
        };
        let mut names = self.names.clone();
        for change in &self.renamed[..renamed] {
            change.apply(&mut names);
        }
        // What a hole is filled with: the length of a file may be durable before its content.
        let filler = if random.below(2) == 0 { 0 } else { 0xff };
        let image = names.into_iter().map(|(name, file)| {
            let File { durable, since } = &self.files[file];
            let mut content = durable.clone();
            for change in since {
                match survives {
                    Survives::Everything => change.apply(&mut content, |_| true, None, filler),
                    Survives::Nothing => {}
                    Survives::Sectors(most) => {
                        change.apply(&mut content, |_| random.happens(most), None, filler);
                    }
                    Survives::Torn(most) => {
                        let tear = random.happens(300).then(|| random.below(SECTOR));
                        change.apply(&mut content, |_| random.happens(most), tear, filler);
                    }
                }
            }
            (name, content)
        });
        image.collect()
    }

    fn open(&mut self, record: &Record) -> Result<()> {
        let name = name(record)?;
        let file = if record.offset == 1 {
            self.files.push(File::default());
            self.renamed.push(NameChange::Made(name, self.files.len() - 1));
            self.files.len() - 1
        } else {
            let mut names = self.names.clone();
            for change in &self.renamed {
                change.apply(&mut names);
            }
            *names.get(&name).with_context(|| format!("{name} was opened and never made"))?
        };
        self.numbers.insert(record.file, file);
        Ok(())
    }

    fn file(&mut self, record: &Record) -> Result<&mut File> {
        let file = self.numbers.get(&record.file).context("a file was never opened")?;
        Ok(&mut self.files[*file])
    }
}

/// The last part of the path of a record.
fn name(record: &Record) -> Result<String> {
    let path = std::str::from_utf8(&record.payload).context("a path is text")?;
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    Ok(name.context("a path has a name")?.to_owned())
}

impl Change {
    /// Does the part of the change that survives. `tear`: so many bytes of the last sector that
    /// survives are there, and no more.
    fn apply(
        &self,
        content: &mut Vec<u8>,
        mut survives: impl FnMut(u64) -> bool,
        tear: Option<u64>,
        filler: u8,
    ) {
        match self {
            Self::Length(length) => {
                if survives(0) {
                    content.resize(usize::try_from(*length).expect("it is in memory"), filler);
                }
            }
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len() as u64;
                let mut at = *offset;
                let mut last = None;
                while at < end {
                    let sector_end = ((at / SECTOR + 1) * SECTOR).min(end);
                    if survives(at)
                        && let Some((from, to)) = last.replace((at, sector_end))
                    {
                        put(content, *offset, bytes, from, to, filler);
                    }
                    at = sector_end;
                }
                if let Some((from, to)) = last {
                    let to = tear.map_or(to, |tear| to.min(from + tear));
                    put(content, *offset, bytes, from, to, filler);
                }
            }
        }
    }
}

/// Puts the bytes between two places of the file where they belong.
fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8], from: u64, to: u64, filler: u8) {
    let place = |at: u64| usize::try_from(at).expect("it is in memory");
    if content.len() < place(to) {
        content.resize(place(to), filler);
    }
    content[place(from)..place(to)]
        .copy_from_slice(&bytes[place(from - offset)..place(to - offset)]);
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made(name, file) => names.insert(name.clone(), *file),
            Self::Deleted(name) => names.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use workload::{Kind, Random, Record};

    use super::{Disk, Image, Survives};

    fn record(kind: Kind, offset: u64, payload: &[u8]) -> Record {
        Record { kind, file: 10, offset, payload: payload.to_vec() }
    }

    fn disk(syncs: bool, records: &[Record]) -> Disk {
        let mut disk = Disk::new(Image::from([("old".to_owned(), vec![b'a'; 1024])]), syncs);
        for record in records {
            disk.apply(record).expect("it fits");
        }
        disk
    }

    #[test]
    fn what_was_synced_is_there_and_what_was_not_may_be() {
        let mut random = Random::new(1);
        let records = [
            record(Kind::Open, 0, b"/store/old"),
            record(Kind::Write, 0, &[b'b'; 512]),
            record(Kind::Sync, 0, b""),
            record(Kind::Write, 512, &[b'c'; 1024]),
        ];
        let synced = disk(true, &records);
        let lying = disk(false, &records);
        let mut half = 0;
        for _ in 0..100 {
            let there = &synced.image(Survives::Nothing, &mut random)["old"];
            assert_eq!((there.len(), there[0], there[512]), (1024, b'b', b'a'));
            let there = &synced.image(Survives::Everything, &mut random)["old"];
            assert_eq!((there.len(), there[0], there[512], there[1535]), (1536, b'b', b'c', b'c'));
            let there = &synced.image(Survives::Sectors(500), &mut random)["old"];
            assert_eq!(there[0], b'b');
            half += u32::from(there[512] == b'c');
            assert_eq!(lying.image(Survives::Nothing, &mut random)["old"], [b'a'; 1024]);
        }
        assert!((20..80).contains(&half), "{half}");
    }

    #[test]
    fn a_torn_write_ends_within_a_sector() {
        let mut random = Random::new(1);
        let records = [record(Kind::Open, 0, b"/store/old"), record(Kind::Write, 0, &[b'b'; 1024])];
        let disk = disk(true, &records);
        let torn = (0..100).filter(|_| {
            let image = disk.image(Survives::Torn(1000), &mut random);
            let end = image["old"].iter().take_while(|byte| **byte == b'b').count();
            end % 512 != 0
        });
        assert!(torn.count() > 10);
    }

    #[test]
    fn a_name_is_durable_with_its_directory() {
        let mut random = Random::new(1);
        let mut records = vec![
            record(Kind::Open, 1, b"/store/new"),
            record(Kind::Write, 0, b"x"),
            record(Kind::Sync, 0, b""),
        ];
        let there = disk(true, &records).image(Survives::Nothing, &mut random);
        assert!(!there.contains_key("new"));
        records.push(record(Kind::SyncNames, 0, b""));
        records.push(record(Kind::Delete, 0, b"/store/new"));
        let there = disk(true, &records).image(Survives::Nothing, &mut random);
        assert_eq!(there["new"], b"x");
        let there = disk(true, &records).image(Survives::Everything, &mut random);
        assert!(!there.contains_key("new"));
    }
}
