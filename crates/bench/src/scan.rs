//! What a search costs that no index helps.

use std::{
    fmt::{self, Write as _},
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::Value;

use crate::{
    crowd::Crowd,
    figures::{grouped, mark, millis, number, rounded},
    http::{Caller, Connection},
    report::Report,
    series::Series,
    site::Site,
};

/// A scan of 100,000 users may take so long.
const MOST: Duration = Duration::from_millis(300);
const MOST_USERS: usize = 100_000;
/// A search that looks at too much has to be refused before this.
const REFUSED_BEFORE: Duration = Duration::from_secs(1);

/// What is searched for: as a filter and sort of the address.
const SEARCHES: [(&str, &str); 4] = [
    ("`userName co`, no match", "filter=userName%20co%20%22zz%22"),
    ("`title co`, no match", "filter=title%20co%20%22zz%22"),
    ("`not (title pr)`, no match", "filter=not%20(title%20pr)"),
    ("sorted by `title`, 100 of all", "sortBy=title&count=100"),
];

/// How a search was answered.
#[derive(Debug, Default)]
struct Answered {
    times: Series,
    /// The status, and the error where there was one.
    outcome: String,
    /// The processor time of the server and of the database.
    processor: Duration,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    users: usize,
    loaded: f64,
    searches: Vec<(String, Answered)>,
    /// With more users than a search may look at.
    beyond: Option<(usize, Answered)>,
}

/// Measures one search after the other, each alone.
pub(crate) fn measure(site: &Site) -> Result<Measured> {
    let (users, rounds, beyond) =
        if site.quick { (20_000, 5, None) } else { (MOST_USERS, 15, Some(260_000)) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut crowd = Crowd::make(site.caller()?, 0).await?;
        let loaded = crowd.grow(users).await?;
        let mut paths: Vec<(String, String)> = SEARCHES
            .iter()
            .map(|(name, query)| ((*name).to_owned(), format!("/Users?{query}")))
            .collect();
        paths.push(("64 comparisons with `or`, no match".to_owned(), heavy()));
        let mut searches: Vec<(String, Answered)> =
            paths.iter().map(|(name, _)| (name.clone(), Answered::default())).collect();
        for _ in 0..=rounds {
            for ((_, path), (_, answered)) in paths.iter().zip(&mut searches) {
                search(site, &crowd.caller, path, answered).await?;
            }
        }
        let beyond = match beyond {
            None => None,
            Some(users) => {
                crowd.grow(users).await?;
                let mut answered = Answered::default();
                for _ in 0..5 {
                    search(site, &crowd.caller, &paths[0].1, &mut answered).await?;
                }
                Some((users, answered))
            }
        };
        Ok(Measured { users, loaded, searches, beyond })
    })
}

/// As many comparisons as a filter may have, all of them in vain.
fn heavy() -> String {
    let parts: Vec<String> = (0..64).map(|at| format!("title%20co%20%22z{at}%22")).collect();
    format!("/Users?filter={}", parts.join("%20or%20"))
}

async fn search(site: &Site, caller: &Caller, path: &str, answered: &mut Answered) -> Result<()> {
    let mut connection = Connection::new(caller.address);
    let request = caller.get(path);
    let (before, begun) = (site.usage(), Instant::now());
    let answer = connection.exchange(&request).await?;
    answered.times.push(begun.elapsed());
    let used = site.usage().since(before);
    answered.processor += used.server + used.database.unwrap_or_default();
    answered.outcome = match answer.status {
        200 => "200".to_owned(),
        status => {
            let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
            let kind = body["scimType"].as_str().unwrap_or_default();
            format!("{status} {kind}").trim().to_owned()
        }
    };
    Ok(())
}

/// The table.
pub(crate) fn report(measured: &Measured) -> Report {
    let mut text = String::new();
    write(measured, &mut text).expect("writing to a text cannot fail");
    Report { text, drawing: None }
}

fn write(measured: &Measured, out: &mut String) -> fmt::Result {
    let Measured { users, loaded, searches, beyond } = measured;
    writeln!(out, "| | users | median | longest | processor | each user | answer | |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|---|---|")?;
    // A smaller store is measured against its share.
    let most = MOST.mul_f64((number(*users) / number(MOST_USERS)).min(1.0));
    for (name, answered) in searches {
        let is_served = answered.outcome == "200";
        let most = if is_served { most } else { REFUSED_BEFORE };
        let verdict = mark(answered.times.median() <= most);
        row(out, name, *users, answered, verdict)?;
    }
    if let Some((users, answered)) = beyond {
        let is_met =
            answered.outcome.contains("tooMany") && answered.times.longest() < REFUSED_BEFORE;
        row(out, "`userName co`, no match", *users, answered, mark(is_met))?;
    }
    writeln!(
        out,
        "\nMilliseconds; of each user microseconds. One search at a time. Wanted: {} ms for {} \
         users, and where a search would look at too much, `tooMany` before {} ms. The users came \
         in bulk requests, {} in a second.",
        millis(most),
        grouped(*users),
        REFUSED_BEFORE.as_millis(),
        rounded(*loaded)
    )
}

fn row(
    out: &mut String,
    name: &str,
    users: usize,
    answered: &Answered,
    verdict: &str,
) -> fmt::Result {
    let Answered { times, outcome, processor } = answered;
    let median = times.median();
    let processor = processor.div_f64(number(times.len().max(1)));
    writeln!(
        out,
        "| {name} | {} | {} | {} | {} | {:.2} | {outcome} | {verdict} |",
        grouped(users),
        millis(median),
        millis(times.longest()),
        millis(processor),
        median.as_secs_f64() * 1e6 / number(users)
    )
}
