//! [`Sql`] and [`ListSql`]: the only texts that reach an engine.
//!
//! Both are made at compile time, from literals, by [`statements!`]; nothing that a client sent
//! can become part of one. A statement is written for PostgreSQL (`$1`); the SQLite side is a
//! textual change made when it is prepared.

use std::borrow::Cow;

/// One statement. `$1` is always the organization, and is bound by the scope, not by the caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql(&'static str);

impl Sql {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    #[cfg(test)]
    pub(crate) fn text(self) -> &'static str {
        self.0
    }
}

/// A statement over a list: `head`, then `item` once for each element with commas between, then
/// `tail`. Each `{}` of `item` takes the next free parameter; `head` and `tail` use `$1` and on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListSql {
    pub(crate) head: &'static str,
    pub(crate) item: &'static str,
    pub(crate) tail: &'static str,
}

/// Lists are sent in pieces of these sizes, so that a list of any length uses few distinct texts.
pub(crate) const PIECES: [usize; 7] = [512, 64, 8, 4, 3, 2, 1];

impl ListSql {
    /// The text for a piece of `items` elements after `fixed` parameters.
    pub(crate) fn text(&self, fixed: usize, items: usize) -> String {
        let mut text = String::with_capacity(self.head.len() + self.tail.len() + items * 24);
        text.push_str(self.head);
        let mut next = fixed + 1;
        for item in 0..items {
            if item > 0 {
                text.push(',');
            }
            for (at, part) in self.item.split("{}").enumerate() {
                if at > 0 {
                    text.push('$');
                    text.push_str(&next.to_string());
                    next += 1;
                }
                text.push_str(part);
            }
        }
        text.push_str(self.tail);
        text
    }
}

/// A statement that is about to run. Its text is written only where it is not known yet.
#[derive(Clone, Copy)]
pub(super) enum Text<'s> {
    One(Sql),
    List { sql: &'s ListSql, fixed: usize, items: usize },
}

/// What a text is known by: the address of the constant that it is made from, and for a list how
/// many parameters stand before how many elements.
pub(super) type TextKey = (usize, usize, usize);

impl Text<'_> {
    pub(super) fn key(self) -> TextKey {
        match self {
            Self::One(sql) => (sql.0.as_ptr().addr(), 0, 0),
            Self::List { sql, fixed, items } => (sql.head.as_ptr().addr(), fixed, items),
        }
    }

    pub(super) fn written(self) -> Cow<'static, str> {
        match self {
            Self::One(sql) => Cow::Borrowed(sql.0),
            Self::List { sql, fixed, items } => Cow::Owned(sql.text(fixed, items)),
        }
    }
}

/// The text as SQLite reads it: `?1` for `$1`, and no row locks (its writer is alone).
pub(crate) fn for_sqlite(text: &str) -> String {
    text.replace('$', "?").replace(" for update of c", "")
}

/// The first table that a statement names, for messages about its rows.
pub(super) fn table_of(text: &str) -> &str {
    let mut words = text.split([' ', '(']).filter(|word| !word.is_empty());
    match words.find(|word| ["from", "into", "update"].contains(word)) {
        Some(_) => words.next().unwrap_or_default(),
        None => "",
    }
}

/// Declares the statements of a module and lists them, so that a test can prepare each one on both
/// engines and see that every table is read under its organization.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $kind:ident { $($body:tt)* };)*) => {
        $($(#[$meta])* pub(super) const $name: $crate::db::statement::$kind =
            $crate::db::statement::statements!(@make $kind { $($body)* });)*

        /// The statements above, by name.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, $crate::db::statement::Declared)] =
            &[$((stringify!($name), $crate::db::statement::Declared::$kind($name))),*];
    };
    (@make Sql { $text:literal }) => { $crate::db::statement::Sql::new($text) };
    (@make ListSql { $head:literal, $item:literal, $tail:literal }) => {
        $crate::db::statement::ListSql { head: $head, item: $item, tail: $tail }
    };
}
pub(crate) use statements;

/// A statement in the list of a module.
#[derive(Clone, Copy, Debug)]
#[cfg(test)]
pub(crate) enum Declared {
    Sql(Sql),
    ListSql(ListSql),
}

#[cfg(test)]
mod tests {
    use super::{ListSql, for_sqlite, table_of};

    #[test]
    fn lists_number_their_parameters_after_the_fixed_ones() {
        let sql = ListSql { head: "insert into t values ", item: "($1, {}, {})", tail: " x" };
        assert_eq!(sql.text(1, 2), "insert into t values ($1, $2, $3),($1, $4, $5) x");
    }

    #[test]
    fn sqlite_reads_numbered_parameters_and_no_locks() {
        assert_eq!(for_sqlite("select a where b = $12 for update of c"), "select a where b = ?12");
    }

    #[test]
    fn a_message_names_the_table() {
        assert_eq!(table_of("select a from b join c on d = e"), "b");
        assert_eq!(table_of("insert into b (a) values ($1)"), "b");
        assert_eq!(table_of("update b set a = $1"), "b");
        assert_eq!(table_of("delete from b where a in (select c from d)"), "b");
        assert_eq!(table_of("select 1"), "");
    }
}
