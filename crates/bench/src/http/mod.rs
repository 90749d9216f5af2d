//! HTTP/1.1 for a client that must cost little: one connection that is kept, one request at a time.

mod answer;
mod connection;
mod request;

pub(crate) use self::{
    connection::Connection,
    request::{Caller, Request},
};
