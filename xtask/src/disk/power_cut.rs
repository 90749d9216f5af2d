//! `cargo xtask power-cut`: what was acknowledged outlives a power cut.
//!
//! Everything that the program tells its disk under load is recorded, with what is acknowledged in
//! between. From the record the files are put together as they may be after a cut at any point, and
//! each such image is opened and checked (`images`, a program of the crate `testkit`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::scene::{Scene, Setting};
use crate::command;
use crate::step::{Run, Tally};
use crate::workspace::{Profile, Workspace};

/// Images of the short form.
const SHORT: u64 = 200;

/// Images that are made with a disk that lies about its syncs: some of them must be bad.
const LYING: u64 = 60;

/// How long the check of all images may take.
const LIMIT: Duration = Duration::from_hours(2);

/// `cargo xtask power-cut`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many images to make and open
    #[arg(long, default_value_t = 10_000)]
    images: u64,
    /// Repeats the choice of images
    #[arg(long)]
    seed: Option<u64>,
    /// Test the programs that `cargo build --release` makes
    #[arg(long)]
    release: bool,
}

/// Makes and checks the images.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    let binary = workspace.build(profile, "doorward")?;
    let seed = options.seed.unwrap_or_else(|| u64::from(std::process::id()));
    on(&workspace, profile, binary, options.images, seed)?;
    Ok(())
}

/// The short form, a step of `cargo xtask test`.
pub(crate) fn short(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let binary = run.doorward()?;
    let images = on(&run.workspace, Profile::Dev, binary, SHORT, 1)?;
    tally.add(Tally { passed: images, ..Tally::default() });
    Ok(())
}

fn on(
    workspace: &Workspace,
    profile: Profile,
    binary: PathBuf,
    images: u64,
    seed: u64,
) -> Result<u64> {
    let checker = workspace.build(profile, "images")?;
    println!("{images} images, --seed {seed}");
    let mut scene = Scene::new(
        workspace,
        Setting {
            name: "power-cut",
            binary,
            database: None,
            organizations: 2,
            workers: 3,
            seed,
            deadline: "30s",
        },
    )?;
    let journal = scene.record()?;
    let before = scene.copy("before")?;
    // A load that is in proportion, in three lives: two end cleanly, with a checkpoint and without a
    // write-ahead log, the third is killed.
    let requests = (images / 40).clamp(40, 400);
    for life in 0..3 {
        scene.server.restart()?;
        scene.until_acknowledged(requests)?;
        if life < 2 {
            scene.server.end()?;
        } else {
            scene.server.kill()?;
        }
    }
    let after = scene.copy("after")?;
    let folder = memory(scene.server.folder())?;
    let tenants: Vec<Value> = scene
        .tenants
        .iter()
        .map(|tenant| {
            let (slug, token) = (&tenant.slug, &tenant.token);
            json!({ "slug": slug, "token": token, "everybody": tenant.everybody })
        })
        .collect();
    let plan = |images: u64, syncs: bool| {
        json!({
            "journal": journal, "before": before, "after": after, "folder": folder,
            "images": images, "seed": seed, "syncs": syncs, "tenants": tenants,
        })
    };
    let outcome = judge(&scene, &checker, &plan(images, true)).and_then(|told| {
        println!("{}", table(&told));
        if told["bad"] != 0 {
            bail!("{} images are bad: {:#}", told["bad"], told["complaints"]);
        }
        // A judge who finds nothing must be seen to find something.
        let lying = judge(&scene, &checker, &plan(LYING, false))?;
        if lying["bad"] == 0 {
            bail!("the images of a disk that lies about its syncs are sound, too");
        }
        println!("  {:<50}{:>9}", "bad ones of 60 where the disk lies about syncs", lying["bad"]);
        Ok(images)
    });
    std::fs::remove_dir_all(&folder).context("cannot delete the images")?;
    outcome
}

/// Images are made in memory where that is possible: nothing has to outlive anything there.
fn memory(otherwise: &Path) -> Result<PathBuf> {
    let memory = Path::new("/dev/shm");
    let home = if memory.is_dir() { memory } else { otherwise };
    let folder = home.join(format!("doorward-images-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context("cannot make a folder for the images")?;
    Ok(folder)
}

fn judge(scene: &Scene, checker: &Path, plan: &Value) -> Result<Value> {
    let path = scene.server.folder().join("plan");
    std::fs::write(&path, plan.to_string()).context("cannot write the plan")?;
    let output = scene.server.folder().join("judged");
    let captured = command::bounded(Command::new(checker).arg(&path), &output, LIMIT)?;
    if !captured.status.success() {
        bail!("the images could not be checked ({})", captured.status);
    }
    serde_json::from_str(&captured.output).context("the judge gave no answer")
}

fn table(told: &Value) -> String {
    let row = |what: &str, count: &Value| format!("  {what:<50}{count:>9}\n");
    let mut table = String::from("SQLite after a power cut\n");
    table += &row("acknowledged requests in the record", &told["acknowledged"]);
    table += &row("points at which the power can be cut", &told["points"]);
    table += &row("syncs", &told["syncs"]);
    table += &row("images that were opened", &told["images"]);
    for (kind, count) in told["kinds"].as_object().into_iter().flatten() {
        table += &row(&format!("  {kind}"), count);
    }
    table + row("  of these bad", &told["bad"]).trim_end()
}
