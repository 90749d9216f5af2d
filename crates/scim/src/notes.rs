//! [`Notes`]: what a request asked for that was left out or read leniently.

/// Remarks gathered while a request body is read.
///
/// They decide nothing; they are for the log line of the request, so that an administrator can
/// see why a value did not arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    ignored: Vec<String>,
    corrected: Vec<String>,
}

/// More names than this are only counted: a hostile body must not fill a log line.
const MOST_NAMES: usize = 20;

impl Notes {
    /// Records an attribute that was not stored: unknown, or owned by the server.
    pub fn ignore(&mut self, attribute: impl Into<String>) {
        record(&mut self.ignored, attribute.into());
    }

    /// Records a leniency that was applied, such as a boolean that came as a string.
    pub fn correct(&mut self, what: impl Into<String>) {
        record(&mut self.corrected, what.into());
    }

    /// Names of attributes that were not stored, at most 20.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Leniencies that were applied, at most 20.
    #[must_use]
    pub fn corrected(&self) -> &[String] {
        &self.corrected
    }
}

fn record(list: &mut Vec<String>, mut what: String) {
    if list.len() < MOST_NAMES && !list.contains(&what) {
        if let Some((at, _)) = what.char_indices().nth(100) {
            what.truncate(at);
        }
        list.push(what);
    }
}
