//! Webhooks: what is sent when, in which order, and what becomes of what is not accepted. Whoever sends is
//! played by the tests.

use std::time::Duration;

use directory::{
    Error, EventNo, Store,
    audit::AuditKind,
    maintenance::{prune, reap},
    organization,
    webhook::{
        AGAIN_AFTER, Attempt, Change, Filter, MOST_ATTEMPTS, Made, NewWebhook, Order, Reason,
        Replay, State, Webhook, Webhooks,
        work::{self, Due, Health, LEASE, Message, Outcome, Then, Turn},
    },
};
use testkit::{TestOrganization, TestStore, contract};

use crate::support::{audit_kinds, code, named, newest_audit};

/// What was sent: the number of an event, and the status that it was answered with.
type Sent = Vec<(i64, u16)>;

fn new(order: Order) -> NewWebhook {
    NewWebhook {
        url: "https://receiver.example/hook".to_owned(),
        description: String::new(),
        events: Filter::default(),
        order,
    }
}

fn of(organization: &TestOrganization) -> Webhooks {
    let TestOrganization { store, operator, .. } = organization;
    Webhooks::of_organization(store, operator)
}

async fn make(organization: &TestOrganization, order: Order) -> (Webhooks, Webhook) {
    let webhooks = of(organization);
    let Made { webhook, .. } = webhooks.create(new(order)).await.expect("made");
    (webhooks, webhook)
}

fn outcome(status: u16) -> Outcome {
    let attempt = Attempt { at: String::new(), status: Some(status), error: None, took: 1 };
    Outcome { attempt, asked: None }
}

async fn all_due(store: &Store) -> Vec<Due> {
    work::wake(store).await.expect("woken");
    let mut due = work::due(store, Health::Good, 100).await.expect("a list");
    due.extend(work::due(store, Health::Failing, 100).await.expect("a list"));
    due
}

/// The only webhook that has something to send.
async fn claim(store: &Store) -> Turn {
    let due = all_due(store).await;
    assert_eq!(due.len(), 1, "{due:?}");
    work::claim(store, &due[0]).await.expect("an answer").expect("it is free")
}

/// Sends what is due, as a server does, to receivers that answer so. Tells what was sent.
async fn send(store: &Store, mut answer: impl FnMut(&Message) -> u16) -> Sent {
    let mut sent = Sent::new();
    for mut due in all_due(store).await {
        while let Some(turn) = work::claim(store, &due).await.expect("an answer") {
            let mut outcomes = Vec::new();
            for chain in &turn.chains {
                for message in chain {
                    let status = answer(message);
                    sent.push((message.event.no.number(), status));
                    outcomes.push((message.key, outcome(status)));
                    if status != 200 {
                        break;
                    }
                }
            }
            match turn.record(store, &outcomes).await.expect("recorded") {
                Then::Again(next) => due = next,
                Then::Later | Then::Lost => break,
            }
        }
    }
    sent
}

async fn accept(store: &Store) -> Sent {
    send(store, |_| 200).await
}

/// So much later that what failed so often is sent again.
fn advance(store: &TestStore, attempts: usize) {
    let wait = AGAIN_AFTER[attempts - 1];
    store.clock.advance(wait + wait / 10);
}

contract! {
    async fn what_happens_is_sent_once_and_in_order(store) {
        let (acme, other) = (store.organization("acme").await, store.organization("other").await);
        named(&acme, "ada").await;
        assert!(accept(&store.store).await.is_empty());
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        for name in ["bea", "carl"] {
            named(&acme, name).await;
            named(&other, name).await;
        }
        assert_eq!(accept(&store.store).await, [(3, 200), (4, 200)]);
        assert!(accept(&store.store).await.is_empty());
        named(&acme, "dora").await;
        assert_eq!(accept(&store.store).await, [(5, 200)]);
        let told = webhooks.deliveries(webhook.id, None, (None, 10)).await.expect("a list");
        let told: Vec<_> = told.iter().map(|it| (it.no.number(), it.event.number(), it.state)).collect();
        let delivered = State::Delivered;
        assert_eq!(told, [(3, 5, delivered), (2, 4, delivered), (1, 3, delivered)]);
        assert!(webhooks.get(webhook.id).await.expect("there").accepted.is_some());
    }
}

