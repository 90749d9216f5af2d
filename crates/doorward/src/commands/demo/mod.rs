//! `doorward demo`

mod arrived;
mod sign_in;
mod stage;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use directory::{
    Access, ConnectionId, Error, Installation, Store,
    connection::{self, NewConnection, Protocol, Provider, State},
    organization::{self, Slug},
    setup_link,
    token::{self, IssuedToken},
};
use doorward::config::Config;
use serde_json::json;
use simulator::{App, Flavour, Pushed, Stop, Token};
use tokio::{net::TcpListener, select};

pub(crate) use self::stage::Stage;
use self::{arrived::Arrived, sign_in::SignIn};
use super::{
    connection::pair,
    serve::Signals,
    service::{Reach, Service},
    simulate::reasons::Reasons,
    store::{self, Missing},
};
use crate::answer::{self, Answer};

/// `doorward demo`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address and port to listen on [default: 127.0.0.1:8400, or a free port if that is taken]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// How many people to push
    #[arg(long, default_value_t = 40, value_name = "N")]
    users: usize,
    /// How many groups to push
    #[arg(long, default_value_t = 6, value_name = "N")]
    groups: usize,
    /// Stop after showing what arrived
    #[arg(long)]
    exit: bool,
}

/// The sample customer: the company that the simulator makes of this seed.
const SEED: u64 = 1;
const NAME: &str = "Corvid Foods";
const SLUG: &str = "corvid-foods";
/// Long enough to try it with a real Okta.
const TOKEN_LIFE: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// Serves a sample organization, pushes people and groups into it as Okta does, shows what arrived
/// and goes on serving, with a simulated sign-in for those people.
pub(crate) async fn run(
    config: &Config,
    options: &Options,
    stage: Stage,
    json: bool,
) -> Result<Answer> {
    let signals = Signals::listen()?;
    let listener = stage.bind(config.network.listen).await?;
    let store = store::open(config, Missing::Create).await?;
    let result = on(config, options, &stage, &store, listener, signals, json).await;
    store::close(store).await?;
    stage.clear()?;
    result.map(|()| Answer::nothing())
}

async fn on(
    config: &Config,
    options: &Options,
    stage: &Stage,
    store: &Store,
    listener: TcpListener,
    mut signals: Signals,
    json: bool,
) -> Result<()> {
    let mut service = Service::start(config, &store::installation(store), listener).await?;
    let reach = service.reach.clone();
    let play = async {
        match play(config, options, stage, store, &reach, json).await? {
            Some(sign_in) => sign_in.serve(store).await,
            None if options.exit => Ok(()),
            // Until someone ends it.
            None => std::future::pending().await,
        }
    };
    let result = select! {
        result = play => result,
        ended = service.ended() => ended,
        _ = signals.next() => {
            signals.end_at_the_next();
            Ok(())
        }
    };
    let ended = service.end().await;
    let distrusted = sign_in::distrust(store, SLUG).await;
    ended.and(result).and(distrusted)
}

async fn play(
    config: &Config,
    options: &Options,
    stage: &Stage,
    store: &Store,
    reach: &Reach,
    json: bool,
) -> Result<Option<SignIn>> {
    let (access, id, token) = connect(&store::installation(store)).await?;
    if !json {
        answer::line(&format!(
            "Doorward serves {NAME} on {}.\nA simulated Okta pushes people ({}) and groups ({}).",
            reach.public_url, options.users, options.groups
        ))?;
    }
    let make = move |writer: &mut directory::Writer<'_>| {
        setup_link::create(writer, Some(id), NAME, setup_link::LIFETIME)
    };
    let link = store.write(&access, make).await?.handle;
    let console = format!("{}/setup/{}", reach.public_url, link.reveal());
    let pushed = push(options, reach, &token, json).await?;
    let arrived = Arrived::read(store, &access).await?;
    let base_url = format!("{}/scim/v2", reach.public_url);
    let sign_in = if options.exit {
        None
    } else {
        SignIn::prepare(store, &access, id, reach, &pushed).await?
    };
    if json {
        let object = json!({
            "organization": SLUG,
            "connection": id.to_string(),
            "public_url": reach.public_url.as_str(),
            "base_url": base_url,
            "token": token.reveal(),
            "console": console,
            "sign_in": sign_in.as_ref().map(SignIn::link),
            "store": store::place(config),
            "users": arrived.users,
            "groups": arrived.groups,
            "requests": pushed.requests,
            "failures": pushed.failures,
        });
        answer::line(&object.to_string())?;
    } else {
        answer::line(&arrived.to_text())?;
        answer::line(&format!(
            "\n{} requests in {}.{:03} s.",
            pushed.requests,
            pushed.milliseconds / 1000,
            pushed.milliseconds % 1000
        ))?;
    }
    if pushed.failed > 0 {
        bail!("{}", did_not_arrive(&pushed));
    }
    if !json && !options.exit {
        answer::line(&format!("\nLook at the connection in the console:\n\n  {console}"))?;
        if let Some(sign_in) = &sign_in {
            answer::line(&sign_in.invitation())?;
        }
        answer::line(&next_steps(config, stage, reach, &base_url, token.reveal()))?;
    }
    Ok(sign_in)
}

