//! Numbers in sentences.

/// `1 user`, `2 users`.
pub(crate) fn count(number: impl Into<i128>, one: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            [0, 1, 2].map(|number| count(number, "group")),
            ["0 groups", "1 group", "2 groups"]
        );
    }
}
