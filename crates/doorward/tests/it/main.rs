//! Doorward as its users meet it: the real binary in processes of its own, and SCIM, sign-in, OAuth and the
//! management API in memory.

mod api;
mod asvs;
mod cli;
mod console;
mod crash;
mod model;
mod oauth;
mod scim;
mod sign_in;
mod webhooks;
