//! Doorward as its users meet it: the real binary in processes of its own, and SCIM in memory.

mod cli;
mod crash;
mod model;
mod scim;
