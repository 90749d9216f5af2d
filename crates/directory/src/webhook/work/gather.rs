//! What a webhook that was claimed has to send: what waits and is due, and what happened since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::claim::{BATCH, Claimed, Fate, Key, Message, Place, Taken, Waiting};
use crate::{
    access::Access,
    audit::INSTALLATION,
    clock::Time,
    db::statements,
    error::Error,
    event::{self, Event},
    feed::{self, Missing, Part, Position, Told},
    id::{EventNo, OrgNo},
    installation::Installation,
    organization,
    seal::Seal,
    store::{Reader, Store},
    webhook::{
        endpoint::Order,
        secret::{self, Secret},
    },
};

statements! {
    WAITING = Sql {
        "select no, source, organization, event, attempts, due, created, log \
         from webhook_delivery where org = $1 and webhook = $2 and state = 'waiting' \
         order by no limit $3"
    };
}

/// So many events of one webhook wait at the most; no more are taken until some were accepted.
const MOST_WAITING: usize = 1_000;

/// What is to be sent, as it was read.
pub(super) struct Gathered {
    pub(super) secrets: Vec<Secret>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) taken: Vec<Taken>,
    pub(super) chains: Vec<Vec<Message>>,
    pub(super) next: Position,
    pub(super) is_full: bool,
    /// What is next, and not kept any more.
    pub(super) missing: Option<Missing>,
}

/// Reads what a webhook has to send now.
///
/// # Errors
///
/// Those of the store.
pub(super) async fn gather(
    store: &Store,
    claimed: &Claimed,
    seal: &Arc<Seal>,
) -> Result<Gathered, Error> {
    let (now, claimed, seal) = (store.clock().now(), claimed.clone(), Arc::clone(seal));
    let access = Access::system(claimed.org);
    if claimed.org == INSTALLATION {
        let by = Installation::of_upkeep(store);
        return store
            .read_catalog(move |catalog| {
                let mut turn = Draft::begin(&mut catalog.reader(&access), &claimed, (&seal, now))?;
                let room = turn.room();
                let nothing = Part { told: Vec::new(), next: claimed.position, missing: None };
                let part = match room {
                    0 => nothing,
                    room => feed::read(catalog, &by, claimed.position, room)?,
                };
                turn.send_waiting(|waiting| {
                    let source = Access::system(waiting.source);
                    one(&mut catalog.reader(&source), waiting.event)
                })?;
                Ok(turn.take(part, room))
            })
            .await;
    }
    let read = move |reader: &mut Reader<'_>| {
        let mut turn = Draft::begin(reader, &claimed, (&seal, now))?;
        let room = turn.room();
        turn.send_waiting(|waiting| one(reader, waiting.event))?;
        let mut next = claimed.position;
        let (mut told, mut missing) = (Vec::new(), None);
        if room > 0 {
            let organization::Organization { id: organization, pruned: through, .. } =
                organization::read(reader)?;
            if next.last < through.0 {
                let after = Position { last: through.0, ..next };
                missing = Some(Missing { organization, through, after });
            }
            let room = u32::try_from(room).unwrap_or(u32::MAX);
            let kept = if missing.is_some() { 0 } else { room };
            for event in event::all_after(reader, EventNo(claimed.position.last), kept)? {
                next = Position { place: 0, last: event.no.0 };
                told.push(Told { org: claimed.org, organization, after: next, event });
            }
        }
        Ok(turn.take(Part { told, next, missing }, room))
    };
    store.read(&access, read).await
}

/// One event, where it is still there.
fn one(reader: &mut Reader<'_>, no: EventNo) -> Result<Option<Event>, Error> {
    let found = event::all_after(reader, EventNo(no.0 - 1), 1)?.pop();
    Ok(found.filter(|event| event.no == no))
}

/// A turn that is being put together.
struct Draft<'c> {
    claimed: &'c Claimed,
    secrets: Vec<Secret>,
    waiting: Vec<Waiting>,
    /// What is sent of what waits, in chains.
    due: Vec<Vec<usize>>,
    /// Organizations of which something waits that is not sent in this turn.
    blocked: BTreeSet<OrgNo>,
    chains: Vec<Vec<Message>>,
    /// The chain of each organization, where the order matters.
    of_source: BTreeMap<OrgNo, usize>,
}

impl<'c> Draft<'c> {
    fn begin(
        reader: &mut Reader<'_>,
        claimed: &'c Claimed,
        (seal, now): (&Seal, Time),
    ) -> Result<Self, Error> {
        let sealed = secret::of_webhook(reader, claimed.id)?;
        let secrets = sealed.iter().map(|sealed| sealed.open(seal, claimed.org));
        let secrets = secrets.collect::<Result<_, _>>()?;
        let most = i64::try_from(MOST_WAITING).unwrap_or(i64::MAX);
        let rows = reader.query(WAITING, &[(&claimed.id.to_string()).into(), most.into()])?;
        let waiting = rows.into_iter().map(Waiting::from_row).collect::<Result<Vec<_>, _>>()?;
        let (due, blocked) = arrange(claimed.order, &waiting, now);
        let (chains, of_source) = (Vec::new(), BTreeMap::new());
        Ok(Self { claimed, secrets, waiting, due, blocked, chains, of_source })
    }

