//! `doorward export audit` and `doorward export audit-heads`

use anyhow::Result;
use directory::{AuditNo, audit};
use serde_json::json;

use super::{
    super::record::{PIECE, as_json},
    Sink, Source,
};

const COLUMNS: [&str; 7] = ["number", "time", "principal", "request", "kind", "target", "body"];

pub(super) async fn entries(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    sink.begin("entries", COLUMNS)?;
    let mut after = AuditNo::START;
    loop {
        let read =
            source.store.read(source.access, move |reader| audit::after(reader, after, PIECE));
        let entries = read.await?;
        let Some(last) = entries.last() else { return sink.end() };
        after = last.no;
        for entry in &entries {
            sink.record(
                || {
                    vec![
                        entry.no.to_string(),
                        entry.at.to_string(),
                        entry.principal.clone(),
                        entry.request.map(|request| request.to_string()).unwrap_or_default(),
                        entry.kind().name().to_owned(),
                        entry.target.clone(),
                        json!(entry.payload).to_string(),
                    ]
                },
                || as_json(entry).to_string(),
            )?;
        }
    }
}

pub(super) async fn heads(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    let columns = [
        "organization",
        "audit",
        "audit_hash",
        "event",
        "event_hash",
        "at",
        "key",
        "public",
        "signature",
    ];
    sink.begin("heads", columns)?;
    let mut after = None;
    loop {
        let read =
            source.store.read(source.access, move |reader| audit::heads(reader, after, PIECE));
        let heads = read.await?;
        let Some(last) = heads.last() else { return sink.end() };
        after = Some(last.day()?);
        for head in &heads {
            sink.record(
                || {
                    vec![
                        head.organization.clone(),
                        head.audit.to_string(),
                        head.audit_hash.clone(),
                        head.event.to_string(),
                        head.event_hash.clone(),
                        head.at.clone(),
                        head.key.clone(),
                        head.public.clone(),
                        head.signature.clone(),
                    ]
                },
                || json!(head).to_string(),
            )?;
        }
    }
}
