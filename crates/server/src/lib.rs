//! Doorward over HTTP.

pub mod http;
