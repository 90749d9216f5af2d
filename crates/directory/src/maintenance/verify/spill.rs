//! [`Spill`]: more records than memory should hold, grouped by their keys.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, ErrorKind, Read as _, Seek as _, Write as _},
};

use crate::error::Error;

/// Bytes of a record: its key, when it was told, what was told.
const SIZE: usize = KEY + 8 + VALUE;
pub(super) const KEY: usize = 33;
pub(super) const VALUE: usize = 16;
/// As many records as stay in memory: 4 MB.
const FEW: usize = 1 << 16;
/// Files over which more of them are spread.
const PARTS: usize = 64;

/// Something that was told of a key at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    /// A letter for the kind of thing, and two ids.
    pub(super) key: [u8; KEY],
    /// Records of a key are in this order.
    pub(super) at: u64,
    pub(super) value: [u8; VALUE],
}

/// Records, in memory while they are few and in temporary files when they are many: 64 files, of
/// which one is looked at at a time. A file has no name, so it is gone with the process.
#[derive(Debug, Default)]
pub(super) struct Spill {
    few: Vec<Record>,
    parts: Vec<BufWriter<File>>,
}

impl Spill {
    pub(super) fn add(&mut self, record: Record) -> Result<(), Error> {
        self.few.push(record);
        if self.few.len() < FEW { Ok(()) } else { self.write().map_err(|error| lost(&error)) }
    }

    /// Gives all records, those of a key one after the other and in their order.
    pub(super) fn sorted(
        mut self,
        mut give: impl FnMut(&[Record]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut give = |records: &mut Vec<Record>| {
            records.sort_unstable();
            records.chunk_by(|one, next| one.key == next.key).try_for_each(&mut give)
        };
        if self.parts.is_empty() {
            return give(&mut self.few);
        }
        self.write().map_err(|error| lost(&error))?;
        for part in self.parts {
            give(&mut read(part).map_err(|error| lost(&error))?)?;
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        while self.parts.len() < PARTS {
            self.parts.push(BufWriter::new(tempfile::tempfile()?));
        }
        for record in self.few.drain(..) {
            // Ids are random.
            let part = usize::from(record.key[1] ^ record.key[17]) % PARTS;
            self.parts[part].write_all(&record.to_bytes())?;
        }
        Ok(())
    }
}

impl Record {
    fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[..KEY].copy_from_slice(&self.key);
        bytes[KEY..KEY + 8].copy_from_slice(&self.at.to_be_bytes());
        bytes[KEY + 8..].copy_from_slice(&self.value);
        bytes
    }

    fn from_bytes(bytes: &[u8; SIZE]) -> Self {
        let mut record = Self { key: [0; KEY], at: 0, value: [0; VALUE] };
        let mut at = [0; 8];
        record.key.copy_from_slice(&bytes[..KEY]);
        at.copy_from_slice(&bytes[KEY..KEY + 8]);
        record.at = u64::from_be_bytes(at);
        record.value.copy_from_slice(&bytes[KEY + 8..]);
        record
    }
}

fn read(part: BufWriter<File>) -> io::Result<Vec<Record>> {
    let mut file = part.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    let mut file = BufReader::new(file);
    let (mut records, mut bytes) = (Vec::new(), [0; SIZE]);
    loop {
        match file.read_exact(&mut bytes) {
            Ok(()) => records.push(Record::from_bytes(&bytes)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(records),
            Err(error) => return Err(error),
        }
    }
}

fn lost(error: &io::Error) -> Error {
    let folder = std::env::temp_dir();
    let folder = folder.display();
    Error::Unavailable(format!("cannot use a temporary file in {folder}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{FEW, KEY, Record, Spill, VALUE};

    fn keys(count: usize) -> usize {
        let mut spill = Spill::default();
        for at in [2, 1] {
            for number in 0..count {
                let mut key = [0; KEY];
                key[1..9].copy_from_slice(&(number as u64).to_le_bytes());
                let value = [u8::try_from(number % 256).expect("a byte"); VALUE];
                spill.add(Record { key, at, value }).expect("there is space");
            }
        }
        let mut keys = 0;
        let given = spill.sorted(|records| {
            let [first, second] = records else { panic!("{} records", records.len()) };
            assert_eq!((first.at, second.at), (1, 2));
            assert!(first.value == second.value && first.value[0] == first.key[1]);
            keys += 1;
            Ok(())
        });
        given.expect("there is space");
        keys
    }

    #[test]
    fn few_and_many_come_back_by_their_keys() {
        assert_eq!(keys(0), 0);
        assert_eq!(keys(10), 10);
        assert_eq!(keys(FEW), FEW);
    }
}