/// How many did not arrive, and why; each reason once.
fn did_not_arrive(pushed: &Pushed) -> String {
    let mut reasons = Reasons::default();
    for failure in &pushed.failures {
        reasons.add("", failure);
    }
    let reasons: Vec<String> = reasons
        .iter()
        .map(|reason| match reason.failed.len() {
            1 => reason.first.clone(),
            many => format!("{many} times the same: {}", reason.first),
        })
        .collect();
    let first = match pushed.failures.len() {
        told if told < pushed.failed => format!(", the first {told} because"),
        _ => " because".to_owned(),
    };
    format!("{} people or groups did not arrive{first}: {}", pushed.failed, reasons.join("; "))
}

/// The sample organization with a connection to Okta and a fresh token. What a demo before left in
/// the same store is used again.
async fn connect(installation: &Installation) -> Result<(Access, ConnectionId, IssuedToken)> {
    let slug = Slug::parse(SLUG)?;
    let access = match organization::find(installation, &slug).await {
        Ok((access, _)) => access,
        Err(Error::NotFound { .. }) => {
            organization::create(installation, &slug, NAME, None).await?.0
        }
        Err(error) => return Err(error.into()),
    };
    let usable = |connection: &connection::Connection| {
        connection.provider == Provider::Okta
            && connection.protocol == Protocol::Scim2
            && connection.state == State::Active
    };
    let store = installation.store();
    let before = store.read(&access, connection::list).await?;
    let connection = if let Some(connection) = before.into_iter().find(usable) {
        connection
    } else {
        let okta = NewConnection::active(Provider::Okta, Protocol::Scim2);
        connection::create(store, &access, okta).await?
    };
    let (id, end) = (connection.id, store.clock().now().plus(TOKEN_LIFE));
    let token = store.write(&access, move |writer| token::issue(writer, id, Some(end))).await?;
    Ok((access, id, token))
}

async fn push(options: &Options, reach: &Reach, token: &IssuedToken, json: bool) -> Result<Pushed> {
    // The public address may lead through a proxy that is not there yet.
    simulator::push(simulator::Options {
        base_url: format!("http://{}/scim/v2", reachable(reach.address)),
        token: Token::from(token.reveal()),
        flavour: Flavour::Okta(App::Catalog),
        users: options.users,
        groups: options.groups,
        seed: SEED,
        concurrency: 4,
        keep: true,
        progress: !json,
        stop: Stop::default(),
    })
    .await
    .context("the simulated Okta cannot begin")
}

/// An address to connect to: the one that means "every address of this machine" is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn next_steps(
    config: &Config,
    stage: &Stage,
    reach: &Reach,
    base_url: &str,
    token: &str,
) -> String {
    let local = reachable(reach.address);
    let place = store::place(config);
    let doorward = store::command(config);
    let end = if stage.is_temporary() {
        format!("Press ctrl-c to stop; {place} is deleted then.")
    } else {
        "Press ctrl-c to stop.".to_owned()
    };
    format!(
        "\nAsk what Okta asks first:\n\n  \
         curl -H 'Authorization: Bearer {token}' \\\n    \
         'http://{local}/scim/v2/Users?startIndex=1&count=2'\n\n\
         Look around from another terminal:\n\n  \
         {doorward} organization list\n  \
         {doorward} export users --organization {SLUG}\n  \
         {doorward} verify\n\n\
         Connect a real Okta. It wants an https address that it can reach, so let a proxy or a \
         tunnel lead to {local}, and give its address as `--public-url`:\n\n\
         {}\n{end}",
        pair(Provider::Okta, base_url, token)
    )
}

#[cfg(test)]
mod tests {
    use simulator::Pushed;

    use super::{did_not_arrive, reachable};

    #[test]
    fn a_reason_is_said_once() {
        let failures = |names: &[&str]| {
            names.iter().map(|name| format!("POST /{name}: expected 201, but 400 came")).collect()
        };
        let mut pushed = Pushed {
            company: "Corvid Foods".to_owned(),
            users: Vec::new(),
            groups: Vec::new(),
            failed: 3,
            failures: failures(&["Users", "Users", "Groups"]),
            requests: 3,
            milliseconds: 1,
        };
        assert_eq!(
            did_not_arrive(&pushed),
            "3 people or groups did not arrive because: 3 times the same: POST /Users: expected 201, \
             but 400 came"
        );
        pushed.failed = 50;
        pushed.failures.push("another".to_owned());
        let text = did_not_arrive(&pushed);
        assert!(text.contains("50 people or groups did not arrive, the first 4 because"), "{text}");
        assert!(text.ends_with("; another"), "{text}");
    }

    #[test]
    fn no_one_connects_to_every_address_at_once() {
        for (bound, dialled) in [
            ("0.0.0.0:8400", "127.0.0.1:8400"),
            ("[::]:8400", "[::1]:8400"),
            ("192.0.2.1:8400", "192.0.2.1:8400"),
        ] {
            let address = bound.parse().expect("an address");
            assert_eq!(reachable(address).to_string(), dialled);
        }
    }
}
