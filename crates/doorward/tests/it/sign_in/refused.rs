//! Who does not come in: each reads the same, and the reason is in the audit.

use directory::{Writer, connection, connection::Provider, saml::State};
use testkit::{PUBLIC_URL, contract};

use super::{
    browser::{Browser, Door, SESSION},
    shapes::who,
};

const REFERENCE: usize = 36;

/// The page that everybody reads, without its reference.
fn page(answer: &testkit::Answer) -> String {
    let text = answer.text();
    let at = text.find("<code>").expect("a reference") + 6;
    assert_eq!(text[at + REFERENCE..].find("</code>"), Some(0), "{text}");
    format!("{} {}{}", answer.status, &text[..at], &text[at + REFERENCE..])
}

contract!(async fn every_reason_looks_the_same_and_is_audited(store) {
    let door = Door::open(store).await;
    let user = door.client.user("noor").await;
    let archived = door.client.user("archived").await;
    door.client.patch(&format!("/Users/{archived}"),
        r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#).await;
    let mut pages = Vec::new();
    for (name_id, reason) in [("stranger", "unknown_user"), ("archived", "archived")] {
        let answer = door.sign_in(&door.browser(), name_id).await;
        pages.push(page(&answer));
        let audited = door.audited().await;
        assert!(audited.contains(&format!("\"reason\":\"{reason}\"")), "{audited}");
        assert!(audited.contains(&format!("\"name_id\":\"{name_id}\"")), "{audited}");
    }
    // An answer for another application, one of long ago, one that another key signed.
    for (reason, change) in [("audience", 0), ("issued_long_ago", 1), ("unknown_key", 2)] {
        let browser = door.browser();
        let asked = door.ask(&browser, "").await;
        let mut statement = door.statement(Some(&asked), "noor");
        let answer = match change {
            0 => {
                "https://other.example".clone_into(&mut statement.audience);
                door.bring(&browser, &asked.relay_state, &statement).await
            }
            1 => {
                statement.at -= std::time::Duration::from_hours(2);
                door.bring(&browser, &asked.relay_state, &statement).await
            }
            _ => {
                let mut forger = testkit::SamlProvider::new("forger");
                forger.entity_id.clone_from(&door.provider.entity_id);
                let message = forger.answer(&statement);
                let fields = [("SAMLResponse", &*message), ("RelayState", &asked.relay_state)];
                browser.post(&door.address("acs"), "https://evil.example", &fields).await
            }
        };
        pages.push(page(&answer));
        let audited = door.audited().await;
        assert!(audited.contains(&format!("\"reason\":\"{reason}\"")), "{audited}");
        // The request is used up, whatever the answer was worth.
        let statement = door.statement(Some(&asked), "noor");
        let late = door.bring(&browser, &asked.relay_state, &statement).await;
        assert_eq!((late.status, who(&browser).await), (303, None), "it is a hint only");
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    assert!(!user.is_empty());
});

contract!(async fn only_the_browser_that_asked_comes_in(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let (victim, attacker) = (door.browser(), door.browser());
    let asked = door.ask(&attacker, "").await;
    let statement = door.statement(Some(&asked), "noor");
    let sent = door.bring(&victim, &asked.relay_state, &statement).await;
    let address = sent.header("location").expect("where to").to_owned();
    let answer = victim.get(&address).await;
    assert_eq!((answer.status, who(&victim).await), (403, None));
    assert!(door.audited().await.contains("answer_lost"));
    // The answer is used up.
    assert_eq!(attacker.get(&address).await.status, 403);
});

contract!(async fn an_answer_is_good_once_and_not_for_long(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = door.browser();
    let asked = door.ask(&browser, "").await;
    store.clock.advance(std::time::Duration::from_mins(11));
    let sent = door.bring(&browser, &asked.relay_state, &door.statement(Some(&asked), "noor")).await;
    let login = sent.header("location").expect("where to");
    assert!(login.contains("/login?from-provider"), "it came too late: {login}");
    let asked = door.ask(&browser, "").await;
    let sent = door.bring(&browser, &asked.relay_state, &door.statement(Some(&asked), "noor")).await;
    store.clock.advance(std::time::Duration::from_mins(2));
    let answer = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!((answer.status, browser.cookie(SESSION)), (403, None));
});

contract!(async fn what_is_switched_off_lets_no_one_in(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let id = door.client.connection.connection.id;
    let operator = door.client.connection.organization.by_operator();
    let browser = door.browser();
    let asked = door.ask(&browser, "").await;
    operator.write(move |writer: &mut Writer<'_>| connection::disable(writer, id)).await.expect("off");
    let sent = door.bring(&browser, &asked.relay_state, &door.statement(Some(&asked), "noor")).await;
    assert_eq!(sent.status, 403);
    assert!(door.audited().await.contains("connection_not_active"));
    assert_eq!(browser.get(&door.address("login")).await.status, 403);
    let missing = format!("{PUBLIC_URL}/saml/6b1fa2a4-2f5d-4a5e-9d62-6f1c0a9b7e31/login");
    assert_eq!(browser.get(&missing).await.status, 404);
});

contract!(async fn a_connection_signs_in_its_own_people_only(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let beside = door.client.beside(Provider::Entra).await;
    let other = Door::of(beside, "contractors", State::Enforced).await;
    let browser = other.browser();
    assert_eq!(other.sign_in(&browser, "noor").await.status, 403);
    assert!(other.audited().await.contains("other_connection"));
    // Its answer is none for the other connection.
    let asked = door.ask(&browser, "").await;
    let mut statement = other.statement(Some(&asked), "noor");
    statement.recipient = door.address("acs");
    statement.audience = door.address("metadata");
    let message = other.provider.answer(&statement);
    let fields = [("SAMLResponse", &*message), ("RelayState", &asked.relay_state)];
    let answer = browser.post(&door.address("acs"), "https://x.example", &fields).await;
    assert_eq!(answer.status, 403);
    // And a person of another organization is no one here.
    let elsewhere = door.client.of_another(store, "globex").await;
    elsewhere.user("theirs").await;
    assert_eq!(door.sign_in(&Browser::at(&door.client.server), "theirs").await.status, 403);
});

contract!(async fn strangers_do_not_fill_the_audit(store) {
    let door = Door::open(store).await;
    let newest = async || {
        let organization = &door.client.connection.organization;
        i64::from(organization.read(directory::audit::newest).await.expect("a number"))
    };
    let browser = door.browser();
    let before = newest().await;
    // A handle that was made up leads to nothing, and no one is told.
    let made_up = format!("{}?answer={}", door.address("finish"), "a".repeat(43));
    assert_eq!(browser.get(&made_up).await.status, 403);
    assert_eq!(newest().await, before);
    // Whoever goes on with answers that are none is told to wait.
    let mut last = 403;
    for _ in 0..70 {
        let asked = door.ask(&browser, "").await;
        let fields = [("SAMLResponse", "AAAA"), ("RelayState", &*asked.relay_state)];
        let answer = browser.post(&door.address("acs"), "https://x.example", &fields).await;
        last = answer.status;
        assert!(last == 403 || answer.header("retry-after").is_some(), "{last}");
    }
    assert_eq!(last, 429);
    assert!((1..70).contains(&(newest().await - before)), "{}", newest().await - before);
});

contract!(async fn what_is_no_form_is_refused(store) {
    let door = Door::open(store).await;
    let browser = door.browser();
    let acs = door.address("acs");
    for (name, value) in [("SAMLResponse", "!"), ("SAMLResponse", ""), ("other", "x")] {
        let asked = door.ask(&browser, "").await;
        let fields = [(name, value), ("RelayState", &*asked.relay_state)];
        assert_eq!(browser.post(&acs, "https://x.example", &fields).await.status, 403);
    }
    let large = "A".repeat(400 * 1024);
    let answer = browser.post(&acs, "https://x.example", &[("SAMLResponse", &large)]).await;
    assert_eq!(answer.status, 403);
    assert_eq!(browser.get(&acs).await.status, 405);
    assert_eq!(browser.get(&format!("{}?answer=x", door.address("finish"))).await.status, 400);
});
