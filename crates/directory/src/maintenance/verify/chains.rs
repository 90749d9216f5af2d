//! I4: the chains of events and audit entries.

use super::{
    Count, Findings,
    crew::spread,
    replay::{self, Replay, Told},
};
use crate::{
    access::Access,
    audit::{self, AuditEntry, head},
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    event::{self, Event, retention},
    id::OrgNo,
    organization,
    record::{Entry, Head, Record},
    saml::certificate::hexadecimal,
    store::{Catalog, Reader},
};

statements! {
    HEADS = Sql {
        "select event_seq, event_head, audit_seq, audit_head from organization_counter \
         where org = $1"
    };
}

/// Entries are read in pieces of this size.
const PIECE: u32 = 1_000;

/// Entries as they are stored, the number of the one before, and the head that the first of them follows.
struct Piece<N> {
    before: i64,
    head: Head<N>,
    rows: Vec<Row>,
}

/// What was seen in a piece.
struct Seen<T> {
    findings: Findings,
    last: Option<(i64, Vec<u8>)>,
    count: u64,
    told: Vec<T>,
}

/// Follows a chain from its anchor (its beginning, or the newest entry that is not kept) and to the head
/// that is stored of it, where one is. `after`
/// reads the entries after a number; `look` says what an entry tells, and `take` is given that.
/// Answers how many there are.
fn follow<R: Record, T: Send>(
    what: &str,
    mut after: impl FnMut(i64, u32) -> Result<Vec<Row>, Error>,
    (anchor, stored): (Head<R::No>, Option<&Head<R::No>>),
    findings: &mut Findings,
    look: impl Fn(&Entry<R>, &mut Findings) -> Vec<T> + Sync,
    mut take: impl FnMut(T) -> Result<(), Error>,
) -> Result<u64, Error> {
    let (mut before, mut count): (i64, u64) = (anchor.no.into(), 0);
    let mut last = (before, anchor.hash.clone());
    let mut anchor = Some(anchor);
    spread(
        || {
            // The first follows the anchor; later ones come with the one before, whose hash the first is
            // hashed with.
            let piece = match anchor.take() {
                Some(head) => Piece { before, head, rows: after(before, PIECE)? },
                None => Piece { before, head: Head::start(), rows: after(before - 1, PIECE + 1)? },
            };
            let Some(row) = piece.rows.last() else { return Ok(None) };
            let no: i64 = row.number("seq")?;
            if no <= before {
                return Ok(None);
            }
            before = no;
            Ok(Some(piece))
        },
        |piece| look_at(what, piece, &look),
        |seen| {
            findings.append(seen.findings);
            count += seen.count;
            if let Some(seen) = seen.last.filter(|seen| seen.0 > last.0) {
                last = seen;
            }
            seen.told.into_iter().try_for_each(&mut take)
        },
    )?;
    if let Some(stored) = stored {
        let (no, hash) = last;
        let stored_no: i64 = stored.no.into();
        findings.expect("I4", || format!("the number of the last {what}"), &stored_no, &no);
        if hash != stored.hash {
            findings.wrong("I4", format!("the hash of the last {what} is not the head"));
        }
    }
    Ok(count)
}

fn look_at<R: Record, T>(
    what: &str,
    piece: Piece<R::No>,
    look: impl Fn(&Entry<R>, &mut Findings) -> Vec<T>,
) -> Result<Seen<T>, Error> {
    let (mut head, mut at): (Head<R::No>, Option<Time>) = (piece.head, None);
    let mut seen = Seen { findings: Findings::default(), last: None, count: 0, told: Vec::new() };
    let findings = &mut seen.findings;
    for row in piece.rows {
        let entry = Entry::<R>::from_row(row)?;
        let (before, no): (i64, i64) = (head.no.into(), entry.no.into());
        // The first of a piece is the last of the one before, and was looked at there.
        if no > piece.before {
            if no != before + 1 {
                findings.wrong("I4", format!("{what} {no} follows {what} {before}"));
            }
            if !entry.follows(&head.hash) {
                findings.wrong("I4", format!("the hash of {what} {no} is not its own"));
            }
            if at.is_some_and(|before| entry.at < before) {
                findings.wrong("I4", format!("{what} {no} is older than the one before"));
            }
            seen.count += 1;
            seen.told.extend(look(&entry, findings));
        }
        (head, at) = (entry.as_head(), Some(entry.at));
    }
    seen.last = Some((head.no.into(), head.hash));
    Ok(seen)
}

