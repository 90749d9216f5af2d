//! [`SignIn`]: sample people sign in, by a provider that this process plays.
//!
//! Its key is made here and never leaves the process, and the connection trusts it until the demo ends. A
//! demo that is killed leaves a certificate behind whose key no one has.

use anyhow::{Context as _, Result};
use directory::{
    Access, ConnectionId, Error, Store, Writer,
    organization::{self, Slug},
    role::{self, RoleName},
    saml::{
        self, Binding, Change, Provider, State,
        certificate::{self, NewCertificate},
    },
};
use simulator::{
    Pushed,
    saml::{Desk, Person, ServiceProvider},
};

use super::{
    super::{store, user},
    Reach,
};

/// A sign-in that can be tried.
#[derive(Debug)]
pub(super) struct SignIn {
    desk: Desk,
    company: String,
    people: Vec<Person>,
    door: ServiceProvider,
    link: String,
}

impl SignIn {
    /// Has the connection trust a simulated provider, and makes the first of the sample people an
    /// administrator. `None`: the connection has a provider of its own, in a store that was kept.
    pub(super) async fn prepare(
        store: &Store,
        access: &Access,
        id: ConnectionId,
        reach: &Reach,
        pushed: &Pushed,
    ) -> Result<Option<Self>> {
        let desk = Desk::set_up(store.clock().now().timestamp()).await?;
        let first = pushed.users.first().map(|first| first.user_name.clone());
        let (provider, key) = described(&desk);
        let trust = move |writer: &mut Writer<'_>| {
            let settings = saml::get(writer, id)?;
            if settings.provider.is_some_and(|known| known.entity_id != Desk::ENTITY_ID) {
                return Ok(false);
            }
            forget_keys(writer, id)?;
            certificate::add(writer, id, &key, true)?;
            let provider = Some(provider.clone());
            let state = Some(State::Enforced);
            saml::set(writer, id, Change { provider, state, untested: true, ..Change::default() })?;
            if let Some(first) = &first {
                let first = user::named(writer, first)?;
                role::assign(writer, &first, &RoleName::parse("superadmin")?)?;
            }
            Ok::<_, Error>(true)
        };
        if !store.write(access, trust).await? {
            return Ok(None);
        }
        let address = format!("{}/saml/{id}", reach.public_url);
        let person = |(at, user): (usize, &simulator::PushedUser)| Person {
            login: user.user_name.clone(),
            name: user.display_name.clone(),
            note: if at == 0 { "administrator" } else { "" }.to_owned(),
        };
        Ok(Some(Self {
            desk,
            company: pushed.company.clone(),
            people: pushed.users.iter().enumerate().map(person).collect(),
            door: ServiceProvider {
                entity_id: format!("{address}/metadata"),
                acs_url: format!("{address}/acs"),
            },
            link: format!("{address}/login"),
        }))
    }

    /// Where the sign-in begins.
    pub(super) fn link(&self) -> &str {
        &self.link
    }

    /// What is told of it.
    pub(super) fn invitation(&self) -> String {
        let who = match self.people.first() {
            Some(first) => format!("; {} is an administrator", first.name),
            None => String::new(),
        };
        format!(
            "\nSign in as one of these people, by a simulated provider that asks for no \
             password{who}:\n\n  {}",
            self.link
        )
    }

    /// Plays the provider until the demo ends.
    pub(super) async fn serve(self, store: &Store) -> Result<()> {
        let store = store.clone();
        let now = move || store.clock().now().timestamp();
        let ended = self.desk.open(self.company, self.people, self.door, now).await;
        ended.context("the simulated sign-in ended")
    }
}

/// What the connection is told of the provider.
fn described(desk: &Desk) -> (Provider, NewCertificate) {
    let provider = Provider {
        entity_id: Desk::ENTITY_ID.to_owned(),
        sso_url: desk.sso_url(),
        binding: Binding::Redirect,
    };
    (provider, NewCertificate::from(desk.certificate()))
}

fn forget_keys(writer: &mut Writer<'_>, id: ConnectionId) -> Result<(), Error> {
    for one in certificate::list(writer, id)? {
        certificate::remove(writer, id, &certificate::hexadecimal(&one.sha256))?;
    }
    Ok(())
}

/// Takes the trust back from every simulated provider: a store that is kept lets no one in by it.
pub(super) async fn distrust(store: &Store, slug: &str) -> Result<()> {
    let installation = store::installation(store);
    let (access, _) = organization::find(&installation, &Slug::parse(slug)?).await?;
    let distrust = |writer: &mut Writer<'_>| {
        for connection in directory::connection::list(writer)? {
            let known = saml::get(writer, connection.id)?.provider;
            if known.is_some_and(|known| known.entity_id == Desk::ENTITY_ID) {
                let off = Change { state: Some(State::Off), ..Change::default() };
                saml::set(writer, connection.id, off)?;
                forget_keys(writer, connection.id)?;
            }
        }
        Ok::<_, Error>(())
    };
    Ok(store.write(&access, distrust).await?)
}
