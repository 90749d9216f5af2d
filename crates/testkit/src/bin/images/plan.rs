//! [`Plan`]: what `cargo xtask power-cut` wants to have checked.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context as _, Result};
use directory::LOCK_FILE;
use serde_json::Value;

use crate::disk::Image;

/// What is to be checked.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What the disk was told, and what was acknowledged.
    pub(crate) journal: PathBuf,
    /// The files as they were before.
    pub(crate) before: PathBuf,
    /// The files as they were at the end: the records must lead there.
    pub(crate) after: PathBuf,
    /// Where images are made.
    pub(crate) folder: PathBuf,
    pub(crate) images: usize,
    pub(crate) seed: u64,
    /// Whether a sync does what it says.
    pub(crate) syncs: bool,
    pub(crate) tenants: Vec<Tenant>,
}

/// An organization whose people must be there.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) slug: String,
    pub(crate) token: String,
    pub(crate) everybody: String,
}

impl Plan {
    /// Reads a plan, which is JSON.
    pub(crate) fn read(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        let plan: Value = serde_json::from_str(&text).context("a plan is JSON")?;
        let text = |value: &Value, key: &str| {
            let text = value[key].as_str().map(str::to_owned);
            text.with_context(|| format!("the plan has no {key}"))
        };
        let number =
            |key: &str| plan[key].as_u64().with_context(|| format!("the plan has no number {key}"));
        let tenants = plan["tenants"].as_array().into_iter().flatten().map(|tenant| {
            Ok(Tenant {
                slug: text(tenant, "slug")?,
                token: text(tenant, "token")?,
                everybody: text(tenant, "everybody")?,
            })
        });
        Ok(Self {
            journal: text(&plan, "journal")?.into(),
            before: text(&plan, "before")?.into(),
            after: text(&plan, "after")?.into(),
            folder: text(&plan, "folder")?.into(),
            images: usize::try_from(number("images")?)?,
            seed: number("seed")?,
            syncs: plan["syncs"] != false,
            tenants: tenants.collect::<Result<_>>()?,
        })
    }
}

/// The files of a store that matter: not those that SQLite makes anew, nor locks.
pub(crate) fn files(folder: &PathBuf) -> Result<Image> {
    let mut image = BTreeMap::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with("-shm") && name != LOCK_FILE {
            image.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(image)
}
