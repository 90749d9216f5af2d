//! Set-up links: whoever was sent one.

use std::time::Duration;

use directory::{Writer, setup_link};
use testkit::{PUBLIC_URL, contract};

use super::support::{House, follow, send};

contract!(async fn looking_at_a_link_uses_nothing_up_and_starting_does(store) {
    let house = House::open(store).await;
    let link = house.link().await;
    for _ in 0..10 {
        let page = house.door.browser().get(&link).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Start set-up"), "{}", page.text());
    }
    let browser = house.door.browser();
    let started = browser.post(&link, PUBLIC_URL, &[]).await;
    assert_eq!((started.status, started.header("location")), (303, Some("/setup")));
    // The same browser goes on, from wherever it comes.
    let again = browser.get(&link).await;
    assert_eq!((again.status, again.header("location")), (303, Some("/setup")));
    let open = follow(&browser, &browser.get("/setup").await).await;
    assert!(open.text().contains("Add integration"), "{}", open.text());
    // Another one does not, by looking or by starting.
    let other = house.door.browser();
    for answer in [other.get(&link).await, other.post(&link, PUBLIC_URL, &[]).await] {
        assert_eq!(answer.status, 410);
        assert!(answer.text().contains("was started in another browser"), "{}", answer.text());
    }
    assert_eq!(other.get("/setup").await.status, 303, "it is no one");
});

contract!(async fn a_link_that_is_dead_has_one_page(store) {
    let house = House::open(store).await;
    let (expired, revoked) = (house.link().await, house.link().await);
    let handle = setup_link::Handle::parse(revoked.rsplit('/').next().expect("a secret"));
    let shown = setup_link::look(&store.store, &handle.expect("a handle")).await.expect("an answer");
    let id = shown.expect("the link").link.id;
    let revoke = move |writer: &mut Writer<'_>| setup_link::revoke(writer, id);
    assert!(house.operator().write(revoke).await.expect("revoked"));
    store.clock.advance(setup_link::LIFETIME + Duration::from_secs(1));
    let made_up = format!("{}x", &expired[..expired.len() - 1]);
    let browser = house.door.browser();
    let first = browser.get(&expired).await;
    assert_eq!(first.status, 410);
    for dead in [&revoked, &made_up, "/setup/x"] {
        for answer in [browser.get(dead).await, browser.post(dead, PUBLIC_URL, &[]).await] {
            assert_eq!((answer.status, answer.text()), (410, first.text()), "{dead}");
        }
    }
});

contract!(async fn a_set_up_ends_when_its_link_does(store) {
    let house = House::open(store).await;
    let bearer = house.bearer().await;
    assert_eq!(bearer.get("/console/integrations/new").await.status, 200);
    store.clock.advance(setup_link::LIFETIME + Duration::from_secs(1));
    let late = bearer.get("/console/integrations/new").await;
    assert_eq!((late.status, late.header("location")), (303, Some("/signin")));
});

contract!(async fn whoever_bears_a_link_sees_one_connection(store) {
    let house = House::open(store).await;
    let other = house.door.client.connection.connection.id;
    let bearer = house.bearer().await;
    let answer = send(&bearer, "/console/integrations/new", &[("provider", "okta"), ("app", "okta-scim2")]).await;
    let page = follow(&bearer, &answer).await;
    assert!(page.text().contains("Connect Okta"), "{}", page.text());
    let own = answer.header("location").expect("an address").to_owned();
    // The one that was there before, and one that was never there, read the same.
    let invented = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let strange = bearer.get(&format!("/console/integrations/{other}")).await;
    let nothing = bearer.get(&format!("/console/integrations/{invented}")).await;
    assert_eq!((strange.status, nothing.status), (404, 404));
    let without = |text: String, id: &str| text.replace(id, "");
    assert_eq!(without(strange.text(), &other.to_string()), without(nothing.text(), invented));
    // One link makes one connection, and names no one.
    let second = send(&bearer, "/console/integrations/new", &[("provider", "entra")]).await;
    assert_eq!(second.status, 422, "{}", second.text());
    assert!(second.text().contains("has its connection already"), "{}", second.text());
    assert_eq!(bearer.get("/console/users").await.status, 403);
    assert_eq!(bearer.get(&own).await.status, 200);
    store.clock.advance(Duration::from_hours(2));
    let late = send(&bearer, &format!("{own}/enable"), &[("expected", "0")]).await;
    assert_eq!(late.status, 403, "a credential needs a fresh start: {}", late.text());
});
