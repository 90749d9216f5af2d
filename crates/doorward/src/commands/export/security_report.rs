//! `doorward export security-report`: what a reviewer asks of an organization, in one answer.

use std::collections::HashMap;

use anyhow::Result;
use directory::{
    Error, EventNo, Installation, Reader, RequestId, ResourceNo, Time, api_key, audit, break_glass,
    connection::{self, Connection},
    domain,
    event::{self, Event, EventKind},
    role::{self, RoleName},
    saml::{self, State, certificate},
    sync_log, token,
    webhook::Webhooks,
};
use serde_json::{Value as Json, json};

use super::super::organization::find;
use crate::{
    answer::Answer,
    table::{self, number, to_the_second, whole, wrapped},
    words::count,
};

/// So many of the last departures are told.
const DEPARTURES: usize = 20;
/// So many events, and requests of each connection, are looked through for them.
const LOOKED_THROUGH: u32 = 10_000;

pub(super) async fn run(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let (store, now) = (installation.store(), installation.store().clock().now());
    let newest = organization.last_event;
    let read = store.read_long(&access, move |reader| Read::of(reader, now, newest)).await?;
    let webhooks = Webhooks::of_organization(store, &access).list().await?;
    let webhooks: Vec<Json> = webhooks
        .iter()
        .map(|webhook| {
            let paused = webhook.paused.as_ref().map(|paused| paused.since.to_string());
            json!({ "url": webhook.url, "created": webhook.created.to_string(), "paused": paused })
        })
        .collect();
    let text = read.told(&organization.name, webhooks.len());
    let json = json!({
        "organization": slug,
        "time": now.to_string(),
        "users": organization.users,
        "administrators": read.administrators,
        "connections": read.connections,
        "api_keys": read.keys,
        "webhooks": webhooks,
        "domains": read.domains,
        "break_glass": read.break_glass,
        "departures": read.departures,
        "last_signed_head": read.head,
    });
    Ok(Answer::new(json, text))
}

/// What was read of the organization, each as programs are shown it.
struct Read {
    administrators: Vec<Json>,
    connections: Vec<Json>,
    keys: Vec<Json>,
    domains: Vec<Json>,
    break_glass: Vec<Json>,
    departures: Vec<Json>,
    head: Option<String>,
}

