//! `doorward export events`

use anyhow::Result;
use directory::event;

use super::{
    super::event::{as_json, word},
    Sink, Source,
};

const COLUMNS: [&str; 6] = ["number", "time", "actor", "kind", "target", "body"];

/// So many events are read at a time.
const PIECE: i64 = 1_000;

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    sink.begin("events", COLUMNS)?;
    let mut after = 0;
    loop {
        let events =
            source.store.read(source.tenant, move |reader| event::after(reader, after, PIECE));
        let events = events.await?;
        let Some(last) = events.last() else { return sink.end() };
        after = last.seq;
        for event in &events {
            sink.record(
                || {
                    vec![
                        event.seq.to_string(),
                        event.at.to_string(),
                        event.actor.clone(),
                        word(event.kind),
                        event.target.clone(),
                        event.body.to_string(),
                    ]
                },
                || as_json(event).to_string(),
            )?;
        }
    }
}
