//! [`Answer`]: what a command says, for a person or as one JSON object.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use serde_json::{Value as Json, json};

use crate::problem;

/// What a command has to say at its end.
#[derive(Debug)]
pub(crate) struct Answer {
    json: Json,
    text: String,
    failed: bool,
}

impl Answer {
    /// The same for a program and for a person.
    pub(crate) fn new(json: Json, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), failed: false }
    }

    /// Everything was said on the way.
    pub(crate) fn nothing() -> Self {
        Self::new(Json::Null, "")
    }

    /// What was asked for was done and came out badly: the exit code tells.
    pub(crate) fn failed_if(self, failed: bool) -> Self {
        Self { failed, ..self }
    }

    /// Prints it, and says how the process ends.
    pub(crate) fn print(&self, json: bool) -> ExitCode {
        let printed = match (json, &self.json, self.text.as_str()) {
            (true, Json::Null, _) | (false, _, "") => Ok(()),
            (true, object, _) => line(&object.to_string()),
            (false, _, text) => line(text),
        };
        match printed {
            Ok(()) if !self.failed => ExitCode::SUCCESS,
            Ok(()) => ExitCode::FAILURE,
            Err(error) => {
                complain(&format!("error: cannot write the answer: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

/// Prints why a command failed, and says how the process ends.
pub(crate) fn refuse(json: bool, error: &anyhow::Error) -> ExitCode {
    let sentence = problem::sentence(error);
    if json {
        // A reader that closed our output does not want to know.
        let _ = line(&json!({ "error": sentence }).to_string());
    } else {
        complain(&format!("error: {sentence}"));
    }
    ExitCode::FAILURE
}

/// Prints a line on standard output. That its reader has gone away is no error: `doorward ... |
/// head` is a reasonable thing to say.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{}", text.trim_end_matches('\n')).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints a line on standard error. There is no one left to tell if that fails.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
