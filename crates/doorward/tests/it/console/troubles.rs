//! What is wrong with the way in which a provider calls is told where its administrator looks.

use std::time::Duration;

use axum::{body::Body, http::Request};
use directory::{Writer, connection, connection::Protocol, connection::Provider, token};
use testkit::{TestConnection, contract};

use super::support::House;
use crate::sign_in::browser::Browser;

/// A connection without a request so far, and a token of it.
struct Called {
    connection: TestConnection,
    token: String,
    id: String,
}

impl Called {
    async fn new(house: &House) -> Self {
        let organization = house.operator();
        let connection = organization.connection(Provider::Okta, Protocol::Scim2).await;
        let token = organization.issue(&connection.connection).await.reveal().to_owned();
        let id = connection.connection.id.to_string();
        Self { connection, token, id }
    }

    /// The base URL that names it.
    fn base(&self) -> String {
        format!("/c/{}/scim/v2", self.id)
    }

    fn ending(&self) -> &str {
        &self.token[self.token.len() - 4..]
    }

    /// What the guided set-up and the sync log say of it, once both say something.
    async fn pages(&self, house: &House, browser: &Browser) -> [String; 2] {
        for _ in 0..1_000 {
            house.flush().await;
            let log = self.page(browser, "/log").await;
            if log.contains("Calls that were not let in as they came") {
                return [self.page(browser, "/setup").await, log];
            }
            tokio::task::yield_now().await;
        }
        [String::new(), String::new()]
    }

    async fn page(&self, browser: &Browser, below: &str) -> String {
        browser.get(&format!("/console/integrations/{}{below}", self.id)).await.text()
    }
}

