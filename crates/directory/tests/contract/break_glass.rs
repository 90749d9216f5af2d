//! Break-glass: who may come in without the provider, with what, and when that ends.

use std::time::Duration;

use directory::{
    Error,
    break_glass::{self, Attempt, Entered, NewAccount, Password},
    role,
    session::{Client, Policy},
    user,
};
use testkit::{TestOrganization, contract};

use crate::support::{code, is_missing, named, role_name, roles_of, said, set_active};

const EMAIL: &str = "ada@acme.example";
const PASSWORD: &str = "correct horse battery";

async fn create(org: &TestOrganization, email: &str) -> Result<NewAccount, Error> {
    break_glass::create(&org.store, &org.operator, email).await
}

/// What the app of the owner shows now.
async fn code_of(org: &TestOrganization, made: &NewAccount) -> String {
    let found = break_glass::find(&org.store, &made.link).await.expect("the link is good");
    found.totp_key.code_at(org.store.clock().now())
}

/// An account with a password; answers its key and its recovery codes.
async fn enrolled(org: &TestOrganization, email: &str) -> (break_glass::TotpKey, Vec<String>) {
    let made = create(org, email).await.expect("an account");
    let key = break_glass::find(&org.store, &made.link).await.expect("a link").totp_key;
    let code = code_of(org, &made).await;
    let done = break_glass::enroll(&org.store, &made.link, (PASSWORD, &code), None).await;
    (key, done.expect("enrolled").recovery_codes)
}

async fn enter(org: &TestOrganization, password: &str, code: &str) -> Option<Entered> {
    let attempt = Attempt {
        email: EMAIL.to_uppercase(),
        password: Password::shown(password),
        code: code.to_owned(),
        client: Client::default(),
        is_known: false,
    };
    break_glass::enter(&org.store, attempt, Policy::default(), None).await.expect("an answer")
}

contract! {
    async fn the_owner_sets_a_password_once_and_comes_in_with_a_code(store) {
        let acme = store.organization("acme").await;
        let made = create(&acme, EMAIL).await.expect("an account");
        assert!(made.is_new_user);
        assert_eq!(roles_of(&acme, made.user.id).await, ["superadmin"]);
        assert!(enter(&acme, PASSWORD, "000000").await.is_none(), "there is no password yet");
        let code = code_of(&acme, &made).await;
        let enroll = async |password: &str, code: &str| {
            break_glass::enroll(&acme.store, &made.link, (password, code), None).await
        };
        assert!(said(enroll(PASSWORD, "000000").await).contains("authenticator app"));
        assert!(said(enroll("short", &code).await).contains("12 to 256"));
        let codes = enroll(PASSWORD, &code).await.expect("enrolled").recovery_codes;
        assert!(is_missing(&enroll(PASSWORD, &code).await), "the link is used up");
        assert_eq!(codes.len(), 8);
        assert!(enter(&acme, PASSWORD, &code).await.is_none(), "the code was used");
        store.clock.advance(Duration::from_secs(30));
        let listed = acme.read(break_glass::list).await.expect("listed");
        assert_eq!(listed.len(), 1);
        assert!(enter(&acme, PASSWORD, &codes[0]).await.is_some(), "a recovery code stands for one");
        assert!(enter(&acme, PASSWORD, &codes[0]).await.is_none(), "once");
    }
}

contract! {
    async fn a_code_and_a_password_are_good_together_and_once(store) {
        let acme = store.organization("acme").await;
        let (key, _) = enrolled(&acme, EMAIL).await;
        store.clock.advance(Duration::from_mins(1));
        let code = key.code_at(store.now());
        assert!(enter(&acme, "wrong horse battery", &code).await.is_none());
        let entered = enter(&acme, PASSWORD, &code).await.expect("let in");
        assert!(entered.session.session.about.methods.contains(&"otp".to_owned()));
        assert!(enter(&acme, PASSWORD, &code).await.is_none(), "the code was used");
        assert!(break_glass::knows(&acme.store, EMAIL, &entered.device).await.expect("read"));
        let kinds = crate::support::audit_kinds(&acme, 0.into()).await;
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        assert!(names.ends_with(&["sign-in.refused", "break-glass.used", "session.started", "sign-in.refused"]), "{names:?}");
    }
}

contract! {
    async fn an_account_is_an_administrators_and_ends_with_its_owner(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, EMAIL).await;
        assert!(said(create(&acme, EMAIL).await).contains("no administrator"));
        let admin = ada.clone();
        let give = move |writer: &mut directory::Writer<'_>| role::assign(writer, &admin, &role_name("admin"));
        acme.write(give).await.expect("given");
        let (key, codes) = enrolled(&acme, EMAIL).await;
        let take = {
            let ada = ada.clone();
            move |writer: &mut directory::Writer<'_>| role::unassign(writer, &ada, &role_name("admin"))
        };
        let grace = named(&acme, "grace").await;
        let other = move |writer: &mut directory::Writer<'_>| role::assign(writer, &grace, &role_name("admin"));
        acme.write(other).await.expect("given");
        acme.write(take).await.expect("taken");
        store.clock.advance(Duration::from_mins(1));
        assert!(enter(&acme, PASSWORD, &key.code_at(store.now())).await.is_none(), "no administrator");
        let again = ada.clone();
        let give = move |writer: &mut directory::Writer<'_>| role::assign(writer, &again, &role_name("admin"));
        acme.write(give).await.expect("given");
        assert!(enter(&acme, PASSWORD, &codes[0]).await.is_some());
        set_active(&acme, ada.id, false).await;
        assert!(enter(&acme, PASSWORD, &codes[1]).await.is_none(), "archived");
        set_active(&acme, ada.id, true).await;
        assert!(enter(&acme, PASSWORD, &codes[2]).await.is_none(), "coming back brings no account back");
        assert!(acme.read(break_glass::list).await.expect("listed").is_empty());
    }
}

contract! {
    async fn a_link_expires_and_a_new_one_takes_the_old_password_away(store) {
        let acme = store.organization("acme").await;
        let made = create(&acme, EMAIL).await.expect("an account");
        let code = code_of(&acme, &made).await;
        store.clock.advance(Duration::from_hours(25));
        assert!(is_missing(&break_glass::find(&acme.store, &made.link).await));
        let late = break_glass::enroll(&acme.store, &made.link, (PASSWORD, &code), None).await;
        assert!(is_missing(&late));
        let (_, codes) = enrolled(&acme, EMAIL).await;
        create(&acme, EMAIL).await.expect("begun anew");
        assert!(enter(&acme, PASSWORD, &codes[0]).await.is_none());
        break_glass::remove(&acme.store, &acme.operator, EMAIL).await.expect("removed");
        assert!(is_missing(&break_glass::remove(&acme.store, &acme.operator, EMAIL).await));
    }
}

contract! {
    async fn one_person_may_administer_several_organizations(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (_, codes) = enrolled(&acme, EMAIL).await;
        enrolled(&umbra, EMAIL).await;
        // The first with the password is meant, and its code is the other's not.
        assert!(enter(&acme, PASSWORD, &codes[0]).await.is_some());
        let names = ["a1", "a2", "a3"];
        for slug in names {
            enrolled(&store.organization(slug).await, EMAIL).await;
        }
        let sixth = store.organization("a4").await;
        assert_eq!(code(create(&sixth, EMAIL).await), "conflict");
        assert_eq!(code(create(&sixth, "no address").await), "invalid");
        let other = sixth.read(|reader| user::by_username(reader, EMAIL)).await;
        assert!(is_missing(&other), "nothing was made");
    }
}
