//! Webhooks as a receiver meets them: messages over HTTP, whose signatures are judged by the crate
//! `standardwebhooks`.

mod cli;
mod order;
mod reach;
mod receiver;
mod signatures;
