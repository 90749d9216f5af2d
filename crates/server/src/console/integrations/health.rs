//! `.../{connection}`: does it work.

use askama::Template;
use axum::response::Response;
use directory::{
    Error, Reader, Time,
    connection::{self, Connection, State},
    saml::certificate::{self, Certificate},
    sync_log::{self, Hour},
    token,
};

use super::{At, base_url, frame, last_contact, state};
use crate::{
    console::{
        Frame, Visitor,
        icon::{Icon, Tag},
        live::Watched,
        log::{self, Act, Sentence, Told},
        rooms::Role,
        sso,
        time::{Moment, span},
        words::{self, Words},
    },
    error::HttpError,
};

/// So many of the newest requests tell how often a provider calls, and what it does.
const LOOKED_AT: u32 = 300;
/// Requests with less between them are of one push.
const PUSH: std::time::Duration = std::time::Duration::from_mins(5);
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// One bar of the curve: an hour.
#[derive(Debug)]
struct Bar {
    x: usize,
    hour: String,
    served: i64,
    failed: i64,
    /// In hundredths of the largest hour.
    height: i64,
    failed_height: i64,
}

impl Bar {
    fn top(&self) -> i64 {
        100 - self.height
    }

    fn failed_top(&self) -> i64 {
        100 - self.failed_height
    }
}

#[derive(Debug, Template)]
#[template(path = "console/health.html")]
struct Health {
    frame: Frame,
    words: &'static Words,
    state: Tag,
    is_disabled: bool,
    is_setup: bool,
    may_change: bool,
    name: String,
    base_url: Option<String>,
    contact: Option<Moment>,
    silence: Option<String>,
    keys: Vec<String>,
    totals: [i64; 4],
    bars: Vec<Bar>,
    tokens: usize,
    seen: Vec<(&'static str, bool)>,
    newest: Vec<(Moment, Sentence, String)>,
    address: String,
}

#[derive(Debug)]
struct Facts {
    connection: Connection,
    contact: Option<Time>,
    hours: Vec<Hour>,
    live: usize,
    certificates: Vec<Certificate>,
    newest: Vec<(Told, Sentence)>,
}

/// `GET .../{connection}`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: At,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: At) -> Result<Health, HttpError> {
    let now = visitor.store().clock().now();
    let facts = visitor.read_long(move |reader| read(reader, at, now)).await?;
    let connection = &facts.connection;
    let words = words::of(connection);
    let name = words::name_of(connection);
    let line = |(told, sentence): &(Told, Sentence)| {
        let address = at.page(&format!("/log/{}", told.entry.key()));
        (Moment(told.entry.served.at), sentence.clone(), address)
    };
    let has = |act: Act| facts.newest.iter().any(|(_, sentence)| sentence.act == act);
    let sum = |of: fn(&Hour) -> i64| facts.hours.iter().map(of).sum::<i64>();
    Ok(Health {
        frame: frame(visitor, connection, name.clone(), ""),
        words,
        state: state(connection),
        is_disabled: connection.state == State::Disabled,
        is_setup: connection.state == State::Setup,
        may_change: matches!(visitor.role(), Role::Superadmin | Role::Link),
        name: connection.name.clone().unwrap_or_default(),
        base_url: base_url(visitor, connection),
        contact: facts.contact.map(Moment),
        silence: silence(&facts, now),
        keys: sso::due(&facts.certificates, words.provider, now),
        totals: [
            sum(|hour| hour.done),
            sum(|hour| hour.corrected),
            sum(|hour| hour.refused),
            sum(|hour| hour.failed),
        ],
        bars: bars(&facts.hours, now),
        tokens: facts.live,
        seen: vec![
            ("Create", has(Act::Create)),
            ("Update", has(Act::Update)),
            ("Deactivate", has(Act::Deactivate)),
            ("Reactivate", has(Act::Reactivate)),
            ("Groups", has(Act::Group)),
            ("Import", has(Act::Import)),
        ],
        newest: facts.newest.iter().take(6).map(line).collect(),
        address: at.page(""),
    })
}

fn read(reader: &mut Reader<'_>, at: At, now: Time) -> Result<Facts, Error> {
    let found = connection::get(reader, at.0)?;
    Ok(Facts {
        contact: last_contact(reader, &found)?,
        hours: sync_log::by_hour(reader, &found, now.minus(DAY))?,
        live: token::list(reader, at.0)?.iter().filter(|token| token.is_live(now)).count(),
        certificates: certificate::list(reader, at.0)?,
        newest: log::newest(reader, &found, LOOKED_AT)?,
        connection: found,
    })
}

/// How long the provider has been silent, where that is unusual.
fn silence(facts: &Facts, now: Time) -> Option<String> {
    let since = facts.contact?;
    let silent = between(since, now);
    let times: Vec<Time> = facts.newest.iter().map(|(told, _)| told.entry.served.at).collect();
    let mut gaps: Vec<_> = times.windows(2).map(|pair| between(pair[1], pair[0])).collect();
    gaps.retain(|gap| *gap > PUSH);
    gaps.sort_unstable();
    let usual = *gaps.get(gaps.len() / 2)?;
    let is_long =
        gaps.len() >= 3 && silent > 3 * usual && silent > std::time::Duration::from_hours(1);
    is_long.then(|| format!("Silent for {}; usual gap {}.", span(silent), span(usual)))
}

fn between(from: Time, to: Time) -> std::time::Duration {
    let micros = u64::try_from(to.as_micros() - from.as_micros()).unwrap_or(0);
    std::time::Duration::from_micros(micros)
}

/// A bar for each of the last 24 hours.
fn bars(hours: &[Hour], now: Time) -> Vec<Bar> {
    const HOUR: i64 = 3_600_000_000;
    let this = now.as_micros() / HOUR;
    let most = hours.iter().map(Hour::all).max().unwrap_or(0).max(1);
    let bar = |back: i64| {
        let number = this - 23 + back;
        let found = hours.iter().find(|hour| hour.begins.as_micros() / HOUR == number);
        let (served, failed) =
            found.map_or((0, 0), |hour| (hour.all(), hour.refused + hour.failed));
        Bar {
            x: usize::try_from(back).unwrap_or(0) * 10,
            hour: Time::from_micros(number * HOUR).timestamp().strftime("%H:00").to_string(),
            served,
            failed,
            height: served * 100 / most,
            failed_height: failed * 100 / most,
        }
    };
    (0..24).map(bar).collect()
}
