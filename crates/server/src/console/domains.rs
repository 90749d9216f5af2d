//! `/console/domains`: the domains of e-mail addresses that are the organization's own.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse as _, Response},
};
use directory::{
    Error, Noun,
    domain::{self, Domain, DomainName, Proof},
};
use http::{StatusCode, request::Parts};

use super::{
    Frame, Posted, Section, Visitor,
    icon::{Icon, Tag, Tone},
    integrations::Sure,
    message::Message,
    posted::done,
    time::Moment,
};
use crate::{App, error::HttpError, page::Page};

const HERE: &str = "/console/domains";

/// The domain in an address.
#[derive(Clone, Debug)]
pub(super) struct Which(DomainName);

impl FromRequestParts<App> for Which {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let path = Path::<String>::from_request_parts(parts, app).await.ok();
        let name = path.and_then(|Path(name)| DomainName::parse(&name).ok());
        name.map(Self).ok_or_else(|| Error::not_found(Noun::Domain).into())
    }
}

impl Which {
    fn page(&self, below: &str) -> String {
        format!("{HERE}/{}{below}", self.0)
    }
}

/// A domain, as the page shows it.
#[derive(Debug)]
struct Row {
    name: String,
    address: String,
    state: Tag,
    /// Since when, and who says so.
    since: Option<(Moment, &'static str)>,
    /// The record that proves it, as long as it is not verified.
    record: Option<(String, String)>,
}

impl Row {
    fn of(domain: &Domain) -> Self {
        let is_verified = domain.verified.is_some();
        let by = |proof| match proof {
            Proof::Dns => "by its DNS",
            Proof::Operator => "by the operator",
        };
        Self {
            name: domain.name.to_string(),
            address: Which(domain.name.clone()).page(""),
            state: if is_verified {
                Tag(Tone::Done, "Verified")
            } else {
                Tag(Tone::Waiting, "Not verified yet")
            },
            since: domain.verified.map(|(time, proof)| (Moment(time), by(proof))),
            record: (!is_verified).then(|| (domain.record_name(), domain.record_value())),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "console/domains.html")]
struct Domains {
    frame: Frame,
    rows: Vec<Row>,
    may_change: bool,
    /// Why what was asked for was not done.
    problem: Option<String>,
    /// What was typed.
    typed: String,
}

/// `GET /console/domains`
pub(super) async fn list(visitor: Visitor) -> Result<Response, HttpError> {
    Ok(Page::ok(page(&visitor, None, "").await?).into_response())
}

async fn page(
    visitor: &Visitor,
    problem: Option<String>,
    typed: &str,
) -> Result<Domains, HttpError> {
    let domains = visitor.read(domain::list).await?;
    let mut frame = Frame::new(visitor, "Domains", Section::Domains)
        .below("/console/settings", "Company settings");
    frame.is_error = problem.is_some();
    Ok(Domains {
        frame,
        rows: domains.iter().map(Row::of).collect(),
        may_change: visitor.is_superadmin(),
        problem,
        typed: typed.to_owned(),
    })
}

/// The page once more, with why nothing was done. What is not for people to mend stays an error.
async fn again(visitor: &Visitor, error: HttpError, typed: &str) -> Result<Response, HttpError> {
    if !matches!(error.status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT) {
        return Err(error);
    }
    let page = page(visitor, Some(error.detail), typed).await?;
    Ok(Page::with_status(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// `POST /console/domains`: another domain.
pub(super) async fn add(posted: Posted) -> Result<Response, HttpError> {
    let typed = posted.text("domain").to_owned();
    let added = match DomainName::parse(&typed) {
        Ok(name) => posted.visitor.write(move |writer| domain::add(writer, &name)).await,
        Err(error) => Err(error.into()),
    };
    match added {
        Ok(_) => Ok(done(HERE, Message::Added)),
        Err(error) => again(&posted.visitor, error, &typed).await,
    }
}

/// `POST .../verify`: asks DNS now.
pub(super) async fn verify(posted: Posted, at: Which) -> Result<Response, HttpError> {
    match look(&posted.visitor, &at.0).await {
        Ok(()) => Ok(done(HERE, Message::Verified)),
        Err(error) => again(&posted.visitor, error, "").await,
    }
}

async fn look(visitor: &Visitor, name: &DomainName) -> Result<(), HttpError> {
    let (app, wanted) = (visitor.app(), name.clone());
    let domain = visitor.read(move |reader| domain::get(reader, &wanted)).await?;
    let record = domain.record_name();
    let texts = app.resolver().texts(app.random(), &record).await.map_err(|error| {
        let detail =
            format!("{record} could not be looked up now. Press Check now again in a minute.");
        HttpError::new(StatusCode::CONFLICT, "dns_failed", detail).caused_by(&error)
    })?;
    domain::verify(visitor.store(), visitor.access(), name, &texts).await?;
    Ok(())
}

/// `GET .../remove`
pub(super) async fn removing(visitor: Visitor, at: Which) -> Result<Response, HttpError> {
    let wanted = at.0.clone();
    let domain = visitor.read(move |reader| domain::get(reader, &wanted)).await?;
    let page = Sure {
        frame: Frame::new(&visitor, format!("Remove {}?", domain.name), Section::Domains)
            .below("/console/settings", "Company settings")
            .below(HERE, "Domains"),
        text: "Its e-mail addresses lead to no sign-in any more, and count as not verified. People stay, \
               and another organization may verify the domain then."
            .to_owned(),
        act: at.page("/remove"),
        fields: Vec::new(),
        button: "Remove",
        back: HERE.to_owned(),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../remove`
pub(super) async fn remove(posted: Posted, at: Which) -> Result<Response, HttpError> {
    domain::remove(posted.visitor.store(), posted.visitor.access(), &at.0).await?;
    Ok(done(HERE, Message::Removed))
}
