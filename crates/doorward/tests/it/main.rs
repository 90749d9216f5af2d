//! Doorward as its users meet it: the real binary in processes of its own, and SCIM and sign-in in memory.

mod asvs;
mod cli;
mod crash;
mod model;
mod scim;
mod sign_in;