contract! {
    async fn a_filter_says_which_kinds_are_sent(store) {
        let acme = store.organization("acme").await;
        let events = Filter::parse(["group.*"]).expect("known");
        let webhooks = of(&acme);
        let made = webhooks.create(NewWebhook { events, ..new(Order::Organization) }).await;
        let id = made.expect("made").webhook.id;
        named(&acme, "ada").await;
        crate::support::team(&acme, "Team", &[]).await;
        named(&acme, "bea").await;
        assert_eq!(accept(&store.store).await, [(3, 200)]);
        let change = Change { events: Some(Filter::default()), ..Change::default() };
        webhooks.change(id, change).await.expect("changed");
        named(&acme, "carl").await;
        assert_eq!(accept(&store.store).await, [(5, 200)]);
    }
}

contract! {
    async fn in_order_one_that_fails_holds_up_those_after_it(store) {
        let acme = store.organization("acme").await;
        make(&acme, Order::Organization).await;
        for name in ["ada", "bea", "carl"] {
            named(&acme, name).await;
        }
        let refuse_bea = |message: &Message| if message.event.no.number() == 3 { 500 } else { 200 };
        assert_eq!(send(&store.store, refuse_bea).await, [(2, 200), (3, 500)]);
        named(&acme, "dora").await;
        assert!(accept(&store.store).await.is_empty());
        store.clock.advance(Duration::from_secs(4));
        assert!(accept(&store.store).await.is_empty());
        store.clock.advance(Duration::from_secs(2));
        assert_eq!(accept(&store.store).await, [(3, 200), (4, 200), (5, 200)]);
    }
}

contract! {
    async fn unordered_one_that_fails_holds_up_no_other(store) {
        let acme = store.organization("acme").await;
        make(&acme, Order::Unordered).await;
        for name in ["ada", "bea", "carl"] {
            named(&acme, name).await;
        }
        let refuse_ada = |message: &Message| if message.event.no.number() == 2 { 500 } else { 200 };
        assert_eq!(send(&store.store, refuse_ada).await, [(2, 500), (3, 200), (4, 200)]);
        advance(store, 1);
        assert_eq!(accept(&store.store).await, [(2, 200)]);
    }
}

contract! {
    async fn a_receiver_that_accepts_nothing_is_paused_after_days_and_loses_nothing(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        let audit = newest_audit(&acme).await;
        for name in ["ada", "bea"] {
            named(&acme, name).await;
        }
        let began = store.now();
        for attempts in 1..MOST_ATTEMPTS {
            assert_eq!(send(&store.store, |_| 503).await, [(2, 503)], "{attempts}");
            let seen = webhooks.get(webhook.id).await.expect("there");
            assert_eq!((seen.paused, seen.failing_since), (None, Some(began)), "{attempts}");
            advance(store, attempts);
        }
        assert!(began.plus(Duration::from_hours(72)) < store.now());
        assert_eq!(send(&store.store, |_| 503).await, [(2, 503)]);
        let paused = webhooks.get(webhook.id).await.expect("there").paused.expect("it is paused");
        assert_eq!(paused.reason, Reason::Failing);
        assert!(paused.detail.expect("why").contains("503"));
        assert_eq!(audit_kinds(&acme, audit).await, [AuditKind::WebhookPaused]);
        store.clock.advance(Duration::from_hours(1_000));
        assert!(accept(&store.store).await.is_empty());
        webhooks.resume(webhook.id, false).await.expect("resumed");
        assert_eq!(accept(&store.store).await, [(2, 200), (3, 200)]);
    }
}

contract! {
    async fn what_was_refused_for_days_can_be_passed_over(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        for name in ["ada", "bea"] {
            named(&acme, name).await;
        }
        let refuse_ada = |message: &Message| if message.event.no.number() == 2 { 400 } else { 200 };
        for attempts in 1..=MOST_ATTEMPTS {
            assert_eq!(send(&store.store, refuse_ada).await, [(2, 400)], "{attempts}");
            if attempts < MOST_ATTEMPTS {
                advance(store, attempts);
            }
        }
        webhooks.resume(webhook.id, true).await.expect("resumed");
        assert_eq!(send(&store.store, refuse_ada).await, [(3, 200)]);
        let dead = webhooks.deliveries(webhook.id, Some(State::Dead), (None, 10)).await.expect("a list");
        assert_eq!(dead.iter().map(|it| it.event.number()).collect::<Vec<_>>(), [2]);
        assert_eq!(dead[0].log.len(), MOST_ATTEMPTS);
        webhooks.retry(webhook.id, dead[0].no).await.expect("it was given up");
        assert_eq!(code(webhooks.retry(webhook.id, dead[0].no).await), "not_found");
        assert_eq!(accept(&store.store).await, [(2, 200)]);
    }
}

