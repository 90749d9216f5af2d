//! `doorward rekey`

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use directory::{
    Installation,
    maintenance::rekey::{self, Rekeyed},
};
use doorward::config::Config;
use serde_json::json;

use super::{progress, store};
use crate::{answer::Answer, words::count};

/// Makes every key anew by the rule of this program.
pub(crate) async fn run(config: &Config, json: bool) -> Result<Answer> {
    let store = store::open_with_any_folding(config).await?;
    let rekeyed = on(&store::installation(&store), config, json).await;
    store::close(store).await?;
    rekeyed.map(|rekeyed| answer(&rekeyed))
}

async fn on(installation: &Installation, config: &Config, json: bool) -> Result<Rekeyed> {
    // A server would look under old keys meanwhile.
    let _lock = store::lock(config)?;
    let bar = progress::spinner(json);
    let mut seen = |seen| bar.set_message(format!("{seen} resources have new keys"));
    let rekeyed = rekey::run(installation, &mut seen).await;
    bar.finish_and_clear();
    rekeyed.context("the keys are not all made anew; do it again")
}

fn answer(rekeyed: &Rekeyed) -> Answer {
    let Rekeyed { before, after, resources, conflicts } = rekeyed;
    let mut text = format!(
        "{} read; the keys are those of the rule \"{after}\" (before: \"{before}\").\n",
        count(*resources, "resource")
    );
    if !conflicts.is_empty() {
        text.push_str(
            "\nBy this rule these have the name of another one. Their keys are as they were; rename \
             one of each pair, and do it again:\n",
        );
        for conflict in conflicts {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {}", conflict.replace(char::is_control, " "));
        }
    }
    let json = json!({
        "before": before,
        "after": after,
        "resources": resources,
        "conflicts": conflicts,
    });
    Answer::new(json, text).failed_if(!conflicts.is_empty())
}
