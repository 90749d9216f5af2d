//! How long people stay in, and what ends it.

use std::time::Duration;

use directory::{
    Writer, connection,
    role::{self, RoleName},
    session, user,
};
use testkit::{PUBLIC_URL, TestServer, contract};

use super::{
    browser::{Browser, Door, SESSION},
    shapes::who,
};

/// A browser in which `noor` is signed in.
async fn signed_in(door: &Door) -> Browser {
    let browser = door.browser();
    door.sign_in(&browser, "noor").await;
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
    browser
}

contract!(async fn a_person_whom_okta_deactivates_is_out_at_every_server(store) {
    let door = Door::open(store).await;
    let id = door.client.user("noor").await;
    let browser = signed_in(&door).await;
    let elsewhere = Browser::at(&TestServer::over(store.another(), server::http::Limits::default()));
    elsewhere.set_cookie(SESSION, &browser.cookie(SESSION).expect("a session"));
    assert_eq!(who(&elsewhere).await.as_deref(), Some("noor"));
    let active = async |active: bool| {
        let body = format!(r#"{{"Operations":[{{"op":"replace","value":{{"active":{active}}}}}]}}"#);
        door.client.patch(&format!("/Users/{id}"), &body).await;
    };
    active(false).await;
    assert_eq!((who(&browser).await, who(&elsewhere).await), (None, None));
    // Coming back does not bring the session back.
    active(true).await;
    assert_eq!(who(&browser).await, None);
    signed_in(&door).await;
});

contract!(async fn a_connection_that_is_switched_off_signs_its_people_out(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = signed_in(&door).await;
    let id = door.client.connection.connection.id;
    let operator = door.client.connection.organization.by_operator();
    operator.write(move |writer: &mut Writer<'_>| connection::disable(writer, id)).await.expect("off");
    assert_eq!(who(&browser).await, None);
    operator.write(move |writer: &mut Writer<'_>| connection::activate(writer, id)).await.expect("on");
    assert_eq!(who(&browser).await, None);
    store.clock.advance(Duration::from_secs(1));
    signed_in(&door).await;
});

contract!(async fn a_session_ends_by_itself(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = signed_in(&door).await;
    let organization = door.client.connection.organization.by_operator();
    // Each use keeps it alive, to its end.
    for _ in 0..3 {
        store.clock.advance(Duration::from_hours(7));
        assert_eq!(who(&browser).await.as_deref(), Some("noor"));
        // That it was used is written beside the request, and before this change.
        organization.write(|_| Ok(())).await.expect("written");
    }
    store.clock.advance(Duration::from_hours(4));
    assert_eq!(who(&browser).await, None, "after 25 hours");
    let browser = signed_in(&door).await;
    store.clock.advance(Duration::from_hours(9));
    assert_eq!(who(&browser).await, None, "after nine hours without a request");
    // The provider may want it shorter.
    let browser = door.browser();
    let asked = door.ask(&browser, "").await;
    let mut statement = door.statement(Some(&asked), "noor");
    statement.session_ends = Some(store.now().plus(Duration::from_mins(30)).timestamp());
    let sent = door.bring(&browser, &asked.relay_state, &statement).await;
    browser.get(sent.header("location").expect("where to")).await;
    store.clock.advance(Duration::from_mins(31));
    assert_eq!(who(&browser).await, None);
});

contract!(async fn signing_out_is_done_from_our_own_pages_only(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = signed_in(&door).await;
    let before = browser.cookie(SESSION).expect("a session");
    let foreign = browser.post("/session/sign-out", "https://evil.example", &[]).await;
    assert_eq!(foreign.status, 403);
    let withheld = browser.post("/session/sign-out", "null", &[]).await;
    assert_eq!(withheld.status, 403);
    let page = browser.get("/console/me").await;
    // With `no-referrer` a browser would withhold the origin of our own forms.
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
    let own = browser.post("/session/sign-out", PUBLIC_URL, &[]).await;
    assert_eq!((own.status, browser.cookie(SESSION)), (204, None));
    // What was copied before is worth nothing.
    browser.set_cookie(SESSION, &before);
    assert_eq!(who(&browser).await, None);
    let page = browser.get("/signed-out").await;
    assert!(page.text().contains("You are signed out"));
});

contract!(async fn administrators_end_sessions_and_roles_count_at_once(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let (one, other) = (signed_in(&door).await, signed_in(&door).await);
    let organization = door.client.connection.organization.by_operator();
    let change = |given: bool| {
        move |writer: &mut Writer<'_>| {
            let (user, admin) = (user::by_username(writer, "noor")?, RoleName::parse("admin")?);
            if given {
                role::assign(writer, &user, &admin).map(drop)
            } else {
                role::unassign(writer, &user, &admin)
            }
        }
    };
    let roles = async |browser: &Browser| browser.get("/session").await.json()["roles"].clone();
    organization.write(change(true)).await.expect("given");
    assert_eq!(roles(&one).await, serde_json::json!(["admin"]));
    let off = move |writer: &mut Writer<'_>| {
        directory::organization::set_admin_guard(writer, Some(false)).map(drop)
    };
    organization.write(off).await.expect("no guard");
    organization.write(change(false)).await.expect("taken");
    assert_eq!(roles(&one).await, serde_json::json!([]));
    let listed = organization.read(|reader| session::after(reader, None, 10)).await.expect("listed");
    assert_eq!(listed.len(), 2);
    let first = listed[0].0.id;
    organization.write(move |writer: &mut Writer<'_>| session::end(writer, first)).await.expect("ended");
    let left = [who(&one).await, who(&other).await];
    assert_eq!(left.iter().flatten().count(), 1, "{left:?}");
    let all = move |writer: &mut Writer<'_>| {
        let user = user::by_username(writer, "noor")?;
        session::end_all(writer, &user)
    };
    assert_eq!(organization.write(all).await.expect("ended"), 1);
    assert_eq!((who(&one).await, who(&other).await), (None, None));
});

contract!(async fn a_cookie_that_was_made_up_is_no_one(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = signed_in(&door).await;
    let good = browser.cookie(SESSION).expect("a session");
    let (head, secret) = good.rsplit_once('.').expect("three parts");
    let swapped: String = secret.chars().rev().collect();
    for bad in ["", "x", ".", &format!("{head}.{swapped}"), head, &good[1..], &format!("Z{good}")] {
        browser.set_cookie(SESSION, bad);
        assert_eq!(who(&browser).await, None, "{bad}");
    }
    browser.set_cookie(SESSION, &good);
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
});
