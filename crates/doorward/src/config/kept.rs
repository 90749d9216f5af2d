//! [`Kept`]: how long what is old is kept.

use std::time::Duration;

use directory::maintenance::prune::{LEAST_EVENTS_KEPT, PENDING_MEMBERS_KEPT};

use super::{
    settings::{Raw, Settings},
    units,
};

/// How long what is old is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How long a group waits for members that it names and that are not here.
    pub pending_members: Duration,
    /// How long events are kept; `None`: as long as their organization.
    pub events: Option<Duration>,
}

impl Kept {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            pending_members: settings
                .get("pending_members_kept", units::wait)
                .unwrap_or(PENDING_MEMBERS_KEPT),
            events: settings.get("events_kept", events).flatten(),
        }
    }
}

/// A duration, or `"forever"`.
fn events(raw: &Raw) -> Result<Option<Duration>, String> {
    match raw {
        Raw::Text(text) if text.trim() == "forever" => Ok(None),
        _ => {
            let kept = units::wait(raw).map_err(|wrong| format!("{wrong}, nor \"forever\""))?;
            if kept < LEAST_EVENTS_KEPT {
                let days = LEAST_EVENTS_KEPT.as_secs() / (24 * 3_600);
                return Err(format!(
                    "is shorter than {days} days, for which a webhook may still try to send an event"
                ));
            }
            Ok(Some(kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Raw, events};

    #[test]
    fn events_are_kept_for_a_week_at_least_or_forever() {
        let read = |text: &str| events(&Raw::Text(text.to_owned()));
        assert_eq!(read("forever"), Ok(None));
        assert_eq!(read("1y"), Ok(Some(Duration::from_hours(365 * 24))));
        assert_eq!(read("7d"), Ok(Some(Duration::from_hours(7 * 24))));
        for wrong in ["6d", "0s", "ever", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
