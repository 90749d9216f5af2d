//! The SCIM surfaces: 2.0 and 1.1, each at a fixed base URL and at one per connection.
//!
//! The way of a request: [`ErrorForm`] (what stands around every surface renders errors in it) →
//! [`surface::admit`] (shutdown, authentication, JSON) → a [route](mod@routes) → an [act](acts) on the
//! resources of an [`endpoint`] → a verb of the directory → [`resources`], which renders the answer
//! in the dialect of the address.

mod acts;
mod auth;
mod base;
mod body;
mod bulk;
mod context;
mod discovery;
mod endpoint;
mod error;
mod media_type;
mod path_id;
mod resources;
mod routes;
mod suffix;
mod surface;
mod wrong;

pub(crate) use self::{
    base::Base, routes::routes, suffix::strip as strip_suffix, surface::ErrorForm, wrong::elsewhere,
};
