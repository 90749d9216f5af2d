//! The verifier from outside: genuine messages, attacks, mutants, and judges that we did not write.

mod attacks;
mod canonicalization;
mod genuine;
mod judge;
mod metadata;
mod mutants;
mod provider;
mod requests;
mod wrapping;