    /// How many events may be taken.
    fn room(&self) -> usize {
        let is_blocked = self.claimed.order == Order::Organization
            && self.claimed.org != INSTALLATION
            && !self.blocked.is_empty();
        if is_blocked {
            return 0;
        }
        let sent: usize = self.due.iter().map(Vec::len).sum();
        (BATCH - sent).min(MOST_WAITING - self.waiting.len())
    }

    /// Reads the events that wait and are due.
    fn send_waiting(
        &mut self,
        mut read: impl FnMut(&Waiting) -> Result<Option<Event>, Error>,
    ) -> Result<(), Error> {
        for chain in std::mem::take(&mut self.due) {
            let mut messages = Vec::new();
            for at in chain {
                let waiting = &mut self.waiting[at];
                match read(waiting)? {
                    None => waiting.is_lost = true,
                    Some(event) => messages.push(Message {
                        key: Key(Place::Waiting(at)),
                        organization: waiting.organization,
                        event,
                    }),
                }
                if self.claimed.order == Order::Organization {
                    self.of_source.insert(waiting.source, self.chains.len());
                }
            }
            self.chains.push(messages);
        }
        Ok(())
    }

    /// Adds what happened since.
    fn take(mut self, Part { told, next, missing }: Part, room: usize) -> Gathered {
        let is_full =
            (told.len() >= room || missing.is_some()) && self.waiting.len() < MOST_WAITING;
        let is_full = is_full && (room > 0 || self.blocked.is_empty());
        let mut taken = Vec::new();
        for Told { org, organization, event, after } in told {
            let (no, kind) = (event.no, event.described().name);
            let fate = if !self.claimed.filter.lets_pass(kind) {
                Fate::Passed
            } else if self.blocked.contains(&org) {
                Fate::Behind
            } else {
                let key = Key(Place::Taken(taken.len()));
                self.add(org, Message { key, organization, event });
                Fate::Sent
            };
            taken.push(Taken { source: org, organization, event: no, kind, after, fate });
        }
        let Self { secrets, waiting, mut chains, .. } = self;
        chains.retain(|chain| !chain.is_empty());
        Gathered { secrets, waiting, taken, chains, next, is_full, missing }
    }

    /// Adds a message to the chain that it belongs to.
    fn add(&mut self, source: OrgNo, message: Message) {
        if self.claimed.order == Order::Organization {
            if let Some(chain) = self.of_source.get(&source) {
                self.chains[*chain].push(message);
                return;
            }
            self.of_source.insert(source, self.chains.len());
        }
        self.chains.push(vec![message]);
    }
}

/// What of all that waits is sent now, in chains, and of which organizations something goes on waiting
/// where the order matters.
fn arrange(order: Order, waiting: &[Waiting], now: Time) -> (Vec<Vec<usize>>, BTreeSet<OrgNo>) {
    let mut room = BATCH;
    let mut chains: Vec<Vec<usize>> = Vec::new();
    let mut blocked = BTreeSet::new();
    if order == Order::Unordered {
        let due = waiting.iter().enumerate().filter(|(_, waiting)| waiting.due <= now);
        chains.extend(due.take(room).map(|(at, _)| vec![at]));
        return (chains, blocked);
    }
    let mut of_source: BTreeMap<OrgNo, usize> = BTreeMap::new();
    for (at, one) in waiting.iter().enumerate() {
        if blocked.contains(&one.source) {
            continue;
        }
        let chain = of_source.get(&one.source).copied();
        // The first of an organization says when; the others follow it.
        if room == 0 || (chain.is_none() && one.due > now) {
            blocked.insert(one.source);
            continue;
        }
        room -= 1;
        if let Some(chain) = chain {
            chains[chain].push(at);
        } else {
            of_source.insert(one.source, chains.len());
            chains.push(vec![at]);
        }
    }
    (chains, blocked)
}

#[cfg(test)]
mod tests {
    use super::{
        super::claim::{BATCH, Waiting},
        arrange,
    };
    use crate::{
        clock::Time,
        id::{DeliveryNo, EventNo, OrgNo, OrganizationId},
        random::Random,
        webhook::Order,
    };

    fn waiting(source: i64, due: i64) -> Waiting {
        Waiting {
            no: DeliveryNo(1),
            source: OrgNo(source),
            organization: OrganizationId::random(&Random::from_seed(1)),
            event: EventNo(1),
            attempts: 1,
            due: Time::from_micros(due),
            created: Time::from_micros(0),
            log: String::new(),
            is_lost: false,
        }
    }

    #[test]
    fn in_order_the_first_of_an_organization_holds_up_its_own_and_no_other() {
        let all = [waiting(1, 20), waiting(2, 5), waiting(1, 0), waiting(2, 99), waiting(3, 10)];
        let (chains, blocked) = arrange(Order::Organization, &all, Time::from_micros(10));
        assert_eq!(chains, [vec![1, 3], vec![4]]);
        assert_eq!(blocked.into_iter().map(|org| org.0).collect::<Vec<_>>(), [1]);
        let (chains, blocked) = arrange(Order::Unordered, &all, Time::from_micros(10));
        assert_eq!((chains, blocked.len()), (vec![vec![1], vec![2], vec![4]], 0));
    }

    #[test]
    fn a_turn_is_bounded_and_what_does_not_fit_waits_on() {
        let all: Vec<Waiting> = (0..BATCH + 5).map(|_| waiting(1, 0)).collect();
        let (chains, blocked) = arrange(Order::Organization, &all, Time::from_micros(10));
        assert_eq!((chains.len(), chains[0].len(), blocked.len()), (1, BATCH, 1));
    }
}
