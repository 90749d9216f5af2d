//! `/webhooks` and `/organizations/{organization}/webhooks`: where events are sent to.
//!
//! Both have the same operations; `operations!` gives them their two addresses.

mod shapes;

use axum::{Extension, Json, http::StatusCode};
use directory::{
    DeliveryNo, Error, EventNo, OrganizationId, Writer,
    webhook::{self, Change, Delivery, Filter, Made, NewWebhook, Replay, State},
};
use utoipa_axum::router::OpenApiRouter;

use self::shapes::{
    DeliveryQuery, MadeWebhook, New, Nothing, Resumption, Shown, ShownDelivery, WebhookChange,
    WebhookReplay, WebhookStatus, WebhookTest,
};
use super::{
    answer::{self, Done},
    body::{Body, Posted},
    context::{DeliveryInPath, SecretInPath, WebhookInPath, WebhookOwner},
    page::{self, List, Page, Parameters},
};
use crate::{
    App,
    deadline::Patience,
    error::HttpError,
    webhook::{send::TIMEOUT, test as send_test},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(of_installation::routes()).merge(of_organization::routes())
}

/// Makes sure that messages may be sent to an address, as far as its text tells.
fn check(app: &App, url: &str) -> Result<(), HttpError> {
    app.outbound().check(url).map_err(|failure| {
        let detail = format!("Messages cannot be sent there: {failure}.");
        HttpError::new(StatusCode::BAD_REQUEST, "invalid", detail)
    })
}

impl WebhookOwner {
    /// What was made: where it is, and its secret.
    fn made(&self, made: &Made) -> answer::Made {
        answered(&self.at(), made)
    }
}

fn answered(at: &str, made: &Made) -> answer::Made {
    let shown = MadeWebhook { webhook: (&made.webhook).into(), secret: None };
    answer::Made::new(format!("{at}/{}", made.webhook.id), &shown)
        .with_secret("secret", made.secret.reveal())
}

async fn create(owner: WebhookOwner, posted: Posted<New>) -> Result<Done, HttpError> {
    let Posted { new: New { url, description, events, order }, once } = posted;
    check(owner.app(), &url)?;
    let new = NewWebhook { url, description, events: Filter::parse(events)?, order };
    let WebhookOwner::Organization(organization) = &owner else {
        let made = owner.webhooks().create(new).await?;
        return Ok(Done::now(owner.made(&made)));
    };
    let (at, seal) = (owner.at(), owner.app().store().webhook_seal().await?);
    let make = move |writer: &mut Writer<'_>| {
        Ok::<_, Error>(answered(&at, &webhook::create(writer, &seal, &new)?))
    };
    Done::once(organization, once, make).await
}

async fn rotate(
    owner: WebhookOwner,
    WebhookInPath(id): WebhookInPath,
    posted: Posted<Nothing>,
) -> Result<Done, HttpError> {
    let WebhookOwner::Organization(organization) = &owner else {
        let made = owner.webhooks().rotate(id).await?;
        return Ok(Done::now(owner.made(&made)));
    };
    let (at, seal) = (owner.at(), owner.app().store().webhook_seal().await?);
    let make = move |writer: &mut Writer<'_>| {
        Ok::<_, Error>(answered(&at, &webhook::rotate(writer, &seal, id)?))
    };
    Done::once(organization, posted.once, make).await
}

async fn change(
    owner: WebhookOwner,
    WebhookInPath(id): WebhookInPath,
    Body(change): Body<WebhookChange>,
) -> Result<Json<Shown>, HttpError> {
    if let Some(url) = &change.url {
        check(owner.app(), url)?;
    }
    let WebhookChange { url, description, events, order } = change;
    let events = events.map(Filter::parse).transpose()?;
    let changed = owner.webhooks().change(id, Change { url, description, events, order }).await?;
    Ok(Json((&changed).into()))
}

async fn replay(
    owner: WebhookOwner,
    WebhookInPath(id): WebhookInPath,
    Body(replay): Body<WebhookReplay>,
) -> Result<Json<Shown>, HttpError> {
    let organization = match &replay.organization {
        None => None,
        Some(text) => {
            let missing = || Error::no_such(directory::Noun::Organization, text);
            Some(OrganizationId::parse(text).ok_or_else(missing)?)
        }
    };
    let from = Replay { organization, event: EventNo::from(replay.event) };
    Ok(Json((&owner.webhooks().replay(id, from).await?).into()))
}

