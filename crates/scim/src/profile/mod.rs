//! [`Profile`]: what is accepted leniently from the clients of one connection.
//!
//! Everything that this crate reads leniently is a [`Leniency`], and [`crate::Notes`] is asked
//! before each: whoever has it reads on, all others get an error. What the RFCs allow is not
//! a leniency and holds for all: names in any case (RFC 7643 §2.1), `null` and an empty list for no
//! value (§2.5), what only the server writes in the body of a POST or PUT (RFC 7644 §3.3, §3.5.1).
//! What no one can mean, such as an operation of another name, is an error for all.

mod leniency;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::leniency::Leniency;

/// A named and versioned set of leniencies. Prints as `okta-1`.
///
/// What a version accepts is never taken away: a connection keeps the version that was chosen
/// for it, and a profile that becomes stricter gets a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    name: &'static str,
    version: u32,
    accepted: Set,
}

use Leniency as L;

impl Profile {
    /// Whoever speaks SCIM: all leniencies.
    pub const GENERIC: Self = Self { name: "generic", version: 1, accepted: Set::ALL };

    /// Okta, and whoever is tried out under the default of the command line. The forms of Okta's
    /// own PATCH requests are documented, and need less.
    pub const OKTA: Self = Self {
        name: "okta",
        version: 1,
        accepted: Set::ALL.without(&[L::SelectorName, L::ListOfOne, L::NoMatch]),
    };

    /// Microsoft Entra ID, with and without its flag `aadOptscim062020`. It speaks SCIM 2.0 only.
    pub const ENTRA: Self =
        Self { name: "entra", version: 1, accepted: Set::ALL.without(&[L::V2Patch]) };

    /// OneLogin, whose bodies come from templates that administrators edit.
    pub const ONELOGIN: Self = Self {
        name: "onelogin",
        version: 1,
        accepted: Set::ALL.without(&[L::SelectorName, L::ListOfOne, L::NoMatch]),
    };

    /// JumpCloud, which removes members as Entra does.
    pub const JUMPCLOUD: Self = Self {
        name: "jumpcloud",
        version: 1,
        accepted: Set::ALL.without(&[L::SelectorName, L::ListOfOne, L::NoMatch]),
    };

    /// The RFCs to the letter: for whoever writes a client and wants to hear of each mistake.
    pub const STRICT: Self = Self { name: "strict", version: 1, accepted: Set::NONE };

    /// All of them, the versions of one name in their order.
    pub const ALL: [Self; 6] =
        [Self::GENERIC, Self::OKTA, Self::ENTRA, Self::ONELOGIN, Self::JUMPCLOUD, Self::STRICT];

    /// Reads a name, `okta`, which means its newest version, or a name with a version, `okta-1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut newest_first = Self::ALL.into_iter().rev();
        newest_first.find(|profile| profile.name == text || profile.to_string() == text)
    }

    /// Its name, without the version.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether this is accepted.
    #[must_use]
    pub fn accepts(self, leniency: Leniency) -> bool {
        self.accepted.holds(leniency)
    }

    /// All that is accepted, in the order of [`Leniency::ALL`].
    pub fn leniencies(self) -> impl Iterator<Item = Leniency> {
        Leniency::ALL.iter().copied().filter(move |leniency| self.accepts(*leniency))
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::GENERIC
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

/// Leniencies, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set(u64);

impl Set {
    const NONE: Self = Self(0);
    const ALL: Self = Self((1 << Leniency::ALL.len()) - 1);

    const fn without(self, taken: &[Leniency]) -> Self {
        let mut bits = self.0;
        let mut at = 0;
        while at < taken.len() {
            bits &= !(1 << taken[at] as u64);
            at += 1;
        }
        Self(bits)
    }

    #[cfg(test)]
    const fn with(self, added: Leniency) -> Self {
        Self(self.0 | 1 << added as u64)
    }

    const fn holds(self, leniency: Leniency) -> bool {
        self.0 & (1 << leniency as u64) != 0
    }
}
