//! The bounds of what is read, and the times that are granted.

use jiff::SignedDuration;

/// Most bytes of the form field `SAMLResponse`, as it stands in the form after percent-decoding.
pub const LARGEST_FORM_FIELD: usize = 350 * 1024;
/// Most bytes of a message after base64 was removed.
pub const LARGEST_MESSAGE: usize = 256 * 1024;
/// Most bytes of a provider's metadata.
pub const LARGEST_METADATA: usize = 512 * 1024;
/// Most elements inside of one another.
pub const DEEPEST_ELEMENT: usize = 200;
/// Most nodes of a document: elements and texts.
pub const MOST_NODES: usize = 20_000;
/// Most attributes of an element, declarations of namespaces among them.
pub const MOST_ATTRIBUTES: usize = 64;
/// Most declarations of namespaces on an element and on those around it. Providers have about ten. A
/// parser copies them at each element that declares another one, in time that grows with their square.
pub const MOST_NAMESPACES: usize = 24;
/// Most prefixes in the `PrefixList` of a canonicalization.
pub const MOST_PREFIXES: usize = 8;
/// Most characters of a `NameID`.
pub const LONGEST_NAME_ID: usize = 256;
/// Most characters of an `ID`.
pub const LONGEST_ID: usize = 256;
/// Fewest bits of an RSA key.
pub const FEWEST_KEY_BITS: usize = 2048;
/// Most bits of an RSA key.
pub const MOST_KEY_BITS: usize = 8192;

/// How far the clocks of the provider and of this machine may be apart.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How old a message may be, whatever it says of its own validity.
pub const OLDEST_MESSAGE: SignedDuration = SignedDuration::from_hours(1);
/// How old a message may be that answers no request of ours.
pub const OLDEST_UNSOLICITED: SignedDuration = SignedDuration::from_mins(2);
