//! `.../{connection}/setup`: the guided path. A step is done when its request has arrived.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, Group, Noun, Reader, ResourceId, Time,
    connection::{self, Connection, State},
    pushed, role, setup_link,
    sync_log::{self, Entry},
    token::{self, Token},
};

use super::{At, base_url, credentials, frame};
use crate::{
    console::{
        Frame, Posted, Visitor,
        icon::{Icon, Tag, Tone},
        live::Watched,
        log::{self, Sentence, Told},
        message::Message,
        posted::{done, see_other},
        time::{Moment, clock},
        trouble,
        words::{self, Words},
    },
    error::HttpError,
    page::Page,
};

/// So much of what arrived is shown beside the steps.
const ARRIVED: u32 = 8;
/// The first requests of a connection are looked for the steps among so many.
const PIECE: u32 = 500;
const PIECES: usize = 10;
/// After so long without a request, where one is waited for, the page says what to look at.
const QUIET: std::time::Duration = std::time::Duration::from_mins(3);

/// When something arrived for the first time.
#[derive(Clone, Copy, Debug, Default)]
struct Firsts {
    call: Option<Time>,
    user: Option<Time>,
    group: Option<Time>,
}

impl Firsts {
    fn read(reader: &mut Reader<'_>, connection: &Connection) -> Result<Self, Error> {
        let mut firsts = Self::default();
        let mut last = None;
        for _ in 0..PIECES {
            let piece = sync_log::after(reader, connection, last, PIECE)?;
            for entry in &piece {
                firsts.note(entry);
            }
            last = piece.last().map(Entry::key);
            let is_over = piece.len() < PIECE as usize;
            if is_over || (firsts.user.is_some() && firsts.group.is_some()) {
                break;
            }
        }
        Ok(firsts)
    }

    fn note(&mut self, Entry { served, .. }: &Entry) {
        if served.status >= 400 {
            return;
        }
        let at = Some(served.at);
        self.call = self.call.or(at);
        let changes = served.method != "GET" && !served.path.ends_with("/.search");
        if changes && served.path.starts_with("/Users") {
            self.user = self.user.or(at);
        }
        if changes && served.path.starts_with("/Groups") {
            self.group = self.group.or(at);
        }
    }
}

/// One step.
#[derive(Clone, Debug)]
struct Step {
    key: &'static str,
    title: String,
    tag: Tag,
    is_done: bool,
    /// The first that is not done.
    is_current: bool,
}

impl Step {
    fn state(&self) -> &'static str {
        match (self.is_done, self.is_current) {
            (true, _) => "done",
            (false, true) => "current",
            (false, false) => "open",
        }
    }
}

/// A line of what arrived.
#[derive(Debug)]
struct Arrival {
    at: Moment,
    address: String,
    sentence: Sentence,
}

#[derive(Debug, Template)]
#[template(path = "console/guided.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the page asks")]
struct Guided {
    frame: Frame,
    words: &'static Words,
    steps: Vec<Step>,
    done: usize,
    /// What a screen reader is told: the last step that was done.
    said: String,
    base_url: Option<String>,
    revealed: Option<credentials::Revealed>,
    ending: Option<String>,
    arrived: Vec<Arrival>,
    /// What is wrong with the calls that came.
    troubles: Vec<trouble::Told>,
    groups: Vec<(String, String, i64)>,
    may_change: bool,
    may_hand_over: bool,
    is_fresh: bool,
    sign_in: Option<String>,
    has_administrators: bool,
    is_live: bool,
    is_quiet: bool,
    address: String,
}

/// Everything that the page tells of.
#[derive(Debug)]
struct Facts {
    connection: Connection,
    tokens: Vec<Token>,
    firsts: Firsts,
    has_administrators: bool,
    groups: Vec<Group>,
    newest: Vec<(Told, Sentence)>,
    troubles: Vec<trouble::Told>,
}

/// `GET .../{connection}/setup`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: At,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at, None).await }).await
}

async fn page(
    visitor: &Visitor,
    at: At,
    revealed: Option<credentials::Revealed>,
) -> Result<Guided, HttpError> {
    let now = visitor.store().clock().now();
    let public_url = visitor.app().public_url().to_owned();
    let facts = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let newest = log::newest(reader, &found, ARRIVED)?;
            let served = newest.iter().map(|(told, _)| &told.entry.served);
            let served = served.filter(|served| served.status < 400).map(|served| served.at).max();
            let url = super::base_url_at(&public_url, &found);
            Ok(Facts {
                troubles: trouble::open(reader, &found, url.as_deref(), (served, now))?,
                newest,
                tokens: token::list(reader, at.0)?,
                firsts: Firsts::read(reader, &found)?,
                has_administrators: role::has_administrators(reader)?,
                groups: pushed::groups(reader, &found)?,
                connection: found,
            })
        })
        .await?;
    let words = words::of(&facts.connection);
    let (steps, said) = steps(&facts, words, now);
    let done = steps.iter().filter(|step| step.is_done).count();
    let title = format!("Connect {}", words.provider);
    let mut frame = frame(visitor, &facts.connection, title, "/setup");
    frame.source = revealed.is_some().then(|| at.page("/setup"));
    frame.progress = (done < steps.len()).then(|| format!("{done} of {}", steps.len()));
    let live = facts.tokens.iter().filter(|token| token.is_live(now)).max_by_key(|token| token.no);
    let heard = facts.newest.first().map(|(told, _)| told.entry.served.at);
    let waits_since = heard.max(live.map(|token| token.created));
    let arrival = |(told, sentence): (Told, Sentence)| Arrival {
        at: Moment(told.entry.served.at),
        address: at.page(&format!("/log/{}", told.entry.key())),
        sentence,
    };
    Ok(Guided {
        frame,
        words,
        done,
        said,
        base_url: base_url(visitor, &facts.connection),
        revealed,
        ending: live.map(|token| token.ending.clone()),
        groups: facts
            .groups
            .iter()
            .map(|group| (group.id.to_string(), group.name().to_owned(), group.member_count()))
            .collect(),
        may_change: credentials::may_change(visitor),
        may_hand_over: visitor.is_superadmin(),
        is_fresh: visitor.is_fresh(),
        sign_in: credentials::sign_in_again(visitor, &at.page("/setup")),
        has_administrators: facts.has_administrators,
        is_live: facts.connection.state == State::Active,
        is_quiet: done < steps.len() && waits_since.is_some_and(|since| since.plus(QUIET) < now),
        arrived: facts.newest.into_iter().map(arrival).collect(),
        troubles: facts.troubles,
        steps,
        address: at.page("/setup"),
    })
}

