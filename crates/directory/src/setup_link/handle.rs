//! [`Handle`]: what stands in a link, and in the cookie of the browser that started.

use crate::{
    credential::{handle, secret::Secret},
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
        let (org, id, secret) = handle::parse(text, SetupLinkId::parse)?;
        Some(Self { org, id, secret })
    }

    /// The text, for the address or the browser.
    #[must_use]
    pub fn reveal(&self) -> String {
        handle::reveal(self.org, self.id, &self.secret)
    }

    /// Whether both name the same link. Their secrets may differ.
    #[must_use]
    pub fn is_of_the_link(&self, other: &Self) -> bool {
        self.org == other.org && self.id == other.id
    }
}
