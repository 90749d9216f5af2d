//! `doorward organization restore`

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use clap::Args;
use directory::{
    ConnectionId, Error, Group, Installation, Reader, ResourceId, User,
    history::{self, Act, Affected, By, Counts, Moment, Plan, Refused, Restored, Subject, Wanted},
};
use serde_json::{Value as Json, json};

use super::{
    super::{group, progress, user},
    find,
};
use crate::{
    answer::Answer,
    problem::within,
    table::{self, cut, whole},
    words::count,
};

/// `doorward organization restore`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its short name
    slug: String,
    /// The moment at which it was there: the number of an event, or a time such as
    /// 2030-01-31T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = Moment::parse)]
    to: Moment,
    /// Only what was lost up to this moment [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = Moment::parse)]
    until: Option<Moment>,
    /// Only what the identity provider of this connection took away
    #[arg(long, value_name = "ID", conflicts_with = "by")]
    connection: Option<String>,
    /// Only what this principal took away, as `doorward event list --json` names it
    #[arg(long, value_name = "PRINCIPAL")]
    by: Option<String>,
    /// Only this user, by userName or id, and its memberships
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only this group, by displayName or id, and its memberships
    #[arg(long, value_name = "GROUP", conflicts_with = "user")]
    group: Option<String>,
    /// Say what would come back, and change nothing
    #[arg(long)]
    preview: bool,
}

pub(super) async fn run(
    installation: &Installation,
    options: &Options,
    json: bool,
) -> Result<Answer> {
    let (access, organization) = find(installation, &options.slug).await?;
    let (store, slug) = (installation.store(), &organization.slug);
    let named = (options.user.clone(), options.group.clone());
    let of = store.read(&access, move |reader| subject(reader, &named)).await;
    let (of, by) = (of.map_err(within(slug))?, by(options)?);
    let wanted = Wanted { to: options.to, until: options.until, by, of };
    let head = json!({ "organization": slug.as_str(), "preview": options.preview });
    if options.preview {
        let plan = store.read_long(&access, move |reader| history::plan(reader, &wanted)).await?;
        let text = lost(&plan);
        return Ok(Answer::new(merged(head, plan_json(&plan)), text));
    }
    let bar = if json { progress::spinner(true) } else { progress::bar(0) };
    let told = bar.clone();
    let restored = history::restore(store, &access, wanted, move |progress| {
        told.set_length(progress.of);
        told.set_position(progress.done);
        true
    });
    let restored = restored.await;
    bar.finish_and_clear();
    let restored = restored?;
    let text = back(&restored);
    Ok(Answer::new(merged(head, restored_json(&restored)), text))
}

/// What is named, also where it was deleted: then by its id.
fn subject(
    reader: &mut Reader<'_>,
    named: &(Option<String>, Option<String>),
) -> Result<Subject, Error> {
    let gone = |text: &str, error: Error| ResourceId::parse(text).ok_or(error);
    match named {
        (Some(name), _) => {
            let found = user::named(reader, name).map(|user: User| user.id);
            found.or_else(|error| gone(name, error)).map(Subject::User)
        }
        (None, Some(name)) => {
            let found = group::named(reader, name).map(|group: Group| group.id);
            found.or_else(|error| gone(name, error)).map(Subject::Group)
        }
        (None, None) => Ok(Subject::Organization),
    }
}

fn by(options: &Options) -> Result<By> {
    Ok(match (&options.connection, &options.by) {
        (Some(id), _) => {
            let wrong = || anyhow!("\"{}\" is not the id of a connection", id.escape_debug());
            By::connection(ConnectionId::parse(id).ok_or_else(wrong)?)
        }
        (None, Some(principal)) => By::principal(principal),
        (None, None) => By::anyone(),
    })
}

fn merged(mut head: Json, more: Json) -> Json {
    if let (Json::Object(head), Json::Object(more)) = (&mut head, more) {
        head.extend(more);
    }
    head
}

fn counts_json(counts: Counts) -> Json {
    let Counts { reactivated, recreated, groups, memberships } = counts;
    json!({
        "reactivated": reactivated,
        "recreated": recreated,
        "groups": groups,
        "memberships": memberships,
    })
}

fn plan_json(plan: &Plan) -> Json {
    let shown = plan.shown.iter().map(|Affected { id, name, act }| {
        let members = match act {
            Act::PutBack(members) => Some(members),
            _ => None,
        };
        json!({ "id": id, "name": name, "act": act.word(), "members": members })
    });
    json!({
        "to": plan.past.after,
        "until": plan.until,
        "lost": counts_json(plan.counts()),
        "shown": shown.collect::<Vec<Json>>(),
        "unknown": plan.unknown,
    })
}

fn restored_json(restored: &Restored) -> Json {
    let refused =
        restored.refused.iter().map(|Refused { id, reason }| json!({ "id": id, "reason": reason }));
    let done = json!({
        "done": counts_json(restored.done),
        "refused": refused.collect::<Vec<Json>>(),
        "refused_count": restored.refused_count,
        "whole": restored.whole,
    });
    merged(plan_json(&restored.plan), done)
}

fn words(counts: Counts) -> String {
    let Counts { reactivated, recreated, groups, memberships } = counts;
    format!(
        "{} reactivated, {} created again, {} created again, {} made again",
        count(reactivated, "user"),
        count(recreated, "user"),
        count(groups, "group"),
        count(memberships, "membership"),
    )
}

fn lost(plan: &Plan) -> String {
    let counts = plan.counts();
    if counts.all() == 0 {
        return format!(
            "Nothing was lost between event {} and event {}.",
            plan.past.after, plan.until
        );
    }
    let rows = plan.shown.iter().map(|one| {
        let what = match one.act {
            Act::Reactivate => "is active again".to_owned(),
            Act::Recreate => "is created again".to_owned(),
            Act::RecreateGroup => "is created again, a group".to_owned(),
            Act::PutBack(members) => format!("gets {} back", count(members as u64, "member")),
        };
        [one.name.clone(), one.id.to_string(), what]
    });
    let table = table::columns([cut("name"), whole("id"), whole("what comes back")], rows);
    format!(
        "Of what was there after event {}, this would come back: {}.\n\n{table}{}",
        plan.past.after,
        words(counts),
        unknown(plan),
    )
}

fn unknown(plan: &Plan) -> String {
    let groups = plan.unknown.len() as u64;
    if groups == 0 {
        return String::new();
    }
    format!(
        "\nOf {} it is not known who was in it: the events are not kept any more.",
        count(groups, "group")
    )
}

fn back(restored: &Restored) -> String {
    if restored.plan.counts().all() == 0 {
        return format!("{}{}", lost(&restored.plan), unknown(&restored.plan));
    }
    let mut text = format!("Done: {}.{}", words(restored.done), unknown(&restored.plan));
    if restored.refused_count > 0 {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n{} refused:", restored.refused_count);
        let rows = restored.refused.iter().map(|one| [one.id.to_string(), one.reason.clone()]);
        text.push_str(&table::columns([whole("id"), table::wrapped("why")], rows));
    }
    text
}
