//! [`Preload`]: the library that stands between the program and its disk.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::workspace::Workspace;

/// What goes wrong, by its number in `preload/disk.c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// EIO on a write, or on giving a file a length.
    WriteFails = 1,
    /// ENOSPC on a write.
    NoSpace = 2,
    /// Half of a write, and ENOSPC on the rest.
    ShortWrite = 3,
    /// EIO on a sync.
    SyncFails = 4,
    /// EIO on a read.
    ReadFails = 5,
    /// ENOSPC on whatever makes a file longer.
    Full = 6,
    /// Writes and syncs wait.
    Hangs = 7,
    /// EIO on opening a file.
    OpenFails = 9,
}

impl Fault {
    /// Those that strike once, at one call.
    pub(crate) const AT_ONE_CALL: [Self; 6] = [
        Self::WriteFails,
        Self::NoSpace,
        Self::ShortWrite,
        Self::SyncFails,
        Self::ReadFails,
        Self::OpenFails,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WriteFails => "a write fails (EIO)",
            Self::NoSpace => "a write finds no space (ENOSPC)",
            Self::ShortWrite => "a write is cut short",
            Self::SyncFails => "a sync fails (EIO)",
            Self::ReadFails => "a read fails (EIO)",
            Self::Full => "the disk is full",
            Self::Hangs => "the disk hangs",
            Self::OpenFails => "opening a file fails (EIO)",
        }
    }
}

/// The library, compiled from `xtask/preload/disk.c`.
#[derive(Debug)]
pub(crate) struct Preload {
    library: PathBuf,
}

impl Preload {
    /// Compiles it with the C compiler that Rust links with.
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        let library = workspace.scratch().join("disk.so");
        std::fs::create_dir_all(workspace.scratch()).context("cannot make the scratch folder")?;
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]).arg(&library);
        cc.arg(workspace.root.join("xtask").join("preload").join("disk.c"));
        command::run(cc.args(["-ldl", "-lpthread"]))?;
        Ok(Self { library })
    }

    /// The environment of a program whose files below `folder` are watched.
    pub(crate) fn environment(
        &self,
        folder: &Path,
        journal: Option<&Path>,
        control: &Control,
    ) -> Result<Vec<(String, String)>> {
        // SQLite names files by their real paths.
        let folder = folder.canonicalize().context("there is no folder to watch")?;
        let mut environment = vec![
            ("LD_PRELOAD".to_owned(), self.library.display().to_string()),
            ("DISK_FOLDER".to_owned(), folder.display().to_string()),
            ("DISK_CONTROL".to_owned(), control.path.display().to_string()),
        ];
        if let Some(journal) = journal {
            environment.push(("DISK_JOURNAL".to_owned(), journal.display().to_string()));
        }
        Ok(environment)
    }
}

/// The numbers that the library and we both see.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
    file: File,
}

impl Control {
    /// A new file in which nothing goes wrong.
    pub(crate) fn create(path: PathBuf) -> Result<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path);
        let file = file.with_context(|| format!("cannot make {}", path.display()))?;
        file.write_all_at(&[0; 20], 0)?;
        Ok(Self { path, file })
    }

    /// Lets the call of this number (from 1) go wrong, once.
    pub(crate) fn at_call(&self, fault: Fault, call: u32) -> Result<()> {
        self.set(fault as u32, call, 0)
    }

    /// Lets every call go wrong.
    pub(crate) fn always(&self, fault: Fault) -> Result<()> {
        self.set(fault as u32, 1, 1)
    }

    /// Lets nothing go wrong, and counts the calls at which something could have.
    pub(crate) fn count(&self, fault: Fault) -> Result<()> {
        self.set(fault as u32, 0, 0)
    }

    /// Nothing goes wrong any more.
    pub(crate) fn nothing(&self) -> Result<()> {
        self.file.write_all_at(&0_u32.to_ne_bytes(), 0)?;
        Ok(())
    }

    fn set(&self, fault: u32, countdown: u32, goes_on: u32) -> Result<()> {
        self.nothing()?;
        for (at, number) in [(4, countdown), (8, 0), (12, goes_on), (16, 0), (0, fault)] {
            self.file.write_all_at(&number.to_ne_bytes(), at)?;
        }
        Ok(())
    }

    /// How often it went wrong.
    pub(crate) fn struck(&self) -> Result<u32> {
        self.number(8)
    }

    /// At how many calls it could have gone wrong.
    pub(crate) fn calls(&self) -> Result<u32> {
        self.number(16)
    }

    fn number(&self, at: u64) -> Result<u32> {
        let mut number = [0; 4];
        self.file.read_exact_at(&mut number, at)?;
        Ok(u32::from_ne_bytes(number))
    }
}
