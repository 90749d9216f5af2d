//! Each target over its seeds, and over mutations of them: the same each time.

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod targets;
