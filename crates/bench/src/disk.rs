//! What the disk alone takes.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant},
};

/// Writes 4 KB to a file of a folder and waits until they are there: the yardstick for a change
/// that is durable.
///
/// # Errors
///
/// Those of the disk.
pub fn durable_write(folder: &Path) -> io::Result<Duration> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut file = File::create(folder.path().join("file"))?;
    file.write_all(&[1; 4_096])?;
    file.sync_all()?;
    let begun = Instant::now();
    file.write_all(&[2; 4_096])?;
    file.sync_data()?;
    Ok(begun.elapsed())
}
