//! `doorward export events`

use anyhow::Result;
use directory::event;
use serde_json::json;

use super::{
    super::record::{PIECE, as_json},
    Sink, Source,
};

const COLUMNS: [&str; 7] = ["number", "time", "principal", "request", "kind", "target", "body"];

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    sink.begin("events", COLUMNS)?;
    let mut after = source.pruned;
    loop {
        let events =
            source.store.read(source.access, move |reader| event::after(reader, after, PIECE));
        let events = events.await?;
        let Some(last) = events.last() else { return sink.end() };
        after = last.no;
        for event in &events {
            sink.record(
                || {
                    vec![
                        event.no.to_string(),
                        event.at.to_string(),
                        event.principal.clone(),
                        event.request.map(|request| request.to_string()).unwrap_or_default(),
                        event.kind().name().to_owned(),
                        event.target.clone(),
                        json!(event.payload).to_string(),
                    ]
                },
                || as_json(event).to_string(),
            )?;
        }
    }
}
