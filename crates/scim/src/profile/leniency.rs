//! [`Leniency`]: one thing that clients get wrong and that is read as they mean it.

use crate::ScimType;

/// Each with its keyword, the `scimType` of the error where it is not accepted, and a sentence.
macro_rules! leniencies {
    ($($variant:ident, $keyword:literal, $scim_type:ident, $description:literal;)*) => {
        /// One thing that clients get wrong and that is read as they mean it, where the
        /// [`Profile`](super::Profile) of their connection accepts it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Leniency {
            $(#[doc = $description] $variant,)*
        }

        impl Leniency {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in errors, answers and documents. It never changes.
            #[must_use]
            pub fn keyword(self) -> &'static str {
                match self { $(Self::$variant => $keyword,)* }
            }

            /// What is accepted, in one sentence.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// The keyword of the error where it is not accepted.
            #[must_use]
            pub fn scim_type(self) -> ScimType {
                match self { $(Self::$variant => ScimType::$scim_type,)* }
            }
        }
    };
}

leniencies! {
    Schemas, "schemas", InvalidSyntax,
        "`schemas` is missing or names another schema or version: the address tells what is meant.";
    UnlistedExtension, "unlisted-extension", InvalidSyntax,
        "An extension has values and is not named in `schemas`.";
    UnknownAttribute, "unknown-attribute", InvalidSyntax,
        "A POST or PUT holds an attribute that no schema has: it is left out and noted.";
    DottedName, "dotted-name", InvalidSyntax,
        "A part of an attribute stands in a body under its dotted name, `name.givenName`.";
    UrnName, "urn-name", InvalidSyntax,
        "An attribute stands in a body under its full name, `urn:…:User:department`.";
    SelectorName, "selector-name", InvalidSyntax,
        "A name in the value of an operation selects, `emails[type eq \"work\"].value`.";
    IdInValue, "id-in-value", Mutability,
        "The value of an operation without a path holds the resource's own `id`, or `null` as it.";
    ReadOnlyInValue, "read-only-in-value", Mutability,
        "The value of an operation without a path holds what only the server writes, such as `meta`.";
    ManagerId, "manager-id", InvalidSyntax,
        "The manager's id has the name of the other version, `managerId` in 2.0 or `value` in 1.1.";
    BooleanText, "boolean-text", InvalidValue,
        "A boolean is a text, `\"True\"`.";
    NumberForText, "number-for-text", InvalidValue,
        "A number stands where a text belongs, such as a postal code.";
    TextForNumber, "text-for-number", InvalidValue,
        "A text of digits stands where a number belongs.";
    PlainValue, "plain-value", InvalidValue,
        "A plain value stands for an object with that `value`: roles, a manager, members.";
    SingleValue, "single-value", InvalidValue,
        "One value stands where a list belongs.";
    ListOfOne, "list-of-one", InvalidValue,
        "A list of one value stands where the one belongs that a selector chooses.";
    EmptyValue, "empty-value", InvalidValue,
        "An empty text, list or object stands where another type belongs and means no value.";
    HollowValue, "hollow-value", InvalidValue,
        "One of several values holds nothing beside `type` and `primary`, and says so: it is left out.";
    SeveralPrimary, "several-primary", InvalidValue,
        "Several values are `primary`: the first is believed.";
    LooseBase64, "loose-base64", InvalidValue,
        "Base64 has no padding, the alphabet for URLs, or line breaks: it is kept as it is.";
    LooseReference, "loose-reference", InvalidValue,
        "A text that is no URI stands where one belongs: it is kept as it is.";
    LooseDateTime, "loose-date-time", InvalidValue,
        "A date and time is written in another form than `2026-11-21T08:30:00Z`: the form is kept.";
    OpCase, "op-case", InvalidSyntax,
        "The name of an operation has capitals, `Add`.";
    EmptyPath, "empty-path", InvalidPath,
        "An empty text stands for no path.";
    RemoveValues, "remove-values", InvalidSyntax,
        "A remove operation has values: of several values only these are removed.";
    NoMatch, "no-match", NoTarget,
        "A selector made of `eq` finds nothing: the value that it describes is created.";
    V2Patch, "v2-patch", InvalidSyntax,
        "A PATCH of SCIM 2.0 arrives at an address of SCIM 1.1.";
    Rehire, "rehire", Uniqueness,
        "A POST of a person who was archived or deleted brings that person back, under the old id.";
}
