//! [`Cookie`]: what a browser shows.

use crate::{
    credential::{base62, secret::Secret},
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
        let mut parts = text.split('.');
        let (org, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            org: OrgNo(base62::decode_number(org)?),
            id: SessionId::parse(id)?,
            secret: Secret::parse(secret)?,
        })
    }

    /// The text, for the browser.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", base62::encode_number(self.org.0), self.id, self.secret.reveal())
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
