//! Doorward as its users meet it: the real binary, in processes of its own.

mod cli;
