//! Copies of a SQLite store: taken while a server serves, and put in place where no store is.
//!
//! A copy is one file, the database as it was at one moment. It is read in one transaction: in
//! write-ahead mode that holds up no writer, and no write makes the copy begin anew. Only the log
//! cannot be cleared away meanwhile, so it grows by what is written. A file gets its name when all
//! of it is on the disk: whatever has the name is whole.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use tempfile::{Builder, TempDir};

use super::{
    Location, Lock, Purpose,
    link::Link,
    open::{FILE, create_private_file},
};
use crate::error::{Error, Unusable};

/// Pages that are copied before progress is told: 1 MB.
const PAGES: i32 = 256;
/// Bytes that are copied before progress is told.
const PIECE: usize = 1 << 20;
/// How long to wait for a database that is busy, which one in write-ahead mode is for a moment at
/// the most.
const PAUSE: Duration = Duration::from_millis(20);
/// How often to do so before giving up.
const PAUSES: u32 = 500;
/// What a file name cannot hold in an address.
const IN_ADDRESS: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
/// Files that SQLite has beside a database.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// How much of a copy is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Bytes that are copied.
    pub done: u64,
    /// Bytes in all.
    pub of: u64,
}

impl Location {
    /// Copies the store into a file, as it is when the copy begins: with every change that was
    /// acknowledged before. Servers go on meanwhile. Answers how many bytes it has.
    ///
    /// The file can be read by its owner only, is on the disk when this returns, and was looked
    /// through. `replace`: where there is such a file, it is replaced at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] on PostgreSQL; [`Error::Conflict`] where there is such a file;
    /// [`Error::Unusable`] where there is no store; [`Error::Full`] and [`Error::Unavailable`] where
    /// the file cannot be written; [`Error::Damaged`] where the copy is not sound.
    pub fn back_up(
        &self,
        file: &Path,
        replace: bool,
        told: &mut dyn FnMut(Copied),
    ) -> Result<u64, Error> {
        let directory = self.directory()?;
        if !directory.join(FILE).exists() {
            return Err(Unusable::Missing.into());
        }
        if !replace && file.exists() {
            return Err(there_is_one());
        }
        let Link::Sqlite(store) = self.link(Purpose::Read)? else { return Err(not_here()) };
        let folder = folder_of(file);
        let mut prefix = OsString::from(".");
        prefix.push(file.file_name().unwrap_or_default());
        let builder = &mut Builder::new();
        let temporary = builder.prefix(&prefix).suffix(".partial").tempfile_in(folder);
        let temporary = temporary.map_err(|error| unwritten(file, &error))?;
        copy(&store.connection, temporary.path(), told)?;
        let written = temporary.as_file().sync_all();
        written.map_err(|error| unwritten(file, &error))?;
        look_through(temporary.path(), "pragma quick_check(1)")?;
        let bytes = temporary.as_file().metadata().map_or(0, |found| found.len());
        let kept =
            if replace { temporary.persist(file) } else { temporary.persist_noclobber(file) };
        kept.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => there_is_one(),
            _ => unwritten(file, &error.error),
        })?;
        sync_names(folder).map_err(|error| unwritten(file, &error))?;
        Ok(bytes)
    }

    /// Copies a file that [`Location::back_up`] made beside the place of the store, so that it can be
    /// looked at before it is put there. The place is locked until then.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] on PostgreSQL, and where the file is no store; [`Error::Unusable`] where a
    /// store is there already, or the file is of a newer program; [`Error::Full`] and
    /// [`Error::Unavailable`] where it cannot be read or copied.
    pub fn stage(&self, file: &Path, told: &mut dyn FnMut(Copied)) -> Result<Staged, Error> {
        let target = self.directory()?.to_owned();
        // Before anything is made.
        File::open(file).map_err(|error| unread(file, &error))?;
        if beside(file).any(|path| path.exists()) {
            return Err(Error::invalid(
                "file",
                "A log of SQLite lies beside the file: it was taken from a store in use, and may \
                 lack what is in the log.",
            ));
        }
        self.create_private()?;
        let lock = self.lock()?;
        let database = target.join(FILE);
        if database.exists() || beside(&database).any(|path| path.exists()) {
            return Err(Unusable::Occupied.into());
        }
        let folder = Builder::new().prefix(".restore-").tempdir_in(&target);
        let folder = folder.map_err(|error| unwritten(&target, &error))?;
        let copy = folder.path().join(FILE);
        copy_file(file, &copy, told)?;
        look_through(&copy, "pragma integrity_check(1)")?;
        let staged = Staged { folder, target, _lock: lock };
        match staged.location().prepare(false) {
            Err(Error::Unusable(Unusable::Missing)) => {
                Err(Error::invalid("file", "It is a database, and not one of a store."))
            }
            prepared => prepared.map(|_| staged),
        }
    }

    fn directory(&self) -> Result<&Path, Error> {
        match self {
            Self::Directory(directory) => Ok(directory),
            Self::Postgres(_) => Err(not_here()),
        }
    }
}