/// Checks the two chains of an organization, and gives what its events tell to the replay.
pub(super) fn check(
    reader: &mut Reader<'_>,
    replay: &mut Replay,
    count: &Count,
    findings: &mut Findings,
) -> Result<(), Error> {
    let heads = reader.query_one(HEADS, &[])?;
    let mut heads = heads.ok_or(Error::not_found(Noun::Organization))?;
    let events = Head { no: heads.get("event_seq")?, hash: heads.get("event_head")? };
    let audit = Head { no: heads.get("audit_seq")?, hash: heads.get("audit_head")? };
    let anchor = retention::anchor(reader)?;
    let mut read = |no, limit| {
        reader.give_way()?;
        count.add(u64::from(PIECE));
        event::rows_after(reader, no, limit)
    };
    let look = |event: &Event, findings: &mut Findings| {
        replay::told(event).unwrap_or_else(|| {
            let detail = format!("event {} is of \"{}\", which is no id", event.no, event.target);
            findings.wrong("I5", detail);
            Vec::new()
        })
    };
    replay.follows(anchor.no);
    let take = |told: Told| replay.add(told);
    let ends = (anchor.clone(), Some(&events));
    findings.events += follow("event", &mut read, ends, findings, look, take)?;
    let read = |no, limit| audit::rows_after(reader, no, limit);
    let look = |entry: &AuditEntry, _: &mut Findings| match &entry.payload {
        audit::Payload::EventsPruned(pruned) => vec![(pruned.through, pruned.hash.clone())],
        _ => Vec::new(),
    };
    let mut told = (0, String::new());
    let take = |pruned: (i64, String)| {
        told = pruned.max(told.clone());
        Ok(())
    };
    let ends = (Head::start(), Some(&audit));
    findings.audit += follow("audit entry", read, ends, findings, look, take)?;
    let what = || "the anchor of the events, against the audit".to_owned();
    findings.expect("I4", what, &(anchor.no.0, hexadecimal(&anchor.hash)), &told);
    let id = organization::read(reader)?.id.to_string();
    for wrong in head::check(reader, Some(&id))? {
        findings.wrong("I4", wrong);
    }
    Ok(())
}

/// Checks the installation's audit, and those that outlived their organizations.
pub(super) fn installation(
    catalog: &mut Catalog<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let head = audit::installation_head(catalog)?;
    let mut deleted = Vec::new();
    let mut chain = |org, head, seen: &mut dyn FnMut(OrgNo)| {
        let access = Access::system(org);
        let mut reader = catalog.reader(&access);
        let read = |no, limit| audit::rows_after(&mut reader, no, limit);
        let look = |entry: &AuditEntry, _: &mut Findings| match &entry.payload {
            audit::Payload::OrganizationDeleted(gone) => vec![OrgNo(gone.number)],
            _ => Vec::new(),
        };
        let take = |org| {
            seen(org);
            Ok(())
        };
        let ends = (Head::start(), head);
        findings.audit += follow("audit entry", read, ends, findings, look, take)?;
        let name = (org == audit::INSTALLATION).then_some("installation");
        for wrong in head::check(&mut catalog.reader(&access), name)? {
            findings.wrong("I4", wrong);
        }
        Ok::<_, Error>(())
    };
    chain(audit::INSTALLATION, Some(&head), &mut |org| deleted.push(org))?;
    // The head of a chain whose organization is gone is not stored any more.
    deleted.into_iter().try_for_each(|org| chain(org, None, &mut |_| {}))
}
