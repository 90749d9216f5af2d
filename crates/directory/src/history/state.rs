//! [`user`] and [`group`]: what one of them was at a moment.

use scim::Object;

use super::{Family, PEOPLE, Past, TEAMS, last, next};
use crate::{
    access::Verb,
    clock::Time,
    error::{Error, Noun},
    event::{Event, EventKind, Payload},
    id::{EventNo, ResourceId},
    resource::{find, save},
    store::Reader,
};

/// A user or group as it was.
#[derive(Clone, Debug)]
pub struct Then {
    /// Its id.
    pub id: ResourceId,
    /// Its attributes in canonical form.
    pub attributes: Object,
    /// The event that made them so, and when; `None`: one that is not kept any more.
    pub since: Option<(EventNo, Time)>,
}

impl Then {
    /// Whether it was a user that could come in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        save::is_active(&self.attributes)
    }

    /// The userName or displayName.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.attributes.str("userName").or_else(|| self.attributes.str("displayName"));
        name.unwrap_or_default()
    }
}

/// A user as it was at a moment.
///
/// Cost: O(log events).
///
/// # Errors
///
/// [`Error::NotFound`] where it was not there; [`Error::HistoryEnds`]; [`Error::Denied`].
pub fn user(reader: &mut Reader<'_>, past: Past, id: ResourceId) -> Result<Then, Error> {
    reader.permit(Verb::ReadHistory)?;
    state(reader, PEOPLE, past, id)?.ok_or(Error::not_found(Noun::User))
}

/// A group as it was at a moment, without its members.
///
/// Cost: O(log events + events about the group since its attributes changed).
///
/// # Errors
///
/// As [`user`].
pub fn group(reader: &mut Reader<'_>, past: Past, id: ResourceId) -> Result<Then, Error> {
    reader.permit(Verb::ReadHistory)?;
    state(reader, TEAMS, past, id)?.ok_or(Error::not_found(Noun::Group))
}

/// What an event tells of the attributes of its target.
enum Tells<'e> {
    Attributes(&'e Object),
    Gone,
    /// Something else.
    Nothing,
}

fn tells(event: &Event) -> Tells<'_> {
    match &event.payload {
        Payload::UserCreated(told) => Tells::Attributes(&told.resource.0),
        Payload::UserUpdated(told) => Tells::Attributes(&told.resource.0),
        Payload::UserArchived(told) => Tells::Attributes(&told.resource.0),
        Payload::UserReactivated(told) => Tells::Attributes(&told.resource.0),
        Payload::GroupCreated(told) => Tells::Attributes(&told.resource.0),
        Payload::GroupUpdated(told) => match &told.resource {
            Some(attributes) => Tells::Attributes(&attributes.0),
            None => Tells::Nothing,
        },
        Payload::UserDeleted(_) | Payload::GroupDeleted(_) => Tells::Gone,
        _ => Tells::Nothing,
    }
}

/// So many events about one thing are read at a time. The first tells, as a rule.
const FEW: u32 = 4;

/// What a user or group was; `None`: it was not there.
pub(super) fn state(
    reader: &mut Reader<'_>,
    of: Family,
    past: Past,
    id: ResourceId,
) -> Result<Option<Then>, Error> {
    let target = id.to_string();
    let mut until = past.after;
    loop {
        let events = last(reader, &target, until, of.kinds, FEW)?;
        for event in events.iter().filter(|event| event.no > past.pruned) {
            match tells(event) {
                Tells::Attributes(attributes) => {
                    let since = Some((event.no, event.at));
                    return Ok(Some(Then { id, attributes: attributes.clone(), since }));
                }
                Tells::Gone => return Ok(None),
                Tells::Nothing => {}
            }
        }
        match events.last() {
            Some(oldest) if oldest.no > past.pruned => until = EventNo(oldest.no.0 - 1),
            _ => break,
        }
    }
    // No event that is kept tells of it up to then. What comes next says what it cannot have been; where
    // nothing comes, it is as it was.
    let mut after = past.after;
    loop {
        let events = next(reader, &target, after, of.kinds, FEW)?;
        for event in &events {
            let is_made = matches!(event.kind(), EventKind::UserCreated | EventKind::GroupCreated);
            match tells(event) {
                Tells::Attributes(_) if is_made => return Ok(None),
                Tells::Attributes(_) | Tells::Gone => return past.ends(),
                Tells::Nothing => {}
            }
        }
        match events.last() {
            Some(newest) => after = newest.no,
            None => break,
        }
    }
    let now = find(reader, of.kind, id)?;
    Ok(now.map(|now| Then { id, attributes: now.attributes.to_object(), since: None }))
}