/// Calls an address with `Authorization` headers. Answers the status.
async fn call(house: &House, path: &str, shown: &[&str]) -> u16 {
    let mut request = Request::get(path);
    for value in shown {
        request = request.header("Authorization", *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    house.door.client.server.send(request).await.status
}

contract!(async fn each_credential_error_alone_has_its_own_sentence(store) {
    let house = House::open(store).await;
    let browser = house.person(Some("superadmin")).await;
    let other = house.door.client.of_another(store, "beta").await;
    let operator = house.operator();
    let public = testkit::PUBLIC_URL;
    for case in 0..16 {
        let called = Called::new(&house).await;
        let Called { token, id, .. } = &called;
        let (base, users, ending) =
            (called.base(), format!("{}/Users", called.base()), called.ending().to_owned());
        let bearer = format!("Bearer {token}");
        let (number, connection) = {
            let connection = called.connection.connection.id;
            let list = operator.read(move |reader| token::list(reader, connection)).await;
            (list.expect("tokens").last().expect("one").no, connection)
        };
        let (status, sentence) = match case {
            0 => {
                let path = format!("/c/{id}/Users");
                let status = call(&house, &path, &[&bearer]).await;
                (status, format!("Okta called {path}. Copy the base URL, {public}{base}, into SCIM 2.0"))
            }
            1 => {
                let path = format!("{users}/Users");
                let status = call(&house, &path, &[&bearer]).await;
                (status, format!("Okta called {path}. Copy the base URL, {public}{base}, into SCIM 2.0"))
            }
            2 => {
                let status = call(&house, &users, &[&format!("Bearer {bearer}")]).await;
                (status, "The word Bearer came twice. This Okta app adds it: paste only the".to_owned())
            }
            3 => {
                let shown = format!("Bearer {public}{base}");
                let status = call(&house, &users, &[&shown]).await;
                (status, "A web address came as the token. Put the base URL into SCIM 2.0".to_owned())
            }
            4 => {
                let status = call(&house, &format!("{users}?token={token}"), &[]).await;
                (status, "The token is in the address. Take it out of SCIM 2.0 Base Url".to_owned())
            }
            5 => {
                let shown = &bearer[..bearer.len() - 1];
                let status = call(&house, &users, &[shown]).await;
                (status, "The token is not complete. Copy it again, or reset the token.".to_owned())
            }
            6 => {
                let status = call(&house, &users, &[]).await;
                (status, "The call came without a token. Paste it into OAuth Bearer Token".to_owned())
            }
            7 => {
                let revoke = move |writer: &mut Writer<'_>| token::revoke(writer, connection, number);
                operator.write(revoke).await.expect("revoked");
                // Where the address names no connection, the token does.
                let status = call(&house, "/scim/v2/Users", &[&bearer]).await;
                (status, format!("The revoked token ending {ending} was used at"))
            }
            8 => {
                let soon = store.now().plus(Duration::from_secs(1));
                let issue = move |writer: &mut Writer<'_>| token::issue(writer, connection, Some(soon));
                let issued = operator.write(issue).await.expect("issued").reveal().to_owned();
                store.clock.advance(Duration::from_secs(2));
                let status = call(&house, &users, &[&format!("Bearer {issued}")]).await;
                let ending = &issued[issued.len() - 4..];
                (status, format!("The token ending {ending} expired on 1 Jan 2026. Reset the token."))
            }
            9 => {
                let status = call(&house, &users, &[&format!("Bearer {}", other.token)]).await;
                (status, format!("belongs to another connection. Paste the one ending {ending}."))
            }
            10 => {
                let (begin, end) = bearer.split_at(bearer.len() - 5);
                let status = call(&house, &users, &[&format!("{begin} {end}")]).await;
                (status, "The token had white space in it. We ignored that".to_owned())
            }
            11 => {
                let status = call(&house, &users, &["Basic ???"]).await;
                (status, "A user name and password came that cannot be read.".to_owned())
            }
            12 => {
                let status = call(&house, &users, &[&bearer, &bearer]).await;
                (status, "The token came in two headers.".to_owned())
            }
            13 => {
                let status = call(&house, &users, &["Bearer hunter2-hunter2"]).await;
                (status, format!("none of ours: those begin with scim_. Paste the one ending {ending}"))
            }
            14 => {
                let gone = Called::new(&house).await;
                let deleted = gone.connection.connection.id;
                connection::delete(&operator.store, &operator.operator, deleted)
                    .await
                    .expect("deleted");
                let status = call(&house, &users, &[&format!("Bearer {}", gone.token)]).await;
                (status, format!("is not known here. Paste the one ending {ending} into OAuth"))
            }
            _ => {
                let disable = move |writer: &mut Writer<'_>| connection::disable(writer, connection);
                operator.write(disable).await.expect("switched off");
                let status = call(&house, &users, &[&bearer]).await;
                (status, "Okta called while the connection is disabled, and was refused.".to_owned())
            }
        };
        let expected = match case {
            0 | 1 => 404,
            2 | 10 => 200,
            15 => 403,
            _ => 401,
        };
        assert_eq!(status, expected, "case {case}");
        for page in called.pages(&house, &browser).await {
            assert!(page.contains(&sentence), "case {case}: {sentence}\n{page}");
            assert_eq!(page.matches("hunter2").count(), 0);
            assert!(!page.contains(token), "case {case}");
        }
    }
    // Nothing of it stands where another organization looks.
    let theirs = other.connection.connection.id;
    let troubles = other.connection.organization.read(move |reader| {
        let found = connection::get(reader, theirs)?;
        directory::trouble::list(reader, &found)
    });
    let kinds: Vec<_> = troubles.await.expect("a list").iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [directory::trouble::Kind::WrongPath], "its own token went astray");
});

contract!(async fn a_thousand_calls_without_a_token_are_one_row(store) {
    let house = House::open(store).await;
    let browser = house.person(Some("admin")).await;
    let called = Called::new(&house).await;
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..1_000 {
        statuses.insert(call(&house, &format!("{}/Users", called.base()), &[]).await);
    }
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [401, 429]);
    let [_, log] = called.pages(&house, &browser).await;
    assert!(log.contains("1000 times"), "{log}");
    assert_eq!(log.matches("The call came without a token").count(), 1);
    // A made-up connection is no one's.
    let invented = "/c/3f2504e0-4f89-41d3-9a0c-0305e82c3301/scim/v2/Users";
    assert!([401, 429].contains(&call(&house, invented, &[]).await));
    house.flush().await;
    // It is over once a call is served.
    store.clock.advance(Duration::from_secs(1));
    let setup = called.page(&browser, "/setup").await;
    assert!(setup.contains("Needs attention") && setup.contains("came without a token"), "{setup}");
    let bearer = format!("Bearer {}", called.token);
    assert_eq!(call(&house, &format!("{}/Users?count=1", called.base()), &[&bearer]).await, 200);
    house.flush().await;
    let setup = called.page(&browser, "/setup").await;
    assert!(!setup.contains("came without a token"), "{setup}");
});
