//! Opens the images that a power cut may leave of a SQLite store: `cargo xtask power-cut` records
//! what the disk was told while the program was under load, and runs this on the record.
//!
//! An image is what a [`Disk`] may hold at some point of the record. Each is opened as a server
//! would: what was acknowledged before that point must be there, what was not may be there whole,
//! and every row must agree with the others.

mod check;
mod disk;
mod plan;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use workload::{Kind, Random, Record, audit::Expected};

use self::{
    check::Checker,
    disk::{Disk, Image, Survives},
    plan::Plan,
};

/// Most complaints that are told.
const MOST: usize = 10;

/// An image that is to be checked.
struct Task {
    image: Image,
    expected: Arc<BTreeMap<String, Expected>>,
    /// The point of the record, and what survived there.
    point: usize,
    survives: Survives,
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("images PLAN")?;
    let plan = Plan::read(&path)?;
    let records = Record::read_all(&plan.journal)?;
    let before = plan::files(&plan.before)?;
    is_whole(&records, before.clone(), &plan::files(&plan.after)?)?;
    let cuts = cuts(&records, before.clone(), &plan)?;
    let mut counts = BTreeMap::new();
    for (_, survives) in &cuts {
        *counts.entry(word(*survives)).or_insert(0_u64) += 1;
    }
    let images = cuts.len();
    let complaints = check(&plan, &records, before, cuts)?;
    let told: Vec<&String> = complaints.iter().take(MOST).collect();
    let points = records.iter().filter(|record| is_point(record)).count();
    let acknowledged = records.iter().filter(|record| record.kind == Kind::Acknowledged).count();
    let syncs = records.iter().filter(|record| record.kind == Kind::Sync).count();
    println!(
        "{}",
        json!({
            "images": images, "bad": complaints.len(), "complaints": told, "kinds": counts,
            "points": points, "syncs": syncs, "acknowledged": acknowledged,
        })
    );
    Ok(())
}

fn word(survives: Survives) -> &'static str {
    match survives {
        Survives::Everything => "prefixes",
        Survives::Nothing => "only what was synced",
        Survives::Sectors(_) => "subsets",
        Survives::Torn(_) => "tears",
    }
}

/// The record leads from the files before to the files after: nothing was missed.
fn is_whole(records: &[Record], before: Image, after: &Image) -> Result<()> {
    let mut disk = Disk::new(before, true);
    for record in records {
        disk.apply(record)?;
    }
    let there = disk.image(Survives::Everything, &mut Random::new(0));
    let names = |image: &Image| image.keys().cloned().collect::<Vec<_>>();
    if names(&there) != names(after) {
        bail!("the record leads to {:?}, and there are {:?}", names(&there), names(after));
    }
    for (name, content) in after {
        if there[name] != *content {
            bail!("the record does not lead to the content of {name}: a call was missed");
        }
    }
    Ok(())
}

/// Whether the disk is another after a record.
fn is_point(record: &Record) -> bool {
    matches!(
        record.kind,
        Kind::Write | Kind::Truncate | Kind::Sync | Kind::SyncNames | Kind::Delete
    )
}

/// Where the power is cut, in the order of the record, and what survives there. Half are prefixes:
/// every point, or as many as are wanted. The others are where something was not synced, and right
/// after something was acknowledged.
fn cuts(records: &[Record], before: Image, plan: &Plan) -> Result<Vec<(usize, Survives)>> {
    let mut random = Random::new(plan.seed);
    let mut disk = Disk::new(before, plan.syncs);
    let (mut points, mut behind) = (Vec::new(), Vec::new());
    for (at, record) in records.iter().enumerate() {
        disk.apply(record)?;
        if is_point(record) {
            points.push(at);
        }
        if disk.is_behind() && (is_point(record) || record.kind == Kind::Acknowledged) {
            behind.push(at);
        }
        if record.kind == Kind::Acknowledged {
            points.push(at);
        }
    }
    if behind.is_empty() {
        bail!("nothing was ever waiting for a sync: the record is empty");
    }
    let mut cuts = Vec::new();
    while points.len() > plan.images / 2 {
        let drop = usize::try_from(random.below(points.len() as u64))?;
        points.swap_remove(drop);
    }
    cuts.extend(points.into_iter().map(|point| (point, Survives::Everything)));
    while cuts.len() < plan.images {
        let point = behind[usize::try_from(random.below(behind.len() as u64))?];
        let survives = match random.below(8) {
            0 => Survives::Nothing,
            1..4 => Survives::Sectors([100, 500, 900, 990][usize::try_from(random.below(4))?]),
            _ => Survives::Torn([500, 900, 990, 1000][usize::try_from(random.below(4))?]),
        };
        cuts.push((point, survives));
    }
    cuts.sort_by_key(|(point, _)| *point);
    Ok(cuts)
}

/// Makes every image and has it checked. Answers what is wrong.
fn check(
    plan: &Plan,
    records: &[Record],
    before: Image,
    cuts: Vec<(usize, Survives)>,
) -> Result<Vec<String>> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let (sender, receiver) = sync_channel::<Task>(threads);
    let receiver = Mutex::new(receiver);
    let complaints = Mutex::new(Vec::new());
    let tenants: Arc<[_]> = plan.tenants.clone().into();
    thread::scope(|scope| -> Result<()> {
        for number in 0..threads {
            let checker = Checker::new(&plan.folder, number, Arc::clone(&tenants))?;
            let (receiver, complaints) = (&receiver, &complaints);
            scope.spawn(move || {
                while let Some(task) = next(receiver) {
                    if let Err(error) = checker.check(&task.image, &task.expected) {
                        let Task { point, survives, .. } = task;
                        let sentence = format!("cut at record {point}, {survives:?}: {error:#}");
                        complaints.lock().unwrap_or_else(PoisonError::into_inner).push(sentence);
                    }
                }
            });
        }
        let mut random = Random::new(plan.seed + 1);
        let mut disk = Disk::new(before, plan.syncs);
        let mut expected = Arc::new(BTreeMap::new());
        let mut cuts = cuts.into_iter().peekable();
        for (at, record) in records.iter().enumerate() {
            disk.apply(record)?;
            note(record, Arc::make_mut(&mut expected))?;
            while let Some((point, survives)) = cuts.next_if(|(point, _)| *point == at) {
                let image = disk.image(survives, &mut random);
                let expected = Arc::clone(&expected);
                sender.send(Task { image, expected, point, survives }).context("no one checks")?;
            }
        }
        drop(sender);
        Ok(())
    })?;
    Ok(complaints.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn next(receiver: &Mutex<Receiver<Task>>) -> Option<Task> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// What must be there after a record of a request.
fn note(record: &Record, expected: &mut BTreeMap<String, Expected>) -> Result<()> {
    match record.kind {
        Kind::Begun => {
            let (key, state) = record.subject()?;
            let known = expected.entry(key).or_insert(Expected { state: None, pending: None });
            known.pending = Some(state);
        }
        Kind::Acknowledged => {
            let (key, state) = record.subject()?;
            expected.insert(key, Expected { state, pending: None });
        }
        _ => {}
    }
    Ok(())
}