async fn deliveries(
    owner: WebhookOwner,
    WebhookInPath(id): WebhookInPath,
    Parameters(query): Parameters<DeliveryQuery>,
) -> Result<Json<Page<ShownDelivery>>, HttpError> {
    let access = match &owner {
        WebhookOwner::Organization(organization) => Some(organization.access()),
        WebhookOwner::Installation(..) => None,
    };
    let state = query.state.map_or("all", State::as_str);
    let name = format!("deliveries of {id}: {state}");
    let list = List::new(owner.app(), access, &name).await?;
    let before = query.cursor.as_deref().map(|cursor| list.open(cursor)).transpose()?;
    let before = before.and_then(|place| DeliveryNo::parse(&place));
    let limit = page::limit(query.limit.as_deref(), owner.app())?;
    let found = owner.webhooks().deliveries(id, query.state, (before, limit)).await?;
    let place = |delivery: &Delivery| delivery.no.to_string();
    Ok(Json(list.page(&found, limit, place, |delivery| ShownDelivery::from(delivery))))
}

/// The operations on webhooks, at the addresses of one kind of owner.
macro_rules! operations {
    (
        $owner:ident: $all:tt, $one:tt, $secrets:tt, $secret:tt, $pause:tt, $resume:tt, $test:tt,
        $replay:tt, $deliveries:tt, $retry:tt
    ) => {
        mod $owner {
            use utoipa_axum::routes;

            use super::{
                App, Body, DeliveryInPath, DeliveryQuery, Done, Extension, HttpError, Json,
                MadeWebhook, New, Nothing, OpenApiRouter, Page, Parameters, Patience, Posted,
                Resumption, SecretInPath, Shown, ShownDelivery, StatusCode, TIMEOUT,
                WebhookChange, WebhookInPath, WebhookOwner, WebhookReplay, WebhookStatus,
                WebhookTest, send_test,
            };

            pub(super) fn routes() -> OpenApiRouter<App> {
                OpenApiRouter::new()
                    .routes(routes!(list, create))
                    .routes(routes!(get, change, delete))
                    .routes(routes!(rotate))
                    .routes(routes!(retire))
                    .routes(routes!(pause))
                    .routes(routes!(resume))
                    .routes(routes!(test))
                    .routes(routes!(replay))
                    .routes(routes!(deliveries))
                    .routes(routes!(retry))
            }

            /// Lists webhooks.
            #[utoipa::path(get, path = $all, tag = "webhooks", responses((status = 200, body = Page<Shown>)))]
            async fn list(owner: WebhookOwner) -> Result<Json<Page<Shown>>, HttpError> {
                let all = owner.webhooks().list().await?;
                Ok(Json(Page::whole(all.iter().map(Shown::from))))
            }

            /// Makes a webhook. It is sent what happens from now on.
            #[utoipa::path(post, path = $all, tag = "webhooks", request_body = New, responses((status = 201, body = MadeWebhook)))]
            async fn create(owner: WebhookOwner, posted: Posted<New>) -> Result<Done, HttpError> {
                super::create(owner, posted).await
            }

            /// Shows a webhook, and how much waits for it.
            #[utoipa::path(get, path = $one, tag = "webhooks", responses((status = 200, body = WebhookStatus)))]
            async fn get(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
            ) -> Result<Json<WebhookStatus>, HttpError> {
                let (webhook, waiting, given_up) = owner.webhooks().look(id).await?;
                Ok(Json(WebhookStatus { webhook: (&webhook).into(), waiting, given_up }))
            }

            /// Changes a webhook.
            #[utoipa::path(patch, path = $one, tag = "webhooks", request_body = WebhookChange, responses((status = 200, body = Shown)))]
            async fn change(
                owner: WebhookOwner,
                webhook: WebhookInPath,
                change: Body<WebhookChange>,
            ) -> Result<Json<Shown>, HttpError> {
                super::change(owner, webhook, change).await
            }

            /// Deletes a webhook, with what waits for it.
            #[utoipa::path(delete, path = $one, tag = "webhooks", responses((status = 204)))]
            async fn delete(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
            ) -> Result<StatusCode, HttpError> {
                owner.webhooks().delete(id).await?;
                Ok(StatusCode::NO_CONTENT)
            }

            /// Makes a further secret: messages carry a signature of each until one is retired.
            #[utoipa::path(post, path = $secrets, tag = "webhooks", request_body = Nothing, responses((status = 201, body = MadeWebhook)))]
            async fn rotate(
                owner: WebhookOwner,
                webhook: WebhookInPath,
                posted: Posted<Nothing>,
            ) -> Result<Done, HttpError> {
                super::rotate(owner, webhook, posted).await
            }

            /// Retires a secret: it signs no longer. The only one cannot be.
            #[utoipa::path(delete, path = $secret, tag = "webhooks", responses((status = 200, body = Shown)))]
            async fn retire(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
                SecretInPath(number): SecretInPath,
            ) -> Result<Json<Shown>, HttpError> {
                Ok(Json((&owner.webhooks().retire(id, number).await?).into()))
            }

            /// Pauses a webhook: what happens is kept for it, and nothing is sent until it is resumed.
            #[utoipa::path(post, path = $pause, tag = "webhooks", responses((status = 200, body = Shown)))]
            async fn pause(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
            ) -> Result<Json<Shown>, HttpError> {
                Ok(Json((&owner.webhooks().pause(id).await?).into()))
            }

            /// Resumes a webhook, and sends at once what waits. Of one that is not paused what waits is sent
            /// at once, too.
            #[utoipa::path(post, path = $resume, tag = "webhooks", request_body = Resumption, responses((status = 200, body = Shown)))]
            async fn resume(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
                Body(resumption): Body<Resumption>,
            ) -> Result<Json<Shown>, HttpError> {
                Ok(Json((&owner.webhooks().resume(id, resumption.skip).await?).into()))
            }

            /// Sends a message of the type `webhook.test`, and tells what came of it.
            #[utoipa::path(post, path = $test, tag = "webhooks", responses((status = 200, body = WebhookTest)))]
            async fn test(
                owner: WebhookOwner,
                Extension(patience): Extension<Patience>,
                WebhookInPath(id): WebhookInPath,
            ) -> Result<Json<WebhookTest>, HttpError> {
                patience.extend(TIMEOUT);
                let app = owner.app();
                let sent = send_test(app.outbound(), app.store(), &owner.webhooks(), id).await?;
                Ok(Json(WebhookTest { message: sent.0, attempt: (&sent.1).into() }))
            }

            /// Sends everything once more from an event on. Each message has the `webhook-id` that it had.
            #[utoipa::path(post, path = $replay, tag = "webhooks", request_body = WebhookReplay, responses((status = 200, body = Shown)))]
            async fn replay(
                owner: WebhookOwner,
                webhook: WebhookInPath,
                from: Body<WebhookReplay>,
            ) -> Result<Json<Shown>, HttpError> {
                super::replay(owner, webhook, from).await
            }

            /// Lists what was sent and what waits, newest first. What was accepted is kept for 30 days, and
            /// of the last thousand.
            #[utoipa::path(get, path = $deliveries, tag = "webhooks", params(DeliveryQuery), responses((status = 200, body = Page<ShownDelivery>)))]
            async fn deliveries(
                owner: WebhookOwner,
                webhook: WebhookInPath,
                query: Parameters<DeliveryQuery>,
            ) -> Result<Json<Page<ShownDelivery>>, HttpError> {
                super::deliveries(owner, webhook, query).await
            }

            /// Sends an event once more that was given up.
            #[utoipa::path(post, path = $retry, tag = "webhooks", responses((status = 204)))]
            async fn retry(
                owner: WebhookOwner,
                WebhookInPath(id): WebhookInPath,
                DeliveryInPath(no): DeliveryInPath,
            ) -> Result<StatusCode, HttpError> {
                owner.webhooks().retry(id, no).await?;
                Ok(StatusCode::NO_CONTENT)
            }
        }
    };
}

operations! {
    of_installation:
    "/webhooks",
    "/webhooks/{webhook}",
    "/webhooks/{webhook}/secrets",
    "/webhooks/{webhook}/secrets/{secret}",
    "/webhooks/{webhook}/pause",
    "/webhooks/{webhook}/resume",
    "/webhooks/{webhook}/test",
    "/webhooks/{webhook}/replay",
    "/webhooks/{webhook}/deliveries",
    "/webhooks/{webhook}/deliveries/{delivery}/retry"
}

operations! {
    of_organization:
    "/organizations/{organization}/webhooks",
    "/organizations/{organization}/webhooks/{webhook}",
    "/organizations/{organization}/webhooks/{webhook}/secrets",
    "/organizations/{organization}/webhooks/{webhook}/secrets/{secret}",
    "/organizations/{organization}/webhooks/{webhook}/pause",
    "/organizations/{organization}/webhooks/{webhook}/resume",
    "/organizations/{organization}/webhooks/{webhook}/test",
    "/organizations/{organization}/webhooks/{webhook}/replay",
    "/organizations/{organization}/webhooks/{webhook}/deliveries",
    "/organizations/{organization}/webhooks/{webhook}/deliveries/{delivery}/retry"
}
