//! What is audited: every kind of entry with its payload.

use crate::{
    access::Scope,
    connection::{Protocol, Provider},
    id::{AuditNo, ConnectionId},
    record::records,
    saml,
    webhook::{Order, Reason},
};

records! {
    /// What was done. The names are in exports and never change their meaning.
    enum AuditKind;

    /// What exactly, by kind.
    enum Payload numbered AuditNo;

    /// An organization was made.
    1 "organization.created" OrganizationCreated {
        /// The short name.
        slug: String,
        /// The name for people.
        name: String,
        /// The name of its plan.
        plan: Option<String>,
    }
    /// An organization was deleted, with everything but its audit.
    2 "organization.deleted" OrganizationDeleted {
        /// The short name.
        slug: String,
        /// The name for people.
        name: String,
        /// The number under which its own audit stays.
        number: i64,
        /// How many users it had.
        users: i64,
        /// How many groups it had.
        groups: i64,
    }
    /// An organization got another plan.
    3 "organization.plan-changed" PlanChanged {
        /// The plan before.
        before: Option<String>,
        /// The plan from now on.
        after: Option<String>,
    }
    /// An organization got a feature beside its plan.
    4 "organization.add-on-added" AddOnAdded {
        /// The feature.
        feature: String,
    }
    /// A feature beside the plan was taken away.
    5 "organization.add-on-removed" AddOnRemoved {
        /// The feature.
        feature: String,
    }
    /// The admin-lockout guard was switched.
    6 "organization.guard-changed" GuardChanged {
        /// On, off, or (null) on once roles are used.
        guard: Option<bool>,
    }
    /// An organization got another name.
    7 "organization.renamed" OrganizationRenamed {
        /// The name before.
        before: String,
        /// The name from now on.
        after: String,
    }
    /// A connection was made.
    10 "connection.created" ConnectionCreated {
        /// Who is at the other end.
        provider: Provider,
        /// What is spoken.
        protocol: Protocol,
        /// The profile that was chosen for it, if one was.
        profile: Option<String>,
        /// The name for people, if it has one.
        name: Option<String>,
        /// Whether it is in use at once, or being set up.
        active: bool,
    }
    /// A connection is in use from now on.
    11 "connection.activated" ConnectionActivated {}
    /// A connection was switched off.
    12 "connection.disabled" ConnectionDisabled {}
    /// A connection was deleted, with its tokens.
    13 "connection.deleted" ConnectionDeleted {
        /// How many of its tokens were live.
        live_tokens: i64,
    }
    /// A connection got another name.
    14 "connection.renamed" ConnectionRenamed {
        /// The name for people, if it has one.
        name: Option<String>,
    }
    /// Another profile was chosen for a connection.
    15 "connection.profile-changed" ProfileChanged {
        /// The profile that was chosen for it; null: the default of its provider.
        profile: Option<String>,
    }
    /// The mass-removal guard of a connection was set.
    16 "connection.removal-guard-changed" RemovalGuardChanged {
        /// Whether it is on.
        is_on: bool,
        /// More than so many people are held.
        people: i64,
        /// More than so many percent of the people of the connection are held.
        percent: i64,
        /// In so many minutes.
        minutes: i64,
    }
    /// The provider of a connection takes too many people away: from now on that is held.
    17 "connection.removals-held" RemovalsHeld {
        /// So many passed at the most.
        limit: i64,
        /// In so many minutes.
        minutes: i64,
    }
    /// What was held is let through.
    18 "connection.removals-released" RemovalsReleased {
        /// How many removals were held.
        removals: i64,
    }
    /// What was held is refused.
    19 "connection.removals-refused" RemovalsRefused {
        /// How many removals were held.
        removals: i64,
    }
    /// A token was issued.
    20 "token.issued" TokenIssued {
        /// The connection that it belongs to.
        connection: ConnectionId,
        /// When it stops working by itself, in RFC 3339.
        expires: Option<String>,
    }
    /// A token was revoked.
    21 "token.revoked" TokenRevoked {
        /// The connection that it belonged to.
        connection: ConnectionId,
    }
    /// An API key was made.
    22 "api-key.created" ApiKeyCreated {
        /// The name for people.
        name: String,
        /// What it may do.
        scope: Scope,
        /// When it stops working by itself, in RFC 3339.
        expires: Option<String>,
    }
    /// An API key was revoked.
    23 "api-key.revoked" ApiKeyRevoked {
        /// The name for people.
        name: String,
    }
    /// A connection's provider has to prove who it is as IPSIE asks, or not any more.
    24 "connection.ipsie-changed" IpsieChanged {
        /// Whether it has to.
        ipsie: bool,
    }
    /// A definition of schemas was registered, or replaced.
    30 "schema.registered" SchemaRegistered {
        /// `organization`, or `installation`.
        scope: String,
    }
    /// A definition of schemas was removed.
    31 "schema.removed" SchemaRemoved {
        /// `organization`, or `installation`.
        scope: String,
    }
    /// One user or group, of what was held or refused, is let through.
    32 "removal.let-through" RemovalLetThrough {
        /// The connection.
        connection: ConnectionId,
    }
    /// An organization made a role.
    40 "role.created" RoleCreated {
        /// What it is for.
        description: String,
    }
    /// A role was deleted.
    41 "role.deleted" RoleDeleted {}
    /// A role was given to a user.
    42 "role.assigned" RoleAssigned {
        /// The role.
        role: String,
        /// The userName.
        user: String,
    }
    /// A role was taken from a user.
    43 "role.unassigned" RoleUnassigned {
        /// The role.
        role: String,
        /// The userName.
        user: String,
    }
    /// The members of a group have a role from now on.
    44 "role.mapped" RoleMapped {
        /// The role.
        role: String,
        /// The displayName.
        group: String,
    }
    /// The members of a group have a role no longer.
    45 "role.unmapped" RoleUnmapped {
        /// The role.
        role: String,
        /// The displayName.
        group: String,
    }
    /// A group was linked to a connection, which manages it from now on.
    50 "group.linked" GroupLinked {
        /// The connection.
        connection: ConnectionId,
    }
    /// A group was taken from its connection: it is a team from now on.
    51 "group.unlinked" GroupUnlinked {
        /// The connection.
        connection: ConnectionId,
    }
    /// A plan was made, or got other features.
    60 "plan.set" PlanSet {
        /// Its features.
        features: Vec<String>,
    }
    /// A plan was deleted.
    61 "plan.deleted" PlanDeleted {}
    /// A setting of the installation changed.
    62 "setting.changed" SettingChanged {
        /// What it is from now on; null: nothing.
        value: Option<String>,
    }
    /// The keys of the store were made anew by another rule of folding text.
    63 "store.rekeyed" StoreRekeyed {
        /// The rule before.
        before: String,
        /// The rule from now on.
        after: String,
    }
    /// How people sign in through a connection was changed.
    70 "saml.changed" SamlChanged {
        /// Whether they do.
        state: saml::State,
        /// The entity ID of the provider, if it is known.
        entity_id: Option<String>,
        /// The single sign-on URL of the provider, if it is known.
        sso_url: Option<String>,
        /// What must be signed.
        signed: saml::Signed,
        /// Whether a sign-in may begin at the provider.
        unsolicited: bool,
        /// Which attribute the NameID is.
        name_id: saml::NameId,
        /// Whether users are created on arrival.
        create_users: bool,
        /// Whether an operator enforced it without a test.
        untested: bool,
    }
    /// A certificate of a provider was added, or trusted.
    71 "saml.certificate-added" SamlCertificateAdded {
        /// Its SHA-256.
        sha256: String,
        /// Whether answers are verified by it from now on.
        trusted: bool,
    }
    /// A certificate of a provider was removed.
    72 "saml.certificate-removed" SamlCertificateRemoved {
        /// Its SHA-256.
        sha256: String,
    }
    /// The metadata of a provider is read from an address every day from now on, or no more.
    73 "saml.metadata-followed" SamlMetadataFollowed {
        /// The address; null: none any more.
        url: Option<String>,
    }
    /// The metadata of a provider could not be read, or not be followed; told once for each reason.
    74 "saml.metadata-failed" SamlMetadataFailed {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    }
    /// A domain of e-mail addresses was added.
    75 "domain.added" DomainAdded {}
    /// A domain counts as the organization's own from now on.
    76 "domain.verified" DomainVerified {
        /// Why: `dns`, or `operator`.
        proof: String,
    }
    /// A domain was removed.
    77 "domain.removed" DomainRemoved {}
    /// The requests to a provider are signed from now on, or no more.
    79 "saml.requests-signed" SamlRequestsSigned {
        /// The SHA-256 of the certificate that the provider verifies with; null: they are not signed.
        sha256: Option<String>,
    }
    /// Someone signed in.
    80 "session.started" SessionStarted {
        /// The session.
        session: String,
        /// The userName.
        user: String,
        /// The connection, if it was through one.
        connection: Option<ConnectionId>,
        /// The address that the browser came from.
        address: Option<String>,
    }
    /// Someone signed out, or a session was ended.
    81 "session.ended" SessionEnded {
        /// The session.
        session: String,
        /// The userName.
        user: String,
        /// `sign-out`, or `revoked`.
        by: String,
    }
    /// All sessions of a user were ended.
    82 "session.all-ended" SessionsEnded {
        /// The userName.
        user: String,
        /// How many there were.
        sessions: u64,
    }
    /// Someone was not let in.
    83 "sign-in.refused" SignInRefused {
        /// Why, in a word.
        reason: String,
        /// Why, and what to change.
        detail: String,
        /// Who it was, in the provider's words, where that was verified.
        name_id: Option<String>,
    }
    /// A sign-in was tried; no one was let in.
    84 "sign-in.tested" SignInTested {
        /// Who it was, in the provider's words.
        name_id: String,
        /// Whether it would let someone in.
        good: bool,
        /// Why not, in a word.
        reason: Option<String>,
    }
    /// A break-glass account was made, or begun anew.
    85 "break-glass.created" BreakGlassCreated {
        /// The address that its owner types.
        email: String,
    }
    /// The owner of a break-glass account set a password and an authenticator app.
    86 "break-glass.enrolled" BreakGlassEnrolled {
        /// The address that its owner types.
        email: String,
    }
    /// Someone came in without the provider.
    87 "break-glass.used" BreakGlassUsed {
        /// The address that was typed.
        email: String,
        /// What was shown beside the password: `otp`, or `recovery`.
        method: String,
        /// How many recovery codes are left.
        recovery_codes_left: i64,
    }
    /// A break-glass account was removed.
    88 "break-glass.removed" BreakGlassRemoved {
        /// The address that its owner typed.
        email: String,
    }
    /// A client of OAuth was made.
    90 "client.created" ClientCreated {
        /// The name for people.
        name: String,
        /// What it is for.
        kind: String,
        /// What it may ask for.
        scopes: String,
        /// The connection whose SCIM a machine serves.
        connection: Option<ConnectionId>,
        /// Where answers for it may be sent to.
        redirect_uris: Vec<String>,
    }
    /// A client of OAuth was deleted.
    91 "client.deleted" ClientDeleted {
        /// The name for people.
        name: String,
    }
    /// A client of OAuth got a further secret.
    92 "client.secret-made" ClientSecretMade {
        /// Its number at the client.
        number: i64,
        /// When it stops working by itself, in RFC 3339.
        expires: Option<String>,
    }
    /// A client was granted something: someone signed in to an application, or let a provider in.
    93 "grant.given" GrantGiven {
        /// The client.
        client: String,
        /// Its name for people.
        name: String,
        /// The userName, where a person signed in.
        user: Option<String>,
        /// The connection, where a provider was let in.
        connection: Option<ConnectionId>,
        /// What exactly.
        scopes: String,
    }
    /// What a client was granted is over.
    94 "grant.ended" GrantEnded {
        /// The client.
        client: String,
        /// Why, in a word.
        reason: String,
    }
    /// A provider had someone signed out everywhere.
    95 "revocation.done" RevokedByProvider {
        /// How it named the person.
        format: String,
        /// The name.
        subject: String,
        /// How many users were meant.
        users: u64,
        /// How many sessions were ended.
        sessions: u64,
    }
    /// Someone wanted a person signed out, and was not the provider.
    96 "revocation.refused" RevocationRefused {
        /// Why, in a word.
        reason: String,
        /// Why, and what to change.
        detail: String,
    }
    /// A link was made by which someone without an account sets up a connection.
    110 "setup-link.created" SetupLinkCreated {
        /// The connection, where there is one already.
        connection: Option<ConnectionId>,
        /// When it stops working by itself, in RFC 3339.
        expires: String,
    }
    /// Set-up was started by a link, in one browser.
    111 "setup-link.started" SetupLinkStarted {
        /// The address that the browser came from.
        address: Option<String>,
    }
    /// A set-up link was revoked.
    112 "setup-link.revoked" SetupLinkRevoked {}
    /// A post to the console was not done: another site sent it, or it lacks the token of its page.
    120 "console.refused" ConsoleRefused {
        /// The address that it was sent to.
        address: String,
        /// Why, in a word.
        reason: String,
    }
    /// A webhook was made: events are sent somewhere from now on.
    130 "webhook.created" WebhookCreated {
        /// Where to.
        url: String,
        /// Which kinds of events; empty: all.
        events: Vec<String>,
        /// `organization`: in order; `none`: as they come.
        order: Order,
    }
    /// A webhook was changed. What is told holds from now on.
    131 "webhook.changed" WebhookChanged {
        /// Where to.
        url: String,
        /// Which kinds of events; empty: all.
        events: Vec<String>,
        /// `organization`: in order; `none`: as they come.
        order: Order,
    }
    /// A webhook got a further secret.
    132 "webhook.secret-made" WebhookSecretMade {
        /// Its number at the webhook.
        number: i64,
    }
    /// A secret of a webhook signs no longer.
    133 "webhook.secret-retired" WebhookSecretRetired {
        /// Its number at the webhook.
        number: i64,
    }
    /// Nothing is sent to a webhook until it is resumed.
    134 "webhook.paused" WebhookPaused {
        /// Where to.
        url: String,
        /// Why.
        reason: Reason,
        /// What happened, where Doorward did it by itself.
        detail: Option<String>,
    }
    /// A webhook is sent to again.
    135 "webhook.resumed" WebhookResumed {
        /// How many events were passed over.
        skipped: u64,
    }
    /// Events are sent to a webhook once more.
    136 "webhook.replayed" WebhookReplayed {
        /// The id of the organization of the first of them.
        organization: String,
        /// Its number.
        event: i64,
    }
    /// An event that was given up is sent once more.
    137 "webhook.retried" WebhookRetried {
        /// The number of the delivery.
        delivery: i64,
    }
    /// A message was sent to a webhook to see whether it arrives.
    138 "webhook.tested" WebhookTested {}
    /// A webhook was deleted.
    139 "webhook.deleted" WebhookDeleted {
        /// Where to.
        url: String,
    }
    /// Events are not kept any more, because they are older than they have to be.
    150 "events.pruned" EventsPruned {
        /// The number of the newest of them.
        through: i64,
        /// Its hash, which the first that is kept follows in the chain. Hexadecimal.
        hash: String,
    }
    /// What was lost since a moment is being brought back.
    160 "restore.begun" RestoreBegun {
        /// The number of the event after which it was there.
        to: i64,
        /// The number of the event up to which it was lost.
        until: i64,
        /// Who took it away; null: whoever did.
        by: Option<String>,
        /// The user or group that is brought back; null: everything.
        of: Option<String>,
    }
    /// Bringing back what was lost has ended. What was refused is left as it is.
    161 "restore.ended" RestoreEnded {
        /// How many archived users were reactivated.
        reactivated: u64,
        /// How many deleted users were created again.
        recreated: u64,
        /// How many deleted groups were created again.
        groups: u64,
        /// How many memberships were made again.
        memberships: u64,
        /// How much was refused.
        refused: u64,
        /// Whether nothing is left to do. Otherwise it was cut off, and can be begun again.
        whole: bool,
    }
}
