//! [`Limits`]: how much one request, one connection and one address may cost.

use std::{num::NonZeroU32, time::Duration};

use ::scim::{FixedLimit, Unit};

use super::{auth_failures, large_bodies, query, serve};
use crate::{
    api::{events, members, snapshot, stream},
    console::gate,
    entrance::{break_glass, tries},
    oauth::{self, consent},
    outbound,
    sign_in::{acs, address},
    webhook::{self, send},
};

/// One kibibyte. Sizes are named as people say them: "2 MB" is `2 * MB`, 2,097,152 bytes.
pub const KB: usize = 1024;
/// One mebibyte.
pub const MB: usize = 1024 * KB;

/// The fixed limits of the HTTP surface.
pub const FIXED: &[FixedLimit] = &[
    FixedLimit::new(
        "The head of a request: method, address and headers",
        serve::HEAD as u64,
        Unit::Bytes,
        "431",
    ),
    FixedLimit::new(
        "The query of an address, as it is sent",
        query::LONGEST as u64,
        Unit::Bytes,
        "400; a search may be sent as POST",
    ),
    FixedLimit::new(
        "Requests at once on one HTTP/2 connection",
        serve::STREAMS as u64,
        Unit::Count,
        "further ones wait for the client to begin them",
    ),
    FixedLimit::new(
        "Bodies over 2 MB of one connection that wait or are read: one is read at a time",
        large_bodies::MOST as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new("The forms of `/signin`", break_glass::LARGEST_FORM as u64, Unit::Bytes, "400"),
    FixedLimit::new(
        "Tries in a minute to come in by break-glass, for one address",
        tries::PER_MINUTE as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "The same from one network address, whatever is typed",
        tries::PER_MINUTE_FROM_ONE_PLACE as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "The answer of an identity provider, as a form",
        acs::LARGEST_FORM as u64,
        Unit::Bytes,
        "the person is not signed in",
    ),
    FixedLimit::new("A form of the console", gate::LARGEST_FORM as u64, Unit::Bytes, "400"),
    FixedLimit::new(
        "The message in it, without base64",
        ::saml::limit::LARGEST_MESSAGE as u64,
        Unit::Bytes,
        "the person is not signed in",
    ),
    FixedLimit::new(
        "The metadata of an identity provider",
        ::saml::limit::LARGEST_METADATA as u64,
        Unit::Bytes,
        "`doorward connection saml set` refuses",
    ),
    FixedLimit::new(
        "The address to go to after a sign-in",
        address::LONGEST as u64,
        Unit::Bytes,
        "the start page",
    ),
    FixedLimit::new(
        "The form of a program at an address of OAuth, and the query of an authorization request",
        oauth::LARGEST_FORM as u64,
        Unit::Bytes,
        "413, or `invalid_request`",
    ),
    FixedLimit::new(
        "The form of the page that asks for consent, or whether to sign out",
        consent::LARGEST as u64,
        Unit::Bytes,
        "400",
    ),
    FixedLimit::new(
        "The `state` of an authorization request",
        ::oauth::limit::LONGEST_STATE as u64,
        Unit::Bytes,
        "`invalid_request`",
    ),
    FixedLimit::new(
        "The `nonce` of an authorization request",
        ::oauth::limit::LONGEST_NONCE as u64,
        Unit::Bytes,
        "`invalid_request`",
    ),
    FixedLimit::new(
        "The body of a global token revocation",
        ::oauth::limit::LARGEST_REVOCATION as u64,
        Unit::Bytes,
        "400",
    ),
    FixedLimit::new(
        "Members that one request of the management API adds or removes",
        members::MOST as u64,
        Unit::Count,
        "400 `too_many_members`",
    ),
    FixedLimit::new(
        "How long a request of the management API waits for an event",
        events::WAIT.as_secs(),
        Unit::Seconds,
        "it is answered without one",
    ),
    FixedLimit::new(
        "Streams of events that are open on one server",
        stream::MOST as u64,
        Unit::Count,
        "429 `too_many_streams` with `Retry-After`",
    ),
    FixedLimit::new(
        "Snapshots of organizations that are told on one server",
        snapshot::MOST as u64,
        Unit::Count,
        "429 `too_many_snapshots` with `Retry-After`",
    ),
    FixedLimit::new(
        "Snapshots of one organization that are told on one server",
        snapshot::MOST_OF_ONE as u64,
        Unit::Count,
        "429 `too_many_snapshots` with `Retry-After`",
    ),
    FixedLimit::new(
        "A request to an address that others chose, from resolving its host to the end of the answer",
        outbound::TIMEOUT.as_secs(),
        Unit::Seconds,
        "it fails",
    ),
    FixedLimit::new(
        "The answer to such a request",
        outbound::LARGEST as u64,
        Unit::Bytes,
        "it fails",
    ),
    FixedLimit::new(
        "Such an address",
        outbound::LONGEST_ADDRESS as u64,
        Unit::Bytes,
        "it is refused",
    ),
    FixedLimit::new(
        "What a receiver of a webhook may take to accept a message",
        send::TIMEOUT.as_secs(),
        Unit::Seconds,
        "it is sent again later",
    ),
    FixedLimit::new(
        "What a receiver of a webhook answers",
        send::LARGEST as u64,
        Unit::Bytes,
        "it is sent again later",
    ),
    FixedLimit::new(
        "Webhooks that one server sends to at a time, of those that accept what they are sent, and of those \
         that do not",
        webhook::MOST_AT_ONCE as u64,
        Unit::Count,
        "further ones wait",
    ),
    FixedLimit::new(
        "Addresses whose failed authentications are counted apart",
        auth_failures::KEYS as u64,
        Unit::Count,
        "further ones share one count",
    ),
];

/// Every limit of the HTTP surface. The defaults suit one machine that faces identity providers
/// directly; each can be set in the `[limits]` table of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes in a request body, after decompression.
    pub body: usize,
    /// Most bytes in the body of a request to one group: a full push carries every member.
    pub group_body: usize,
    /// Most bytes in the body of a bulk request.
    pub bulk_body: usize,
    /// Most operations in one bulk request.
    pub bulk_operations: usize,
    /// Most nested objects and arrays in a JSON body.
    pub json_depth: usize,
    /// Most names in one JSON object.
    pub json_names: usize,
    /// Most bytes in a filter.
    pub filter_bytes: usize,
    /// Most nested operators in a filter.
    pub filter_depth: usize,
    /// Most operations in one PATCH.
    pub patch_operations: usize,
    /// Resources on a page when the client names no count.
    pub page_default: usize,
    /// Most resources on a page. A larger count is cut to it (RFC 7644 §3.4.2.4).
    pub page_max: usize,
    /// Longest wait for the head of the first request, from the moment of connecting.
    pub header_timeout: Duration,
    /// Longest wait between two requests on one connection, the next head included. Longer than
    /// the idle times of clients and proxies, so that it is they who close: a server which closes
    /// first can cut off a request that is on its way, and no one repeats a PATCH.
    pub idle_timeout: Duration,
    /// Time a client has to send a body, before `body_rate` adds to it.
    pub body_timeout: Duration,
    /// Longest time from a request to its answer. Waiting for the client to send the body does not
    /// count, and each megabyte of it buys one more second.
    pub request_deadline: Duration,
    /// Bytes per second a body must bring: each second's worth received buys one more second.
    pub body_rate: usize,
    /// Most bytes of output per byte of a compressed body, once the output is over 64 KB.
    pub gzip_ratio: usize,
    /// Most open connections. Further ones wait in the system's queue.
    pub connections: usize,
    /// Time that requests in flight have to finish once shutdown began.
    pub shutdown_grace: Duration,
    /// Most rows a filter may look at before the request is refused with `tooMany`.
    pub scan_budget: usize,
    /// Failed authentications per minute with the same credentials from one address before the
    /// answer is 429.
    pub auth_failures: u32,
    /// Failed authentications per minute from one address, whatever the credentials, before the
    /// answer is 429.
    pub auth_failures_per_address: u32,
    /// Requests per minute of one connection over SCIM, on one server. `None`: there is no limit.
    pub connection_rate: Option<NonZeroU32>,
    /// Requests per minute of one API key at the management API, and of one client that acts for itself, on
    /// one server. `None`: there is no limit.
    pub api_key_rate: Option<NonZeroU32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 2 * MB,
            group_body: 64 * MB,
            bulk_body: 10 * MB,
            bulk_operations: 1000,
            json_depth: 64,
            json_names: 512,
            filter_bytes: 8 * KB,
            filter_depth: 32,
            patch_operations: 1000,
            page_default: 100,
            page_max: 1000,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            request_deadline: Duration::from_secs(10),
            body_rate: KB,
            gzip_ratio: 20,
            connections: 2000,
            shutdown_grace: Duration::from_secs(20),
            scan_budget: 250_000,
            auth_failures: 60,
            auth_failures_per_address: 6_000,
            connection_rate: None,
            api_key_rate: NonZeroU32::new(60_000),
        }
    }
}
