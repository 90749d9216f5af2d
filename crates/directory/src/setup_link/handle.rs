//! [`Handle`]: what stands in a link, and in the cookie of the browser that started.

use crate::{
    credential::{base62, secret::Secret},
    id::{OrgNo, SetupLinkId},
};

/// Which link of which organization, and a secret: that of the link, or that of the browser which
/// started. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) org: OrgNo,
    pub(super) id: SetupLinkId,
    pub(super) secret: Secret,
}

impl Handle {
    /// Reads one that is shown. `None`: it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (org, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            org: OrgNo(base62::decode_number(org)?),
            id: SetupLinkId::parse(id)?,
            secret: Secret::parse(secret)?,
        })
    }

    /// The text, for the address or the browser.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", base62::encode_number(self.org.0), self.id, self.secret.reveal())
    }

    /// Whether both name the same link. Their secrets may differ.
    #[must_use]
    pub fn is_of_the_link(&self, other: &Self) -> bool {
        self.org == other.org && self.id == other.id
    }
}
