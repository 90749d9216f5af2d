//! [`House`]: an organization with people of each role, and browsers in which they are signed in.

use directory::{
    Writer,
    role::{self, RoleName},
    setup_link, user,
};
use testkit::{Answer, PUBLIC_URL, TestStore};

use crate::sign_in::browser::{Browser, Door};

/// An organization whose people sign in, by their roles.
pub(super) struct House {
    pub(super) door: Door,
}

impl House {
    pub(super) async fn open(store: &TestStore) -> Self {
        Self { door: Door::open(store).await }
    }

    /// A browser in which someone with this role is signed in; without one, a member.
    pub(super) async fn person(&self, role: Option<&str>) -> Browser {
        let name = role.unwrap_or("nobody-special").to_owned();
        self.door.client.user(&name).await;
        if let Some(role) = role {
            let (role, name) = (RoleName::parse(role).expect("a role"), name.clone());
            let give = move |writer: &mut Writer<'_>| {
                let user = user::by_username(writer, &name)?;
                role::assign(writer, &user, &role)
            };
            self.operator().write(give).await.expect("given");
        }
        let browser = self.door.browser();
        let answer = self.door.sign_in(&browser, &name).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    pub(super) fn operator(&self) -> testkit::TestOrganization {
        self.door.client.connection.organization.by_operator()
    }

    /// The address of a new set-up link.
    pub(super) async fn link(&self) -> String {
        let make = |writer: &mut Writer<'_>| {
            setup_link::create(writer, None, "Corkboard", setup_link::LIFETIME)
        };
        let issued = self.operator().write(make).await.expect("a link");
        format!("/setup/{}", issued.handle.reveal())
    }

    /// A browser that started a set-up.
    pub(super) async fn bearer(&self) -> Browser {
        let (browser, link) = (self.door.browser(), self.link().await);
        let answer = browser.post(&link, PUBLIC_URL, &[]).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/setup")));
        browser
    }

    /// Writes what the sync log has collected, as the server does each second.
    pub(super) async fn flush(&self) {
        let app = self.door.client.server.app();
        app.sync_log().flush(app.store()).await;
        app.troubles().flush(app.store()).await;
    }
}

/// The token that the forms of a page carry.
pub(super) fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    rest.split('"').next().expect("its end").to_owned()
}

/// Sends a form of a page of ours.
pub(super) async fn send(browser: &Browser, address: &str, fields: &[(&str, &str)]) -> Answer {
    let token = form_token(&browser.get("/console/guides").await.text());
    let mut all = vec![("csrf", token.as_str())];
    all.extend_from_slice(fields);
    browser.post(address, PUBLIC_URL, &all).await
}

/// The page that an answer leads to.
pub(super) async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser.get(answer.header("location").expect("where to")).await
}
