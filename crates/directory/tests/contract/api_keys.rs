//! API keys: whom they let in, where they reach, and what their scope lets them do.

use std::time::Duration;

use directory::{
    Error, KeyNo, Store,
    api_key::{self, MadeKey, NewKey, Refusal, Scope},
    audit::AuditKind,
    organization::{self, Slug},
    program::{self, Caller},
    user::{self, Rehire},
};
use scim::Object;
use testkit::{TestOrganization, contract};

use crate::support::{audit_kinds, code, newest_audit};

async fn show(store: &Store, key: &str) -> Result<Caller, Refusal> {
    let shown = program::authenticate(store, key, None).await.expect("the store answers");
    shown.map_err(|refusal| match refusal {
        program::Refusal::Key(refusal) => refusal,
        program::Refusal::Token(unfit) => panic!("it is no token: {unfit:?}"),
    })
}

fn new(scope: Scope) -> NewKey {
    NewKey { name: "billing".to_owned(), scope, expires: None }
}

async fn make(org: &TestOrganization, scope: Scope) -> MadeKey {
    org.write(move |writer| api_key::create(writer, &new(scope))).await.expect("made")
}

contract! {
    async fn a_key_reaches_its_organization_and_no_other(store) {
        let (acme, other) = (store.organization("acme").await, store.organization("other").await);
        let made = make(&acme, Scope::Read).await;
        let caller = show(&store.store, made.reveal()).await.expect("a live key");
        assert_eq!(caller.principal().to_string(), "key:1");
        let id = acme.get().await.id.to_string();
        for name in ["acme", &id] {
            let (access, found) = caller.organization(name).await.expect("its own");
            assert_eq!(found.slug.as_str(), "acme");
            assert_eq!(access.principal(), caller.principal());
        }
        // What it does not reach is told as what there is not: the name that was asked for and no more.
        let foreign = other.get().await.id.to_string();
        let absent = foreign.replace(|c: char| c.is_ascii_digit(), "0");
        for (there, missing) in [(foreign.as_str(), absent.as_str()), ("other", "nosuch")] {
            let told = async |name: &str| {
                let error = caller.organization(name).await.expect_err("out of reach");
                assert_eq!(error.code(), "not_found");
                error.to_string().replace(name, "[name]")
            };
            assert_eq!(told(there).await, told(missing).await);
        }
        assert!(matches!(caller.installation(), Err(Error::Denied { .. })));
        let home = caller.home().await.expect("there").expect("it has one");
        assert_eq!(home.1.slug.as_str(), "acme");
    }
}

contract! {
    async fn a_key_of_the_installation_reaches_every_organization(store) {
        let acme = store.organization("acme").await;
        let installation = store.installation();
        let made = installation.create_api_key(new(Scope::Manage)).await.expect("made");
        let caller = show(&store.store, made.reveal()).await.expect("a live key");
        assert_eq!(caller.principal().to_string(), "installation-key:1");
        assert!(caller.home().await.expect("an answer").is_none());
        caller.organization("acme").await.expect("it reaches all");
        let by_key = caller.installation().expect("it is the installation's");
        let slug = Slug::parse("made-by-key").expect("a slug");
        organization::create(&by_key, &slug, "Made by a key", None).await.expect("it may");
        let (page, next) = organization::after(&by_key, None, 1).await.expect("it may");
        assert_eq!(page[0].1.slug, acme.slug);
        let (page, _) = organization::after(&by_key, next.as_deref(), 10).await.expect("it may");
        assert_eq!(page[0].1.slug, slug);
        // The same numbers in an organization are other keys.
        assert_eq!(make(&acme, Scope::Read).await.key.no, made.key.no);
    }
}

contract! {
    async fn a_scope_says_what_a_key_may_do(store) {
        let acme = store.organization("acme").await;
        let installation = store.installation();
        for (scope, may_write, may_manage) in
            [(Scope::Read, false, false), (Scope::Write, true, false), (Scope::Manage, true, true)]
        {
            let made = installation.create_api_key(new(scope)).await.expect("made");
            let caller = show(&store.store, made.reveal()).await.expect("a live key");
            let (access, _) = caller.organization("acme").await.expect("it reaches all");
            let by_key = acme.by(access);
            let ada = Object::new().with("userName", format!("ada-{scope}"));
            let created = by_key.write(move |w| user::create(w, &ada, Rehire::BringBack)).await;
            assert_eq!(created.is_ok(), may_write, "{scope}");
            let keyed = by_key.write(|w| api_key::create(w, &new(Scope::Read))).await;
            assert_eq!(keyed.is_ok(), may_manage, "{scope}");
            let by_key = caller.installation().expect("it is the installation's");
            assert!(by_key.plans().await.is_ok(), "{scope}");
            assert_eq!(by_key.set_plan("free", &[]).await.is_ok(), may_manage, "{scope}");
        }
    }
}

contract! {
    async fn a_key_ends_by_itself_and_is_revoked_in_every_process_at_once(store) {
        let acme = store.organization("acme").await;
        let audit = newest_audit(&acme).await;
        let expires = Some(store.now().plus(Duration::from_hours(1)));
        let short = acme
            .write(move |writer| api_key::create(writer, &NewKey { expires, ..new(Scope::Read) }))
            .await
            .expect("made");
        let long = make(&acme, Scope::Read).await;
        let other = store.another();
        store.clock.advance(Duration::from_hours(1));
        assert_eq!(show(&other, short.reveal()).await.err(), Some(Refusal::Expired));
        assert!(show(&other, long.reveal()).await.is_ok());
        let no = long.key.no;
        let revoke = || acme.write(move |writer| api_key::revoke(writer, no));
        assert!(revoke().await.expect("there").1);
        assert!(!revoke().await.expect("there").1);
        assert_eq!(show(&other, long.reveal()).await.err(), Some(Refusal::Revoked));
        assert_eq!(
            audit_kinds(&acme, audit).await,
            [AuditKind::ApiKeyCreated, AuditKind::ApiKeyCreated, AuditKind::ApiKeyRevoked]
        );
        let keys = acme.read(api_key::list).await.expect("a list");
        assert_eq!(keys.iter().map(|key| key.no).collect::<Vec<_>>(), [short.key.no, no]);
        assert!(keys[1].revoked.is_some());
        other.close();
    }
}

contract! {
    async fn what_is_no_key_tells_nothing(store) {
        let acme = store.organization("acme").await;
        let made = make(&acme, Scope::Read).await;
        let text = made.reveal();
        let refusal = async |text: &str| show(&store.store, text).await.err();
        assert_eq!(refusal("secret").await, Some(Refusal::Malformed));
        assert_eq!(refusal(&text[..text.len() - 1]).await, Some(Refusal::Mistyped));
        let okta = store.connection(&acme).await.connection;
        let token = acme.issue(&okta).await;
        assert_eq!(refusal(token.reveal()).await, Some(Refusal::Malformed));
        // It is gone with its organization.
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        assert_eq!(refusal(text).await, Some(Refusal::Unknown));
    }
}

contract! {
    async fn a_key_that_could_not_work_is_not_made(store) {
        let acme = store.organization("acme").await;
        let past = Some(store.now());
        let made = acme
            .write(move |writer| {
                api_key::create(writer, &NewKey { expires: past, ..new(Scope::Read) })
            })
            .await;
        assert_eq!(code(made), "invalid");
        let installation = store.installation();
        let missing = installation.revoke_api_key(KeyNo::parse("7").expect("a number")).await;
        assert_eq!(code(missing), "not_found");
    }
}
