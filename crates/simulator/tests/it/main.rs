//! The simulator against a server that is right, and against servers that are wrong.

#[cfg(test)]
mod entra;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod removal;
#[cfg(test)]
mod right;
#[cfg(test)]
mod wrong;