/// The steps, and what was done last.
fn steps(facts: &Facts, words: &Words, now: Time) -> (Vec<Step>, String) {
    let Firsts { call, user, group } = facts.firsts;
    let token = facts.tokens.iter().filter(|token| token.is_live(now)).map(|token| token.created);
    let token = token.min();
    let is_live = facts.connection.state == State::Active;
    let was = |is_done: bool| is_done.then_some(None);
    let titles: [(&str, String, Option<Option<Time>>); 8] = [
        ("enable", "Enable provisioning".to_owned(), token.map(Some)),
        ("copy", "Copy two values".to_owned(), call.map(Some)),
        ("test", words.test.to_owned(), call.map(Some)),
        ("switches", words.switches.0.to_owned(), user.map(Some)),
        ("user", "First user".to_owned(), user.map(Some)),
        ("group", "First group".to_owned(), group.map(Some)),
        ("administrators", "Administrators".to_owned(), was(facts.has_administrators)),
        ("live", "Go live".to_owned(), was(is_live)),
    ];
    let current = titles.iter().position(|(.., done)| done.is_none());
    let mut said = String::new();
    let mut steps = Vec::new();
    for (number, (key, title, done)) in titles.into_iter().enumerate() {
        let is_current = current == Some(number);
        let waits = is_current && !matches!(key, "enable" | "administrators" | "live");
        let tag = match (done, is_current) {
            (Some(_), _) => Tag(Tone::Done, "Done"),
            (None, true) if waits && !facts.troubles.is_empty() => {
                Tag(Tone::Attention, "Needs attention")
            }
            (None, true) if waits => Tag(Tone::Waiting, "Waiting"),
            (None, true) => Tag(Tone::Attention, "Your turn"),
            (None, false) => Tag(Tone::Off, "Not started"),
        };
        if let Some(at) = done {
            let time = at.map(|at| format!(", {} UTC", clock(at))).unwrap_or_default();
            said = format!("Step {} done: {title}{time}", number + 1);
        }
        steps.push(Step { key, title, tag, is_done: done.is_some(), is_current });
    }
    (steps, said)
}

/// `POST .../{connection}/setup/enable`: makes the token, and shows it once.
pub(in crate::console) async fn enable(posted: Posted, at: At) -> Result<Response, HttpError> {
    match credentials::make(&posted, at).await? {
        None => Ok(see_other(&at.page("/setup"))),
        Some(revealed) => {
            Ok(Page::ok(page(&posted.visitor, at, Some(revealed)).await?).into_response())
        }
    }
}

/// `POST .../{connection}/setup/administrators`
pub(in crate::console) async fn administrators(
    posted: Posted,
    at: At,
) -> Result<Response, HttpError> {
    let group = ResourceId::parse(posted.text("group"));
    let group = group.ok_or_else(|| Error::not_found(Noun::Group))?;
    let name =
        move |writer: &mut directory::Writer<'_>| role::name_administrators(writer, at.0, group);
    posted.visitor.write(name).await?;
    Ok(done(&at.page("/setup"), Message::Administrators))
}

/// `POST .../{connection}/setup/live`
pub(in crate::console) async fn go_live(posted: Posted, at: At) -> Result<Response, HttpError> {
    posted.visitor.write(move |writer| connection::activate(writer, at.0)).await?;
    Ok(done(&at.page(""), Message::Live))
}

/// A set-up link that was just made.
#[derive(Debug, Template)]
#[template(path = "console/handed-over.html")]
struct HandedOver {
    frame: Frame,
    address: String,
    expires: Moment,
    back: String,
}

/// `POST .../{connection}/setup/hand-over`: a link for the colleague who has the account there.
pub(in crate::console) async fn hand_over(posted: Posted, at: At) -> Result<Response, HttpError> {
    let visitor = &posted.visitor;
    let person = visitor.person().ok_or_else(HttpError::internal)?;
    let sender = person.user.display_name().unwrap_or_else(|| person.user.name().to_owned());
    let (connection, issued) = visitor
        .write(move |writer| {
            let found = connection::get(writer, at.0)?;
            let issued = setup_link::create(writer, Some(at.0), &sender, setup_link::LIFETIME)?;
            Ok((found, issued))
        })
        .await?;
    let page = HandedOver {
        frame: frame(visitor, &connection, "Set-up link", "/setup"),
        address: format!("{}/setup/{}", visitor.app().public_url(), issued.handle.reveal()),
        expires: Moment(issued.link.expires),
        back: at.page("/setup"),
    };
    Ok(Page::ok(page).into_response())
}
