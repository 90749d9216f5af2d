//! The verifier from outside: genuine messages, attacks, mutants, and judges that we did not write.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "the texts are short, and a message should look like one"
)]

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod canonicalization;
#[cfg(test)]
mod genuine;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod wrapping;