contract! {
    async fn an_event_that_alone_is_refused_is_given_up_and_its_organization_goes_on(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let webhooks = Webhooks::of_installation(&store.installation());
        let id = webhooks.create(new(Order::Organization)).await.expect("made").webhook.id;
        for organization in [&acme, &umbra] {
            for name in ["ada", "bea"] {
                named(organization, name).await;
            }
        }
        let of_acme = acme.get().await.id;
        let refuse = |message: &Message| {
            let is_refused = message.organization == of_acme && message.event.no.number() == 2;
            if is_refused { 400 } else { 200 }
        };
        let mut sent = send(&store.store, refuse).await;
        sent.sort_unstable();
        assert_eq!(sent, [(2, 200), (2, 400), (3, 200)]);
        let mut sent = Sent::new();
        for attempts in 1..MOST_ATTEMPTS {
            advance(store, attempts);
            named(&umbra, &format!("user{attempts}")).await;
            sent.extend(send(&store.store, refuse).await);
        }
        // Where the last turn had nothing accepted, something new is sent every five minutes.
        for _ in 0..2 * MOST_ATTEMPTS {
            store.clock.advance(Duration::from_mins(6));
            sent.extend(send(&store.store, refuse).await);
        }
        let refused = sent.iter().filter(|(_, status)| *status == 400).count();
        assert_eq!(refused, MOST_ATTEMPTS - 1, "{sent:?}");
        assert_eq!(sent.len() - refused, MOST_ATTEMPTS, "the rest of both organizations: {sent:?}");
        let (webhook, waiting, given_up) = webhooks.look(id).await.expect("there");
        assert_eq!((webhook.paused, waiting, given_up), (None, 0, 1));
    }
}

contract! {
    async fn a_receiver_that_is_gone_is_paused_at_once(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Unordered).await;
        named(&acme, "ada").await;
        assert_eq!(send(&store.store, |_| 410).await, [(2, 410)]);
        let paused = webhooks.get(webhook.id).await.expect("there").paused.expect("it is paused");
        assert_eq!(paused.reason, Reason::Gone);
    }
}

contract! {
    async fn a_receiver_may_ask_to_be_left_alone(store) {
        let acme = store.organization("acme").await;
        make(&acme, Order::Organization).await;
        named(&acme, "ada").await;
        let turn = claim(&store.store).await;
        let busy = Outcome { asked: Some(Duration::from_mins(10)), ..outcome(429) };
        let key = turn.chains[0][0].key;
        turn.record(&store.store, &[(key, busy)]).await.expect("recorded");
        store.clock.advance(Duration::from_mins(9));
        assert!(accept(&store.store).await.is_empty());
        store.clock.advance(Duration::from_mins(2));
        assert_eq!(accept(&store.store).await, [(2, 200)]);
    }
}

contract! {
    async fn a_pause_keeps_what_happens(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        let audit = newest_audit(&acme).await;
        webhooks.pause(webhook.id).await.expect("paused");
        named(&acme, "ada").await;
        assert!(accept(&store.store).await.is_empty());
        webhooks.resume(webhook.id, false).await.expect("resumed");
        assert_eq!(accept(&store.store).await, [(2, 200)]);
        let expected = [AuditKind::WebhookPaused, AuditKind::WebhookResumed];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
    }
}