/// A copy beside the place where it will be the store. What is not put there is removed.
#[derive(Debug)]
pub struct Staged {
    folder: TempDir,
    target: PathBuf,
    _lock: Lock,
}

impl Staged {
    /// Where the copy is, to be opened and looked at. Whatever opens it must be closed before
    /// [`Staged::put_in_place`].
    #[must_use]
    pub fn location(&self) -> Location {
        Location::Directory(self.folder.path().to_owned())
    }

    /// Makes the copy the store.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the disk refuses; then there is no store.
    pub fn put_in_place(self) -> Result<(), Error> {
        let Self { folder, target, _lock } = self;
        let (copy, database) = (folder.path().join(FILE), target.join(FILE));
        // What opened it may have changed it, such as its schema: all of that goes into the one file.
        let Link::Sqlite(link) =
            Location::Directory(folder.path().to_owned()).link(Purpose::Write)?
        else {
            return Err(not_here());
        };
        let checkpoint = "pragma wal_checkpoint(truncate)";
        let busy: i64 = link.connection.query_row(checkpoint, [], |row| row.get(0))?;
        drop(link);
        if busy != 0 {
            return Err(Error::Unavailable("another process has opened the copy".to_owned()));
        }
        let placed = File::open(&copy)
            .and_then(|copy| copy.sync_all())
            .and_then(|()| fs::rename(&copy, &database))
            .and_then(|()| sync_names(&target));
        placed.map_err(|error| unwritten(&database, &error))
    }
}

/// Copies a database as it is now into an empty file.
fn copy(from: &Connection, file: &Path, told: &mut dyn FnMut(Copied)) -> Result<(), Error> {
    // One state, from here to the end.
    from.execute_batch("begin")?;
    from.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    let page: u32 = from.query_row("pragma page_size", [], |row| row.get(0))?;
    let mut to = Connection::open(file)?;
    // The file is no one's until it is whole, and is synced then.
    to.execute_batch(
        "pragma locking_mode = exclusive; pragma journal_mode = off; pragma synchronous = off",
    )?;
    let backup = Backup::new(from, &mut to)?;
    let mut paused = 0;
    loop {
        let step = backup.step(PAGES)?;
        let progress = backup.progress();
        let pages = |count: i32| u64::try_from(count).unwrap_or(0) * u64::from(page);
        let of = pages(progress.pagecount);
        told(Copied { done: of.saturating_sub(pages(progress.remaining)), of });
        match step {
            StepResult::Done => break,
            StepResult::More => paused = 0,
            _ if paused == PAUSES => {
                return Err(Error::Unavailable("another process holds the database".to_owned()));
            }
            _ => {
                paused += 1;
                thread::sleep(PAUSE);
            }
        }
    }
    drop(backup);
    to.close().map_err(|(_, error)| Error::from(error))?;
    from.execute_batch("rollback")?;
    Ok(())
}

fn copy_file(from: &Path, to: &Path, told: &mut dyn FnMut(Copied)) -> Result<(), Error> {
    create_private_file(to).map_err(|error| unwritten(to, &error))?;
    let mut source = File::open(from).map_err(|error| unread(from, &error))?;
    let of = source.metadata().map_or(0, |found| found.len());
    let mut target = File::options().write(true).open(to).map_err(|error| unwritten(to, &error))?;
    let (mut piece, mut done) = (vec![0; PIECE], 0);
    loop {
        let read = source.read(&mut piece).map_err(|error| unread(from, &error))?;
        if read == 0 {
            return target.sync_all().map_err(|error| unwritten(to, &error));
        }
        target.write_all(&piece[..read]).map_err(|error| unwritten(to, &error))?;
        done += read as u64;
        told(Copied { done, of });
    }
}

/// Lets SQLite look through a file that no one changes. It makes no file beside it.
fn look_through(file: &Path, check: &str) -> Result<(), Error> {
    let path = std::path::absolute(file).map_err(|error| unread(file, &error))?;
    let path = path.to_string_lossy();
    let address = format!("file:{}?immutable=1", utf8_percent_encode(&path, IN_ADDRESS));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(address, flags)?;
    let found: String = connection.query_row(check, [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Error::damaged("the copy", "", found)) }
}

/// The files that SQLite may have beside a database.
fn beside(file: &Path) -> impl Iterator<Item = PathBuf> {
    BESIDE.into_iter().map(|suffix| {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        path.into()
    })
}

/// The folder in which a file is.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// That a file has its name outlives a power cut from here on.
fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn not_here() -> Error {
    Error::invalid("store", "The store is in PostgreSQL, which has its own ways to copy it.")
}

fn there_is_one() -> Error {
    Error::conflict("file", "There is such a file already.")
}

fn unread(file: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("cannot read {}: {error}", file.display()))
}

fn unwritten(file: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full,
        _ => Error::Unavailable(format!("cannot write {}: {error}", file.display())),
    }
}
