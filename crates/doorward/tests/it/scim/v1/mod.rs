//! SCIM 1.1, the calls of Okta one by one.

mod discovery;
mod groups;
mod users;
