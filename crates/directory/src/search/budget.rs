//! [`Budget`]: how much one search may look at.

/// How many rows one search may look at: resources, or entries of an index.
#[derive(Debug)]
pub(super) struct Budget {
    all: usize,
    left: usize,
}

/// The budget of so many rows does not suffice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exceeded(pub(super) usize);

impl Budget {
    pub(super) fn new(rows: usize) -> Self {
        Self { all: rows, left: rows }
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Whether so many rows may still be looked at.
    pub(super) fn has(&self, rows: u64) -> bool {
        rows <= self.left as u64
    }

    pub(super) fn spend(&mut self, rows: usize) -> Result<(), Exceeded> {
        self.left = self.left.checked_sub(rows).ok_or(Exceeded(self.all))?;
        Ok(())
    }

    pub(super) fn exceeded(&self) -> Exceeded {
        Exceeded(self.all)
    }
}
