//! The measured parts of `docs/benchmarks.md`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The document.
#[derive(Debug)]
pub(crate) struct Document {
    path: PathBuf,
}

impl Document {
    /// Makes sure that it has these parts: before the hour of measuring, not after it.
    pub(crate) fn open(root: &Path, names: &[String]) -> Result<Self> {
        let document = Self { path: root.join("docs/benchmarks.md") };
        let text = document.read()?;
        for name in names {
            part(&text, name).context("docs/benchmarks.md")?;
        }
        Ok(document)
    }

    fn read(&self) -> Result<String> {
        let path = self.path.display();
        fs::read_to_string(&self.path).with_context(|| format!("cannot read {path}"))
    }

    /// Takes a part from the output of a benchmark.
    pub(crate) fn renew(&self, name: &str, measured: &str) -> Result<()> {
        let new = part(measured, name).context("the output of the benchmark")?;
        fs::write(&self.path, replace(&self.read()?, name, new)?)?;
        println!("renewed the part `{name}` of {}", self.path.display());
        Ok(())
    }
}

/// The lines around a part, in the output of a benchmark and in the document.
fn marks(name: &str) -> [String; 2] {
    ["begin", "end"].map(|word| format!("<!-- {name}:{word} -->"))
}

/// The text between the two marks.
fn part<'t>(text: &'t str, name: &str) -> Result<&'t str> {
    let [begin, end] = marks(name);
    let (_, rest) = text.split_once(&begin).with_context(|| format!("has no {begin}"))?;
    let (part, _) = rest.split_once(&end).with_context(|| format!("has no {end} after {begin}"))?;
    Ok(part)
}

/// The document with another text between the marks.
fn replace(document: &str, name: &str, new: &str) -> Result<String> {
    let (old, [begin, end]) = (part(document, name)?, marks(name));
    Ok(document.replacen(&format!("{begin}{old}{end}"), &format!("{begin}{new}{end}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_between_the_marks_changes() {
        let of = |name: &str, text: &str| format!("<!-- {name}:begin -->{text}<!-- {name}:end -->");
        let document = format!("# A\n{}\n{}\nrest\n", of("a", "\nold\n"), of("b", "\nother\n"));
        let measured = format!("noise\n{}\nnoise\n", of("a", "\n| new |\n"));
        let renewed = replace(&document, "a", part(&measured, "a").unwrap()).unwrap();
        assert_eq!(
            renewed,
            format!("# A\n{}\n{}\nrest\n", of("a", "\n| new |\n"), of("b", "\nother\n"))
        );
    }

    #[test]
    fn a_missing_mark_is_named() {
        let error = part("nothing", "growth").unwrap_err();
        assert_eq!(error.to_string(), "has no <!-- growth:begin -->");
    }
}
