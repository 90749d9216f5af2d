//! [`Buffer`]: log lines of a server, gathered for a moment and written together.
//!
//! A line for each request is a call of the system for each request, under a lock that all threads wait
//! for. Here a thread adds its line to a text in memory, and one thread writes what has been gathered.
//! What warns is written at once, with all that came before it.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// So long a line waits for others at the most.
const TOGETHER: Duration = Duration::from_millis(20);
/// So many bytes are gathered; whoever adds more writes them.
const LARGEST: usize = 256 * 1024;

/// Where lines are gathered.
#[derive(Clone, Debug)]
pub(super) struct Buffer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lines: Mutex<Vec<u8>>,
    /// Some are there.
    some: Condvar,
    /// Held by whoever writes: lines keep their order.
    writing: Mutex<()>,
    write: fn(&[u8]) -> io::Result<()>,
}

impl Buffer {
    /// Begins to gather lines for standard error.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    pub(super) fn start() -> io::Result<Self> {
        Self::to(|lines| io::stderr().lock().write_all(lines))
    }

    fn to(write: fn(&[u8]) -> io::Result<()>) -> io::Result<Self> {
        let (lines, some, writing) = (Mutex::default(), Condvar::new(), Mutex::default());
        let buffer = Self(Arc::new(Shared { lines, some, writing, write }));
        let gathered = buffer.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || gathered.keep_writing())?;
        Ok(buffer)
    }

    fn lines(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was gathered until now.
    pub(super) fn flush(&self) {
        let _writing = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = mem::take(&mut *self.lines());
        if !lines.is_empty() {
            // There is nowhere to tell that lines cannot be told.
            let _ = (self.0.write)(&lines);
        }
    }

    fn keep_writing(&self) -> ! {
        loop {
            let lines = self.lines();
            let there = self.0.some.wait_while(lines, |lines| lines.is_empty());
            drop(there);
            thread::sleep(TOGETHER);
            self.flush();
        }
    }
}

/// A line on its way into the buffer.
#[derive(Debug)]
pub(super) struct Line<'b> {
    buffer: &'b Buffer,
    is_urgent: bool,
}

impl<'b> MakeWriter<'b> for Buffer {
    type Writer = Line<'b>;

    fn make_writer(&'b self) -> Line<'b> {
        Line { buffer: self, is_urgent: true }
    }

    fn make_writer_for(&'b self, about: &Metadata<'_>) -> Line<'b> {
        Line { buffer: self, is_urgent: *about.level() <= Level::WARN }
    }
}

impl Write for Line<'_> {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.buffer.lines();
        let was_empty = lines.is_empty();
        lines.extend_from_slice(line);
        let is_full = lines.len() >= LARGEST;
        drop(lines);
        if self.is_urgent || is_full {
            self.buffer.flush();
        } else if was_empty {
            self.buffer.0.some.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::Buffer;

    static WRITTEN: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

    #[test]
    fn lines_are_whole_in_order_and_a_warning_waits_for_no_one() {
        let buffer = Buffer::to(|lines| {
            WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).push(lines.to_vec());
            Ok(())
        });
        let buffer = buffer.expect("a thread");
        let subscriber = tracing_subscriber::fmt()
            .with_writer(buffer.clone())
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..100 {
                tracing::info!(number, "one of many");
            }
            tracing::warn!("look here");
            let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).concat();
            let text = String::from_utf8(written).expect("text");
            assert_eq!(text.lines().count(), 101, "{text}");
            assert!(text.ends_with("WARN look here\n"), "{text}");
            assert!(text.lines().next().is_some_and(|line| line.ends_with("number=0")), "{text}");
            tracing::info!("the last");
        });
        buffer.flush();
        let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).concat();
        assert!(String::from_utf8(written).expect("text").ends_with("the last\n"));
    }
}
