//! [`Listing`]: a long list, for programs or for people, printed while it is read.

use std::io;

use serde_json::Value as Json;

use crate::{
    output::Output,
    table::{Column, Table},
};

/// A list that is being printed: one JSON object with a list in it, or a table.
#[derive(Debug)]
pub(crate) struct Listing<'o, const N: usize> {
    output: &'o mut Output,
    /// `None`: for programs.
    table: Option<Table<N>>,
}

impl<'o, const N: usize> Listing<'o, N> {
    /// Begins a list. Programs are told the members of `head` before it.
    pub(crate) fn begin(
        output: &'o mut Output,
        json: bool,
        (head, name): (&Json, &str),
        columns: [Column; N],
    ) -> io::Result<Self> {
        if json {
            output.begin(head)?;
            output.list(name)?;
        }
        Ok(Self { output, table: (!json).then(|| Table::new(columns)) })
    }

    /// Prints further items.
    pub(crate) fn page<T>(
        &mut self,
        items: &[T],
        as_json: impl Fn(&T) -> Json,
        row: impl Fn(&T) -> [String; N],
    ) -> io::Result<()> {
        match &mut self.table {
            Some(table) if !items.is_empty() => {
                self.output.text(&table.page(items.iter().map(row)))
            }
            Some(_) => Ok(()),
            None => {
                items.iter().try_for_each(|item| self.output.element(&as_json(item).to_string()))
            }
        }
    }

    /// Ends the list. Programs are told the members of `tail` after it, people a remark.
    pub(crate) fn end(self, tail: &Json, remark: &str) -> io::Result<()> {
        if self.table.is_some() {
            return self.output.text(remark);
        }
        self.output.end_list()?;
        self.output.end(tail)
    }
}
