//! How much memory the server takes, and whether it gives it back.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    crowd::Crowd,
    fair::noise::{self, Instruments, Tally},
    figures::{grouped, megabytes},
    process::Memory,
    report::Report,
    site::Site,
};

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    users: usize,
    members: usize,
    begun: Memory,
    loaded: Memory,
    burst: Memory,
    took: Duration,
    answers: Tally,
    later: Memory,
    wait: Duration,
}

/// Looks before users come, after, during a burst of large groups, and some time after it.
pub(crate) fn measure(site: &Site) -> Result<Measured> {
    let (users, members, wait) = if site.quick {
        (2_000, 100_000, Duration::from_secs(10))
    } else {
        (20_000, 1_000_000, Duration::from_mins(1))
    };
    let server = site.server();
    let begun = server.memory()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let instruments = runtime.block_on(async {
        let crowd = Crowd::make(site.caller()?, users).await?;
        Instruments::new(crowd, members).await.map(Arc::new)
    })?;
    let loaded = server.memory()?;
    server.forget_peak();
    let start = Instant::now();
    let answers = runtime.block_on(noise::burst(&instruments))?;
    let took = start.elapsed();
    let burst = server.memory()?;
    thread::sleep(wait);
    let later = server.memory()?;
    Ok(Measured { users, members, begun, loaded, burst, took, answers, later, wait })
}

/// The table.
pub(crate) fn report(measured: &Measured) -> Report {
    let mut text = String::new();
    write(measured, &mut text).expect("writing to a text cannot fail");
    Report { text, drawing: None }
}

fn write(measured: &Measured, out: &mut String) -> fmt::Result {
    let Measured { users, members, begun, loaded, burst, took, answers, later, wait } = measured;
    writeln!(
        out,
        "| just started | {} users loaded | at most in the burst | at its end | {} s later |\n\
         |--:|--:|--:|--:|--:|\n| {} | {} | {} | {} | {} |\n",
        grouped(*users),
        wait.as_secs(),
        megabytes(begun.resident),
        megabytes(loaded.resident),
        megabytes(burst.peak),
        megabytes(burst.resident),
        megabytes(later.resident)
    )?;
    writeln!(
        out,
        "Resident megabytes of the server. The burst: 4 groups at once are put with bodies that name \
         {} members, everybody several times; it took {:.1} s and was answered {answers}.",
        grouped(*members),
        took.as_secs_f64()
    )
}
