//! `docs/events.md` is made from the lists of kinds. With `UPDATE_GOLDEN=1` the test writes it.

use std::fmt::Write as _;

use super::{Described, DescribedField};
use crate::{audit::AuditKind, event::EventKind};

const BEGINNING: &str = "\
# Events and audit

<!-- The tables are made from the source: crates/directory/src/{event,audit}/kinds.rs. A test of
     that crate writes this file with UPDATE_GOLDEN=1, and fails where it is not current. -->

Doorward keeps three records of what happens. This page lists every kind of entry of the first two.

- **Events** are what the application follows: each change of an organization's people, groups, roles
  and connections, in the order in which they were made. `doorward event list` shows them, and
  `doorward export events` writes all of them.
- **Audit** says who did what to credentials, roles and settings. It outlives its organization; the
  installation has an audit of its own, for what belongs to no organization or deletes one.
  `doorward audit list` shows both.
- The **sync log** has each request that a provider made, for whoever asks why a sync failed:
  `doorward connection log`. Its entries are removed after 90 days, and none of it is below.

## What an entry has

| | |
|---|---|
| number | 1, 2, 3 … without gaps, in each organization and each of the two records |
| time | when it was done, in UTC; never before that of the entry with the number before |
| principal | who did it: `operator`, `system` (Doorward's own upkeep), `connection:<id>`, `user:<id>`, `key:<number>` or `installation-key:<number>`, `client:<id>` (a client of OAuth for itself), `setup-link:<number>`, `grant:<client>@connection:<id>` |
| request | the id of the request or command that caused it, if one did. It stands in the log line and in the sync log, too |
| kind | one of those below |
| target | the id, number or name of what it was done to |
| body | what exactly changed: an object with the members that stand beside the kind |

An entry is written in the transaction of the change that it tells of: there is no change without its
entry, and no entry without its change. What changes nothing writes none.

Each entry carries a SHA-256 hash over itself and the hash of the one before, so a row that was
changed, removed or moved later is found: `doorward verify` follows both chains, and replays the events
to see that they tell the present state. Events are kept as long as their organization, unless
[`events_kept`](configuration.md) says otherwise: then the chain begins at an anchor, the number and the hash
of the newest event that is not kept, which the audit tells of (`events.pruned`).

A chain that was written anew, with all hashes, is found by a signed head: once a day (UTC), where something happened, a running server signs
where both chains of an organization end, and where the installation's audit does. `doorward export audit-heads --format jsonl` (or `GET
.../audit/heads`) gives them; kept elsewhere, `doorward verify --organization SLUG --heads FILE` holds the store against them. Signed
(Ed25519, RFC 8032) is this text, a line feed after each line: `doorward audit head 1`, the id of the organization, the number of
the newest audit entry, its hash, the number of the newest event, its hash, the time.

Kinds keep their names, their numbers and their meaning. New kinds may come, and a body may get
more members: whoever follows passes over what it does not know.
";

const EVENTS: &str = "
## Kinds of events

The body of a user, group or resource holds its attributes as SCIM has them (RFC 7643), without
`schemas`, `id`, `meta` and a group's `members`. Members of groups, and the groups that someone
joined or left, are ids.
";

const AUDIT: &str = "
## Kinds of audit entries
";

/// The types of the payloads in plain words. A type that is not here is a defect of this list.
const TYPES: [(&str, &str); 20] = [
    ("Attributes", "object"),
    ("ConnectionId", "id"),
    ("Option<ConnectionId>", "id, or null"),
    ("Option<Attributes>", "object, or left out"),
    ("Option<String>", "text, or null"),
    ("Option<bool>", "true, false or null"),
    ("Order", "text"),
    ("Protocol", "text"),
    ("Provider", "text"),
    ("Reason", "text"),
    ("Scope", "text"),
    ("String", "text"),
    ("Vec<ResourceId>", "ids"),
    ("Vec<String>", "texts"),
    ("bool", "true or false"),
    ("i64", "number"),
    ("saml::NameId", "text"),
    ("saml::Signed", "text"),
    ("saml::State", "text"),
    ("u64", "number"),
];

fn document() -> String {
    let mut text = BEGINNING.to_owned();
    text.push_str(EVENTS);
    tables(&mut text, EventKind::ALL.iter().map(|kind| kind.described()));
    text.push_str(AUDIT);
    tables(&mut text, AuditKind::ALL.iter().map(|kind| kind.described()));
    text
}

/// One table for each noun: the part of the name before the full stop.
fn tables(text: &mut String, kinds: impl Iterator<Item = Described>) {
    let mut nouns: Vec<(&str, Vec<Described>)> = Vec::new();
    for kind in kinds {
        let (noun, _) = kind.name.split_once('.').expect("a name is a noun and what became of it");
        match nouns.iter_mut().find(|(known, _)| *known == noun) {
            Some((_, kinds)) => kinds.push(kind),
            None => nouns.push((noun, vec![kind])),
        }
    }
    for (noun, kinds) in nouns {
        let mut title = noun.to_owned();
        title[..1].make_ascii_uppercase();
        let _ = write!(text, "\n### {title}\n\n| kind | number | what | body |\n");
        text.push_str("|---|---|---|---|\n");
        for Described { number, name, about, fields } in kinds {
            let fields: Vec<String> = fields.iter().map(field).collect();
            let fields = if fields.is_empty() { "-".to_owned() } else { fields.join("<br>") };
            let _ = writeln!(text, "| `{name}` | {number} | {about} | {fields} |");
        }
    }
}

fn field(field: &DescribedField) -> String {
    let ty = TYPES.iter().find(|(ty, _)| *ty == field.ty);
    let (_, ty) = ty.unwrap_or_else(|| panic!("say in TYPES what {} is", field.ty));
    let about = field.about.trim_end_matches('.');
    let mut about = about.to_owned();
    about[..1].make_ascii_lowercase();
    format!("`{}` ({ty}): {about}", field.name)
}

#[test]
fn the_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md");
    let current = document();
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this variable")]
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(path, &current).expect("the file can be written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == current,
        "docs/events.md is not what the kinds say: run this test with UPDATE_GOLDEN=1"
    );
}

#[test]
fn names_and_numbers_are_given_once() {
    let events = EventKind::ALL.iter().map(|kind| kind.described());
    let audit = AuditKind::ALL.iter().map(|kind| kind.described());
    for kinds in [events.collect::<Vec<_>>(), audit.collect()] {
        for (at, kind) in kinds.iter().enumerate() {
            let same = |other: &&Described| other.name == kind.name || other.number == kind.number;
            assert_eq!(kinds.iter().filter(same).count(), 1, "{kind:?}");
            assert!(kinds[..at].iter().all(|other| other.number < kind.number), "{kind:?}");
        }
    }
}
