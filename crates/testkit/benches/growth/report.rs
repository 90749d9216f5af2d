//! [`Report`]: what was measured, as a part of `docs/benchmarks.md`.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use bench::{
    figures::{grouped, micros},
    series::Series,
};
use testkit::Engine;

use crate::{
    measure::{CLIENTS, Measured},
    operation::Operation,
    site::name,
};

/// What the two costs that this project is about may grow by, from the smallest size to the
/// largest.
const MOST: f64 = 2.0;

/// The rows of the tables.
const ROWS: [Operation; 20] = [
    Operation::AddMember,
    Operation::RemoveMember,
    Operation::ClearGroup,
    Operation::GetGroup,
    Operation::FirstPage,
    Operation::MiddlePage,
    Operation::RandomPage,
    Operation::CursorPage,
    Operation::SortedCursorPage,
    Operation::ByUserName,
    Operation::ByExternalId,
    Operation::ByEmail,
    Operation::GetUser,
    Operation::PatchUser,
    Operation::CreateUser,
    Operation::DeleteUser,
    Operation::StoreAddMember,
    Operation::StoreRemoveMember,
    Operation::StoreFirstPage,
    Operation::StoreMiddlePage,
];

/// What was measured, and what follows from it.
pub(crate) struct Report(Measured);

/// A cost of the smallest store beside one of the largest.
struct Compared {
    small: Duration,
    large: Duration,
}

impl Compared {
    fn ratio(&self) -> f64 {
        self.large.as_secs_f64() / self.small.as_secs_f64()
    }
}

impl Report {
    pub(crate) fn new(measured: Measured) -> Self {
        Self(measured)
    }

    pub(crate) fn engines(&self) -> &[Engine] {
        &self.0.engines
    }

    pub(crate) fn sizes(&self) -> &[usize] {
        &self.0.sizes
    }

    pub(crate) fn smallest(&self) -> usize {
        self.0.sizes[0]
    }

    pub(crate) fn largest(&self) -> usize {
        self.0.sizes[self.0.sizes.len() - 1]
    }

    /// The median of an operation at a size.
    pub(crate) fn median(&self, engine: Engine, size: usize, operation: Operation) -> Duration {
        self.series(engine, size, operation).median()
    }

    fn series(&self, engine: Engine, size: usize, operation: Operation) -> &Series {
        &self.0.times[&(engine, size, operation)]
    }

    /// One member into the smallest group and into the largest.
    fn adding(&self, engine: Engine) -> Compared {
        let at = |size| self.median(engine, size, Operation::AddMember);
        Compared { small: at(self.smallest()), large: at(self.largest()) }
    }

    /// The first page and the one in the middle, of the largest organization.
    fn paging(&self, engine: Engine) -> Compared {
        let of = |operation| self.median(engine, self.largest(), operation);
        Compared { small: of(Operation::FirstPage), large: of(Operation::MiddlePage) }
    }

    /// Sentences about the two costs, where one grew by more than it may.
    pub(crate) fn broken(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        for engine in self.engines() {
            for (what, compared) in
                [("adding a member", self.adding(*engine)), ("a deep page", self.paging(*engine))]
            {
                let ratio = compared.ratio();
                if ratio > MOST {
                    let engine = name(*engine);
                    sentences.push(format!("{engine}: {what} grew by {ratio:.2}, over {MOST}"));
                }
            }
        }
        sentences
    }

    /// Everything, as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a text cannot fail");
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let (smallest, largest) = (grouped(self.smallest()), grouped(self.largest()));
        let page = self.largest() / 200;
        writeln!(out, "### What must not grow\n")?;
        writeln!(
            out,
            "| | a member into a group of {smallest} | of {largest} | ratio | page 1 of {largest} \
             users | page {page} | ratio |\n|---|--:|--:|--:|--:|--:|--:|"
        )?;
        for engine in self.engines() {
            let (adding, paging) = (self.adding(*engine), self.paging(*engine));
            writeln!(
                out,
                "| {} | {} | {} | **{:.2}** | {} | {} | **{:.2}** |",
                name(*engine),
                micros(adding.small),
                micros(adding.large),
                adding.ratio(),
                micros(paging.small),
                micros(paging.large),
                paging.ratio()
            )?;
        }
        writeln!(
            out,
            "\nMicroseconds, medians of {} rounds. Either ratio may be {MOST} at most.\n",
            self.0.rounds
        )?;
        for engine in self.engines() {
            self.write_engine(*engine, out)?;
        }
        self.write_throughput(out)?;
        writeln!(
            out,
            "\nThe yardstick for every change: writing 4 KB to a file of this disk, and waiting \
             until it is there, took {} microseconds (95 of 100 times at most {}).",
            micros(self.0.disk.median()),
            micros(self.0.disk.p95())
        )
    }

    fn write_engine(&self, engine: Engine, out: &mut String) -> fmt::Result {
        write!(out, "### {}\n\n| |", name(engine))?;
        for size in self.sizes() {
            write!(out, " N = {} |", grouped(*size))?;
        }
        write!(out, " ratio |\n|---|")?;
        writeln!(out, "{}", "--:|".repeat(self.sizes().len() + 1))?;
        for operation in ROWS {
            write!(out, "| {} |", operation.name())?;
            for size in self.sizes() {
                let series = self.series(engine, *size, operation);
                write!(out, " {} ({}) |", micros(series.median()), micros(series.p95()))?;
            }
            let at = |size| self.median(engine, size, operation);
            let compared = Compared { small: at(self.smallest()), large: at(self.largest()) };
            writeln!(out, " {:.2} |", compared.ratio())?;
        }
        writeln!(out)
    }

    fn write_throughput(&self, out: &mut String) -> fmt::Result {
        write!(out, "### Users created in a second\n\n| | users there |")?;
        for clients in CLIENTS {
            write!(out, " {clients} at once |")?;
        }
        writeln!(out, "\n|---|--:|{}", "--:|".repeat(CLIENTS.len()))?;
        for engine in self.engines() {
            for size in [self.smallest(), self.largest()] {
                write!(out, "| {} | {} |", name(*engine), grouped(size))?;
                for clients in CLIENTS {
                    let speed = self.0.throughput[&(*engine, size, clients)];
                    write!(out, " {} |", grouped(speed))?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }
}
