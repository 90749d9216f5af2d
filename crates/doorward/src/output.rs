//! [`Output`]: an answer that is printed while it is read, so that its length costs no memory.

use std::io::{self, ErrorKind, StdoutLock, Write};

use anyhow::Result;
use serde_json::Value as Json;

use crate::{
    answer::{Answer, complain},
    problem,
};

/// So many bytes are gathered before they are printed.
const PIECE: usize = 64 * 1024;

/// Standard output, for a long answer.
#[derive(Debug)]
pub(crate) struct Output {
    sink: StdoutLock<'static>,
    pending: Vec<u8>,
    /// Something was printed already.
    printed: bool,
    /// The reader has gone away: `doorward ... | head` is a reasonable thing to say.
    gone: bool,
    /// What stands before the next member of an object, or the next element of a list.
    separator: &'static str,
}

/// Prints an answer piece by piece. An error before the first piece is told as by any command; one
/// after it on standard error only, because half an answer stands on standard output.
pub(crate) async fn stream(work: impl AsyncFnOnce(&mut Output) -> Result<()>) -> Result<Answer> {
    let mut output = Output {
        sink: io::stdout().lock(),
        pending: Vec::new(),
        printed: false,
        gone: false,
        separator: "",
    };
    let done = match work(&mut output).await {
        Ok(()) => output.flush().map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(Answer::nothing()),
        Err(_) if output.gone => Ok(Answer::nothing()),
        Err(error) if output.printed => {
            let why = problem::sentence(&error);
            complain(&format!("error: the answer is not complete: {why}"));
            Ok(Answer::nothing().failed_if(true))
        }
        Err(error) => Err(error),
    }
}

impl Output {
    /// Prints a text as it stands.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.write_all(text.as_bytes())
    }

    /// Begins a JSON object with these members; lists may follow.
    pub(crate) fn begin(&mut self, members: &Json) -> io::Result<()> {
        let text = members.to_string();
        self.text(text.trim_end_matches('}'))?;
        self.separator = if text == "{}" { "" } else { "," };
        Ok(())
    }

    /// Begins a list in the object.
    pub(crate) fn list(&mut self, name: &str) -> io::Result<()> {
        self.text(&format!("{}\"{name}\":[", self.separator))?;
        self.separator = "\n";
        Ok(())
    }

    /// An element of the list, as JSON. Each stands on a line of its own.
    pub(crate) fn element(&mut self, json: &str) -> io::Result<()> {
        self.text(self.separator)?;
        self.separator = ",\n";
        self.text(json)
    }

    /// Ends the list.
    pub(crate) fn end_list(&mut self) -> io::Result<()> {
        self.separator = ",";
        self.text("\n]")
    }

    /// Ends the object, with these last members.
    pub(crate) fn end(&mut self, members: &Json) -> io::Result<()> {
        let text = members.to_string();
        let members = text.trim_start_matches('{');
        let separator = if members == "}" { "" } else { self.separator };
        self.text(&format!("{separator}{members}\n"))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.printed |= !self.pending.is_empty();
        let written = self.sink.write_all(&self.pending).and_then(|()| self.sink.flush());
        self.pending.clear();
        if let Err(error) = &written {
            self.gone |= error.kind() == ErrorKind::BrokenPipe;
        }
        written
    }
}