fn shown(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn days(since: Time, now: Time) -> i64 {
    (now.as_micros() - since.as_micros()) / 86_400_000_000
}

impl Read {
    fn of(reader: &mut Reader<'_>, now: Time, newest: EventNo) -> Result<Self, Error> {
        let connections = connection::list(reader)?;
        let departures = departures(reader, &connections, newest)?;
        let administrators = administrators(reader)?;
        let connections: Result<Vec<Json>, Error> =
            connections.iter().map(|one| described(reader, one, now)).collect();
        let keys = api_key::list(reader)?.into_iter().filter(|key| key.is_live(now)).map(|key| {
            json!({
                "number": key.no,
                "name": key.name,
                "scope": key.scope.as_str(),
                "age_days": days(key.created, now),
                "expires": shown(key.expires),
                "last_used": shown(key.last_used),
            })
        });
        let domains = domain::list(reader)?.into_iter().map(|domain| {
            let verified = domain.verified.map(|(at, _)| at.to_string());
            json!({ "name": domain.name.as_str(), "verified": verified })
        });
        let accounts = break_glass::list(reader)?.into_iter().map(|(account, user)| {
            json!({
                "email": account.email,
                "user": user.name(),
                "enrolled": shown(account.enrolled),
                "last_used": shown(account.last_used),
            })
        });
        let head = audit::last_signed(reader)?;
        Ok(Self {
            administrators,
            connections: connections?,
            keys: keys.collect(),
            domains: domains.collect(),
            break_glass: accounts.collect(),
            departures,
            head: shown(head),
        })
    }

    fn told(&self, name: &str, webhooks: usize) -> String {
        let text = |of: &Json| of.as_str().unwrap_or("-").to_owned();
        let date = |of: &Json| of.as_str().map_or_else(|| "-".to_owned(), to_the_second);
        let list = |of: &Json| of.as_array().map_or(0, Vec::len);
        let connections = table::columns(
            [
                whole("connection"),
                whole("state"),
                whole("sign-in"),
                number("tokens"),
                number("oldest, days"),
                whole("certificate ends"),
            ],
            self.connections.iter().map(|one| {
                let ages = one["tokens"].as_array().into_iter().flatten();
                let oldest = ages.filter_map(|token| token["age_days"].as_i64()).max();
                let ends = one["certificates"].as_array().into_iter().flatten();
                let first = ends.filter_map(|one| one["not_after"].as_str()).min();
                [
                    text(&one["id"]),
                    text(&one["state"]),
                    text(&one["sign_in"]),
                    list(&one["tokens"]).to_string(),
                    oldest.map_or_else(|| "-".to_owned(), |days| days.to_string()),
                    first.map_or_else(|| "-".to_owned(), to_the_second),
                ]
            }),
        );
        let accounts = table::columns(
            [whole("break-glass"), whole("enrolled"), whole("last used")],
            self.break_glass
                .iter()
                .map(|one| [text(&one["email"]), date(&one["enrolled"]), date(&one["last_used"])]),
        );
        let departures = table::columns(
            [whole("left"), whole("when"), whole("what"), number("ms"), wrapped("by")],
            self.departures.iter().map(|one| {
                let delay = one["delay_ms"].as_i64();
                [
                    text(&one["user"]),
                    date(&one["time"]),
                    text(&one["kind"]),
                    delay.map_or_else(|| "-".to_owned(), |delay| delay.to_string()),
                    text(&one["by"]),
                ]
            }),
        );
        let verified = self.domains.iter().filter(|one| !one["verified"].is_null()).count();
        format!(
            "{name}: {}, {}, {}, {} of {}.\n\n{connections}\n{accounts}\n{departures}\n\
             Who had access when: `doorward history snapshot` and `doorward history user`.\n",
            count(self.administrators.len() as u64, "administrator"),
            count(self.keys.len() as u64, "live API key"),
            count(webhooks as u64, "webhook"),
            verified,
            count(self.domains.len() as u64, "domain") + " verified",
        )
    }
}

/// Users to whom an administrator's role was given themselves, and groups whose members have one.
fn administrators(reader: &mut Reader<'_>) -> Result<Vec<Json>, Error> {
    let mut found = Vec::new();
    for name in ["superadmin", "admin"] {
        let role = RoleName::parse(name)?;
        for user in role::assigned(reader, &role, ResourceNo::START, 1_000)? {
            found.push(json!({ "role": name, "user": user.name(), "active": user.is_active() }));
        }
    }
    for mapped in role::mapped(reader)? {
        let name = mapped.role.name.as_str();
        if ["superadmin", "admin"].contains(&name) {
            let members = mapped.group.member_count();
            found.push(json!({ "role": name, "group": mapped.group.name(), "members": members }));
        }
    }
    Ok(found)
}

/// A connection: how people sign in by it, and what proves it.
fn described(reader: &mut Reader<'_>, connection: &Connection, now: Time) -> Result<Json, Error> {
    let id = connection.id;
    let settings = saml::get(reader, id)?;
    let tokens = token::list(reader, id)?.into_iter().filter(|token| token.is_live(now));
    let tokens: Vec<Json> = tokens
        .map(|token| {
            json!({
                "number": token.no,
                "by": token.by,
                "age_days": days(token.created, now),
                "expires": shown(token.expires),
                "last_used": shown(token.last_used),
            })
        })
        .collect();
    let certificates: Vec<Json> = certificate::list(reader, id)?
        .iter()
        .map(|one| {
            json!({
                "sha256": certificate::hexadecimal(&one.sha256),
                "not_after": one.not_after.to_string(),
                "standing": one.standing(now).as_str(),
                "last_used": shown(one.last_used),
            })
        })
        .collect();
    Ok(json!({
        "id": id,
        "name": connection.name,
        "provider": connection.provider.as_str(),
        "protocol": connection.protocol.as_str(),
        "state": connection.state.as_str(),
        "ipsie": connection.ipsie,
        "sign_in": settings.state.as_str(),
        "sign_in_enforced": settings.state == State::Enforced,
        "tokens": tokens,
        "certificates": certificates,
    }))
}

/// Who was archived or deleted last, and how long that took from when the provider's request arrived.
fn departures(
    reader: &mut Reader<'_>,
    connections: &[Connection],
    newest: EventNo,
) -> Result<Vec<Json>, Error> {
    let first = newest.number() - i64::from(LOOKED_THROUGH);
    let after = EventNo::from(first.max(directory::organization::get(reader)?.pruned.number()));
    let is_one =
        |event: &Event| matches!(event.kind(), EventKind::UserArchived | EventKind::UserDeleted);
    let mut found: Vec<Event> =
        event::after(reader, after, LOOKED_THROUGH)?.into_iter().filter(is_one).collect();
    let last = found.split_off(found.len().saturating_sub(DEPARTURES));
    let mut arrived: HashMap<RequestId, Time> = HashMap::new();
    for connection in connections {
        let requests = sync_log::before(reader, connection, None, LOOKED_THROUGH)?;
        arrived.extend(requests.iter().map(|entry| (entry.served.request, entry.served.at)));
    }
    let shown = last.into_iter().rev().map(|event| {
        let arrived = event.request.and_then(|request| arrived.get(&request));
        let delay = arrived.map(|at| (event.at.as_micros() - at.as_micros()).max(0) / 1_000);
        json!({
            "user": event.target,
            "time": event.at.to_string(),
            "kind": event.kind().name(),
            "by": event.principal,
            "delay_ms": delay,
        })
    });
    Ok(shown.collect())
}
