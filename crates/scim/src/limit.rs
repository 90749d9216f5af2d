//! [`FixedLimit`]: a bound that someone may run into and no one can configure.

use crate::{
    accept, filter,
    patch::{self, members},
    schema::definition,
};

/// A bound that a client or an operator may run into and that no one can configure. Each crate
/// lists its own in a constant `FIXED`, from which the table in `docs/configuration.md` is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedLimit {
    /// What is bounded, as a heading: "Values of one attribute".
    pub what: &'static str,
    /// The most that there may be.
    pub most: u64,
    /// What is counted.
    pub unit: Unit,
    /// What happens beyond it.
    pub beyond: &'static str,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things; what they are is said.
    Count,
    /// Bytes.
    Bytes,
    /// Characters (Unicode scalar values).
    Characters,
    /// Seconds.
    Seconds,
}

impl FixedLimit {
    /// A limit that refers to the constant which enforces it.
    #[must_use]
    pub const fn new(what: &'static str, most: u64, unit: Unit, beyond: &'static str) -> Self {
        Self { what, most, unit, beyond }
    }
}

/// The fixed limits of SCIM itself.
pub const FIXED: &[FixedLimit] = &[
    FixedLimit::new(
        "Comparisons in one filter",
        filter::MOST_TERMS as u64,
        Unit::Count,
        "400 `invalidFilter`",
    ),
    FixedLimit::new(
        "Values of one attribute (the members of a group aside)",
        accept::MOST_VALUES as u64,
        Unit::Count,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "A text that identifies: `userName`, `externalId`, and what a schema calls unique",
        accept::LONGEST_KEY as u64,
        Unit::Characters,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "Any other text",
        accept::LONGEST_TEXT as u64,
        Unit::Characters,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "The id of a member that is added",
        members::LONGEST_ID as u64,
        Unit::Bytes,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "Values that the operations of one PATCH look at",
        patch::MOST_COMPARISONS as u64,
        Unit::Count,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "Attributes of a registered schema, and sub-attributes of one attribute",
        definition::MOST_ATTRIBUTES as u64,
        Unit::Count,
        "`doorward schema` refuses the definition",
    ),
    FixedLimit::new(
        "The name of a definition",
        definition::LONGEST_NAME as u64,
        Unit::Characters,
        "`doorward schema` refuses the definition",
    ),
    FixedLimit::new(
        "The URN of a registered schema",
        definition::LONGEST_URN as u64,
        Unit::Bytes,
        "`doorward schema` refuses the definition",
    ),
    FixedLimit::new(
        "The name of an attribute, of a resource type or of its endpoint",
        definition::LONGEST_WORD as u64,
        Unit::Bytes,
        "`doorward schema` refuses the definition",
    ),
];