contract! {
    async fn everything_is_sent_once_more_from_an_event_on(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        for name in ["ada", "bea", "carl"] {
            named(&acme, name).await;
        }
        let mut ids = Vec::new();
        let mut accept = async |store: &Store| {
            let mut told = Vec::new();
            send(store, |message| {
                told.push(message.id());
                200
            })
            .await;
            ids.push(told);
        };
        accept(&store.store).await;
        let from = |event: i64| Replay { organization: None, event: EventNo::from(event) };
        webhooks.replay(webhook.id, from(3)).await.expect("it is there");
        accept(&store.store).await;
        assert_eq!(ids[0][1..], ids[1]);
        for absent in [0, 5] {
            let replayed = webhooks.replay(webhook.id, from(absent)).await;
            assert_eq!(code(replayed), "not_found");
        }
        // What waits is not sent twice.
        named(&acme, "dora").await;
        assert_eq!(send(&store.store, |_| 500).await, [(5, 500)]);
        webhooks.replay(webhook.id, from(4)).await.expect("it is there");
        assert_eq!(self::accept(&store.store).await, [(4, 200), (5, 200)]);
    }
}

contract! {
    async fn a_webhook_of_the_installation_tells_of_all_and_is_replayed_from_a_place(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let webhooks = Webhooks::of_installation(&store.installation());
        let id = webhooks.create(new(Order::Organization)).await.expect("made").webhook.id;
        named(&acme, "ada").await;
        assert_eq!(accept(&store.store).await, [(2, 200)]);
        named(&umbra, "bea").await;
        assert_eq!(accept(&store.store).await, [(2, 200)]);
        let replay = async |organization: &TestOrganization, event: i64| {
            let organization = Some(organization.get().await.id);
            webhooks.replay(id, Replay { organization, event: EventNo::from(event) }).await
        };
        replay(&umbra, 2).await.expect("it is there");
        assert_eq!(accept(&store.store).await.len(), 1);
        replay(&acme, 2).await.expect("it is there");
        assert_eq!(accept(&store.store).await.len(), 2);
        assert_eq!(code(replay(&acme, 3).await), "not_found");
        let nowhere = Replay { organization: None, event: EventNo::from(1) };
        assert_eq!(code(webhooks.replay(id, nowhere).await), "invalid");
        // Those of an organization are none of its.
        assert!(of(&acme).list().await.expect("a list").is_empty());
        assert_eq!(code(of(&acme).get(id).await), "not_found");
    }
}

contract! {
    async fn two_servers_share_the_work_and_who_is_too_slow_records_nothing(store) {
        let acme = store.organization("acme").await;
        make(&acme, Order::Organization).await;
        named(&acme, "ada").await;
        let other = store.another();
        let due = all_due(&store.store).await;
        let slow = work::claim(&store.store, &due[0]).await.expect("an answer").expect("free");
        assert!(work::claim(&other, &due[0]).await.expect("an answer").is_none());
        assert!(all_due(&other).await.is_empty());
        store.clock.advance(LEASE);
        assert_eq!(accept(&other).await, [(2, 200)]);
        let key = slow.chains[0][0].key;
        let recorded = slow.record(&store.store, &[(key, outcome(500))]).await.expect("an answer");
        assert!(matches!(recorded, Then::Lost));
        assert!(accept(&store.store).await.is_empty());
        other.close();
    }
}

contract! {
    async fn what_happens_while_something_is_sent_is_not_forgotten(store) {
        let acme = store.organization("acme").await;
        make(&acme, Order::Organization).await;
        named(&acme, "ada").await;
        let turn = claim(&store.store).await;
        named(&acme, "bea").await;
        work::wake(&store.store).await.expect("woken");
        let key = turn.chains[0][0].key;
        turn.record(&store.store, &[(key, outcome(200))]).await.expect("recorded");
        assert_eq!(accept(&store.store).await, [(3, 200)]);
    }
}

contract! {
    async fn much_is_sent_in_turns(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        crate::support::crowd(&acme, 2 * work::BATCH + 7).await;
        let expected: Sent = (2..2 * 50 + 9).map(|no| (no, 200)).collect();
        assert_eq!(accept(&store.store).await, expected);
        let (_, waiting, given_up) = webhooks.look(webhook.id).await.expect("there");
        assert_eq!((waiting, given_up), (0, 0));
    }
}

