//! `/console/audit`: who did what to credentials, roles, settings and sign-ins.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    AuditNo, Error, Reader, ResourceId,
    audit::{self, AuditEntry},
    connection,
    oauth::client,
    user,
};
use serde_json::Value as Json;

use super::{Frame, Section, Visitor, icon::Icon, people::name_of, time::Moment, words};
use crate::{error::HttpError, page::Page};

const ROWS: i64 = 50;

/// A row.
#[derive(Debug)]
struct Row {
    no: i64,
    at: Moment,
    who: String,
    what: String,
    exactly: String,
}

#[derive(Debug, Template)]
#[template(path = "console/audit.html")]
struct Audit {
    frame: Frame,
    rows: Vec<Row>,
    newest: i64,
    newer: Option<String>,
    older: Option<String>,
}

/// `GET /console/audit`
pub(super) async fn list(visitor: Visitor) -> Result<Response, HttpError> {
    let until = visitor.query("until").and_then(|text| text.parse::<i64>().ok());
    let (entries, newest, names) = visitor
        .read(move |reader| {
            let newest = i64::from(audit::newest(reader)?);
            let until = until.unwrap_or(newest).clamp(0, newest);
            let after = (until - ROWS).max(0);
            let limit = u32::try_from(until - after).unwrap_or(0);
            let entries = audit::after(reader, AuditNo::from(after), limit)?;
            let names = Names::read(reader, &entries)?;
            Ok((entries, newest, names))
        })
        .await?;
    let row = |entry: &AuditEntry| Row {
        no: entry.no.into(),
        at: Moment(entry.at),
        who: names.of(&entry.principal),
        what: what(entry.described().about),
        exactly: names.exactly(entry),
    };
    let last = entries.last().map_or(newest, |entry| entry.no.into());
    let first = entries.first().map_or(0, |entry| i64::from(entry.no));
    let at = |until: i64| format!("/console/audit?until={until}");
    let page = Audit {
        frame: Frame::new(&visitor, "Audit log", Section::Audit)
            .below("/console/settings", "Company settings"),
        rows: entries.iter().rev().map(row).collect(),
        newest,
        newer: (last < newest).then(|| at((last + ROWS).min(newest))),
        older: (first > 1).then(|| at(first - 1)),
    };
    Ok(Page::ok(page).into_response())
}

/// The sentence of a kind, without its full stop.
fn what(about: &str) -> String {
    about.trim().trim_end_matches('.').to_owned()
}

/// Those whom entries name by an id.
#[derive(Debug, Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn read(reader: &mut Reader<'_>, entries: &[AuditEntry]) -> Result<Self, Error> {
        let mut names = HashMap::new();
        for connection in connection::list(reader)? {
            names.insert(connection.id.to_string(), words::name_of(&connection));
        }
        if entries.iter().any(|entry| entry.principal.starts_with("client:")) {
            for client in client::list(reader)? {
                names.insert(client.id().to_string(), client.name);
            }
        }
        for entry in entries {
            let by = entry.principal.strip_prefix("user:");
            for id in by.into_iter().chain([entry.target.as_str()]) {
                let Some(known) = ResourceId::parse(id).filter(|_| !names.contains_key(id)) else {
                    continue;
                };
                match user::get(reader, known) {
                    Ok(user) => drop(names.insert(id.to_owned(), name_of(&user))),
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(Self(names))
    }

    /// Who acted, as people say it.
    fn of(&self, principal: &str) -> String {
        let known = |id: &str| self.0.get(id).cloned();
        match principal.split_once(':') {
            None if principal == "operator" => "Operator".to_owned(),
            None => "Doorward".to_owned(),
            Some(("user", id)) => known(id).unwrap_or_else(|| "A user who was deleted".to_owned()),
            Some(("connection", id)) => known(id).unwrap_or_else(|| "A connection".to_owned()),
            Some(("client", id)) => known(id).unwrap_or_else(|| principal.to_owned()),
            Some(("sign-in", id)) => known(id)
                .map_or_else(|| "A sign-in".to_owned(), |name| format!("Sign-in by {name}")),
            Some(("setup-link", _)) => "Bearer of a set-up link".to_owned(),
            Some(_) => principal.to_owned(),
        }
    }

    /// What exactly was done, and to what.
    fn exactly(&self, entry: &AuditEntry) -> String {
        let named = |text: &str| self.0.get(text).cloned().unwrap_or_else(|| text.to_owned());
        let mut parts = vec![named(&entry.target)];
        let body: Json = serde_json::from_str(entry.json()).unwrap_or_default();
        for (name, value) in body.as_object().into_iter().flatten() {
            match value {
                Json::Null => {}
                Json::String(text) if *text == entry.target => {}
                Json::String(text) => {
                    parts.push(format!("{}: {}", name.replace('_', " "), named(text)));
                }
                value => parts.push(format!("{}: {value}", name.replace('_', " "))),
            }
        }
        parts.join(", ")
    }
}
