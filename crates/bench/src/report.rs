//! [`Report`]: a part of `docs/benchmarks.md`, with its drawing.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::site::{Engine, Site};

/// What is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Markdown.
    pub(crate) text: String,
    /// SVG.
    pub(crate) drawing: Option<String>,
}

impl Report {
    /// The whole part: where it was measured, and how to repeat it.
    pub(crate) fn part(&self, site: &Site) -> String {
        let Site { suite, engine, command, version, .. } = site;
        let mut part = format!("#### {}\n\n", engine.name());
        if self.drawing.is_some() && !site.quick {
            let name = name(site);
            let _ = writeln!(
                part,
                "![{suite} on {engine}](images/{name}.svg)\n",
                suite = suite.word(),
                engine = engine.name()
            );
        }
        let _ = write!(part, "{}\n\n`{command}`, {version}, on {}.", self.text.trim(), machine());
        part
    }

    /// Where the drawing belongs.
    pub(crate) fn drawing_path(site: &Site) -> PathBuf {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
        images.join(format!("{}.svg", name(site)))
    }

    /// The lines around the part; `cargo xtask bench` looks for them.
    pub(crate) fn marks(site: &Site) -> [String; 2] {
        ["begin", "end"].map(|word| format!("<!-- {}:{word} -->", name(site)))
    }
}

fn name(site: &Site) -> String {
    let Site { suite, engine, .. } = site;
    let _: &Engine = engine;
    format!("{}-{}", suite.word(), engine.word())
}

/// The processor, the memory, the system, and how busy it all was before.
fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let memory = memory.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let memory = memory.unwrap_or_default() / 1_048_576;
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{cores} cores of {processor}, {memory} GB of memory, Linux {}, load {load} at the end",
        kernel.trim()
    )
}
