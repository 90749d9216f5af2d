//! The rules from outside: every wrong step, the vectors of the standards, and inputs of strangers.

#[cfg(test)]
mod authorization;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod example;
#[cfg(test)]
mod jose;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod tokens;