contract! {
    async fn two_secrets_sign_until_one_is_retired(store) {
        let acme = store.organization("acme").await;
        let webhooks = of(&acme);
        let Made { webhook, secret } = webhooks.create(new(Order::Organization)).await.expect("made");
        let audit = newest_audit(&acme).await;
        named(&acme, "ada").await;
        let secrets = async || {
            let turn = claim(&store.store).await;
            let shown: Vec<_> = turn.secrets.iter().map(|it| it.reveal().to_owned()).collect();
            store.clock.advance(LEASE);
            shown
        };
        assert_eq!(secrets().await, [secret.reveal()]);
        let further = webhooks.rotate(webhook.id).await.expect("made").secret;
        assert_eq!(secrets().await, [secret.reveal(), further.reveal()]);
        assert_eq!(code(webhooks.rotate(webhook.id).await), "conflict");
        let left = webhooks.retire(webhook.id, 1).await.expect("retired");
        assert_eq!(left.secrets.iter().map(|it| it.number).collect::<Vec<_>>(), [2]);
        assert_eq!(secrets().await, [further.reveal()]);
        assert_eq!(code(webhooks.retire(webhook.id, 2).await), "conflict");
        assert_eq!(code(webhooks.retire(webhook.id, 1).await), "not_found");
        let expected = [AuditKind::WebhookSecretMade, AuditKind::WebhookSecretRetired];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
    }
}

contract! {
    async fn what_is_deleted_is_sent_nothing(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        named(&acme, "ada").await;
        webhooks.delete(webhook.id).await.expect("there");
        assert!(accept(&store.store).await.is_empty());
        assert_eq!(code(webhooks.get(webhook.id).await), "not_found");
        // What waits of an organization that is gone delays no one.
        let of_all = Webhooks::of_installation(&store.installation());
        let id = of_all.create(new(Order::Organization)).await.expect("made").webhook.id;
        named(&acme, "bea").await;
        assert_eq!(send(&store.store, |_| 500).await.len(), 1);
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        while reap::step(&store.store).await.expect("cleared") {}
        named(&umbra, "carl").await;
        advance(store, 1);
        assert_eq!(accept(&store.store).await, [(2, 200)]);
        assert_eq!(of_all.look(id).await.expect("there").1, 0);
    }
}

contract! {
    async fn what_cannot_be_a_webhook_is_not_made(store) {
        let acme = store.organization("acme").await;
        let webhooks = of(&acme);
        for url in ["", "receiver.example", "ftp://receiver.example", "https://a b", "https://é"] {
            let made = webhooks.create(NewWebhook { url: url.to_owned(), ..new(Order::Unordered) });
            assert_eq!(code(made.await), "invalid", "{url}");
        }
        for _ in 0..50 {
            make(&acme, Order::Unordered).await;
        }
        assert_eq!(code(webhooks.create(new(Order::Unordered)).await), "conflict");
        assert!(matches!(Filter::parse(["users"]), Err(Error::Invalid { .. })));
    }
}

contract! {
    async fn a_webhook_that_misses_events_is_paused_and_says_which(store) {
        let acme = store.organization("acme").await;
        let (webhooks, webhook) = make(&acme, Order::Organization).await;
        let of_all = Webhooks::of_installation(&store.installation());
        let everything = of_all.create(new(Order::Organization)).await.expect("made").webhook;
        for (webhooks, id) in [(&webhooks, webhook.id), (&of_all, everything.id)] {
            webhooks.pause(id).await.expect("paused");
        }
        named(&acme, "ada").await;
        store.clock.advance(Duration::from_hours(40 * 24));
        named(&acme, "bea").await;
        prune::events(&store.store, Duration::from_hours(30 * 24)).await.expect("pruned");
        for (webhooks, id) in [(&webhooks, webhook.id), (&of_all, everything.id)] {
            webhooks.resume(id, false).await.expect("resumed");
            assert!(accept(&store.store).await.is_empty());
            let paused = webhooks.get(id).await.expect("there").paused.expect("it is paused");
            assert_eq!(paused.reason, Reason::Pruned);
            assert!(paused.detail.expect("why").contains("up to number 2"));
            // Whoever resumes it knows.
            webhooks.resume(id, false).await.expect("resumed");
            assert_eq!(accept(&store.store).await, [(3, 200)]);
            webhooks.pause(id).await.expect("paused");
        }
        // What is not kept is not sent again.
        let replay = Replay { organization: None, event: EventNo::from(2) };
        assert_eq!(code(webhooks.replay(webhook.id, replay).await), "not_found");
    }
}
