//! The words of the directory in the description of the API: each list is that of the code.

use directory::{
    api_key::Scope,
    connection::{Protocol, Provider, State},
    plan::Feature,
    removal::Act,
    saml::{self, Binding, NameId, Signed, certificate::Standing},
    webhook,
};
use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, Type},
};

fn one_of(words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

macro_rules! words {
    ($($name:ident $ty:ty;)*) => {$(
        pub(super) fn $name() -> RefOr<Schema> {
            one_of(<$ty>::ALL.iter().map(|word| word.as_str()))
        }
    )*};
}

words! {
    binding Binding;
    connection_state State;
    feature Feature;
    standing Standing;
    name_id NameId;
    protocol Protocol;
    provider Provider;
    removal_act Act;
    saml_state saml::State;
    scope Scope;
    delivery_state webhook::State;
    webhook_order webhook::Order;
    webhook_reason webhook::Reason;
    signed Signed;
}

/// Where the feed of all organizations begins.
pub(super) fn feed_begin() -> RefOr<Schema> {
    one_of(["start", "now"])
}

/// Attributes as SCIM has them: an object.
pub(super) fn attributes() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "Attributes by their names in RFC 7643 and in registered schemas, without `schemas`, `id` and \
             `meta`; those of an extension under its URN.",
        ))
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(true)))
        .into()
}

/// What exactly happened: an object, whose members depend on the kind.
pub(super) fn payload() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What exactly changed; docs/events.md lists the members by kind."))
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(true)))
        .into()
}
