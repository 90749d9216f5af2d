//! [`Okta`]: the verbs of Okta's client. Each sends what Okta sends and judges what comes back.

pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod users;

use crate::{Flavour, client::Client};

/// Okta's client, bound to one server.
#[derive(Debug)]
pub(crate) struct Okta {
    pub(crate) client: Client,
    pub(crate) flavour: Flavour,
}

impl Okta {
    /// The query of a look-up, in the order of this flavour.
    fn lookup<'a>(&self, filter: &'a str) -> [(&'a str, &'a str); 3] {
        if self.flavour.filter_comes_last() {
            [("startIndex", "1"), ("count", "100"), ("filter", filter)]
        } else {
            [("filter", filter), ("startIndex", "1"), ("count", "100")]
        }
    }
}

/// `attribute eq "value"`, with the value escaped as JSON does.
fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
