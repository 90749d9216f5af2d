//! `/Groups`, one module per endpoint.

mod create;
mod get;
mod list;
mod patch;
mod replace;
