//! Doorward as its users meet it: the real binary in processes of its own, and SCIM, sign-in and OAuth in memory.

mod asvs;
mod cli;
mod console;
mod crash;
mod model;
mod oauth;
mod scim;
mod sign_in;
