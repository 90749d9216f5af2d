//! [`Cookie`]: what a browser shows.

use crate::{
    credential::{handle, secret::Secret},
    id::{OrgNo, SessionId},
};

/// What a browser shows: which session of which organization, and its secret. It cannot be printed
/// by accident.
#[derive(Clone, Debug)]
pub struct Cookie {
    pub(super) org: OrgNo,
    pub(super) id: SessionId,
    pub(super) secret: Secret,
}

impl Cookie {
    /// Reads one that is shown. `None`: it does not look like one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (org, id, secret) = handle::parse(text, SessionId::parse)?;
        Some(Self { org, id, secret })
    }

    /// The text, for the browser.
    #[must_use]
    pub fn reveal(&self) -> String {
        handle::reveal(self.org, self.id, &self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::Cookie;
    use crate::{
        credential::secret::Secret,
        id::{OrgNo, SessionId},
        random::Random,
    };

    #[test]
    fn a_cookie_reads_as_it_was_written_and_nothing_else_does() {
        let random = Random::from_seed(1);
        let (id, secret) = (SessionId::random(&random), Secret::random(&random));
        let text = Cookie { org: OrgNo(7), id, secret }.reveal();
        let read = Cookie::parse(&text).expect("it is one");
        assert_eq!((read.org, read.id, read.reveal()), (OrgNo(7), id, text.clone()));
        for bad in ["", ".", "..", &format!("{text}."), &text.replace('.', "_"), &text[1..]] {
            assert!(Cookie::parse(bad).is_none(), "{bad}");
        }
    }
}
