//! [`Principal`]: who acts, and [`Access`]: who acts on which organization.

use std::fmt;

use ::oauth::{ClientId, Scopes, scope};

use super::{Right, Verb};
use crate::{
    error::{Error, Noun, Rule},
    id::{
        ConnectionId, ConnectionNo, KeyNo, OrgNo, RequestId, ResourceId, ResourceNo, SetupLinkId,
    },
    keyword::keyword,
    resource::User,
    role::Held,
};

/// Who acts. Only authenticators make one: a token, a key, a session, a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(pub(super) Who);

/// The kinds of principals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Doorward's own upkeep.
    System,
    /// The people who run the installation.
    Operator,
    /// A program that shows an API key.
    ApiKey { number: KeyNo, reach: Reach },
    /// A program that shows an access token which it was given for itself.
    Machine { client: String, reach: Reach },
    /// An identity provider, by a token of its connection.
    Connection(Provider),
    /// Someone who is about to sign in through a connection.
    SignIn(Provider),
    /// An administrator who is about to come in without the provider.
    BreakGlass { org: OrgNo },
    /// A person who is signed in.
    User { org: OrgNo, no: ResourceNo, id: ResourceId, rank: Rank },
    /// Whoever was handed a link to set up an organization's connection.
    /// It sees this one only, once it has made one.
    SetupLink { org: OrgNo, id: SetupLinkId, connection: Option<ConnectionNo> },
    /// An identity provider or a machine of one, by an OAuth grant.
    OauthGrant { provider: Provider, client: String },
    /// A program that has proven which client it is.
    Client { org: OrgNo, id: String },
}

/// The connection through which an identity provider acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Provider {
    pub(crate) org: OrgNo,
    pub(crate) no: ConnectionNo,
    pub(crate) id: ConnectionId,
}

/// How far a program of the management API reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The one organization; `None`: the whole installation.
    pub(crate) home: Option<OrgNo>,
    /// What it may do there.
    pub(crate) scope: Scope,
}

keyword! {
    /// What a program may do at the management API.
    Scope {
        /// To look.
        Read = "read",
        /// To look, and to change people, groups and roles.
        Write = "write",
        /// Everything in an organization.
        Manage = "manage",
    }
}

impl Scope {
    /// As access tokens have it.
    #[must_use]
    pub fn of_tokens(self) -> &'static str {
        match self {
            Self::Read => scope::API_READ,
            Self::Write => scope::API_WRITE,
            Self::Manage => scope::API_MANAGE,
        }
    }

    /// The most that an access token is good for; `None`: it is for something else.
    pub(crate) fn most_of(scopes: &Scopes) -> Option<Self> {
        Self::ALL.iter().copied().filter(|scope| scopes.contains(scope.of_tokens())).max()
    }
}

/// What the roles of a person give inside of Doorward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The own profile.
    Member,
    /// People, groups, roles and records. It sees settings, and changes none.
    Admin,
    /// That, and credentials, sign-in and administrators.
    Superadmin,
}

impl Rank {
    /// The one of whoever has these roles.
    pub(crate) fn of(roles: &[Held]) -> Self {
        let has = |name: &str| roles.iter().any(|held| held.role.name.as_str() == name);
        match (has("superadmin"), has("admin")) {
            (true, _) => Self::Superadmin,
            (false, true) => Self::Admin,
            (false, false) => Self::Member,
        }
    }
}

impl Principal {
    pub(crate) const SYSTEM: Self = Self(Who::System);
    pub(crate) const OPERATOR: Self = Self(Who::Operator);

    pub(crate) fn connection(provider: Provider) -> Self {
        Self(Who::Connection(provider))
    }

    /// A program that shows an API key.
    pub(crate) fn api_key(number: KeyNo, reach: Reach) -> Self {
        Self(Who::ApiKey { number, reach })
    }

    /// A program that shows an access token which it was given for itself.
    pub(crate) fn machine(client: &ClientId, reach: Reach) -> Self {
        Self(Who::Machine { client: client.to_string(), reach })
    }

    /// Someone who is about to sign in through a connection.
    pub(crate) fn sign_in(at: Provider) -> Self {
        Self(Who::SignIn(at))
    }

    /// An administrator who is about to come in without the provider.
    pub(crate) fn break_glass(org: OrgNo) -> Self {
        Self(Who::BreakGlass { org })
    }

    /// A person who is signed in.
    pub(crate) fn user(org: OrgNo, user: &User, rank: Rank) -> Self {
        Self(Who::User { org, no: user.no, id: user.id, rank })
    }

    /// An identity provider, by an OAuth grant.
    pub(crate) fn grant(provider: Provider, client: &ClientId) -> Self {
        Self(Who::OauthGrant { provider, client: client.to_string() })
    }

    /// A program that has proven which client it is, in an organization where it was granted something.
    pub(crate) fn client(org: OrgNo, id: &ClientId) -> Self {
        Self(Who::Client { org, id: id.to_string() })
    }

    /// Whoever was handed a link to set up a connection.
    pub(crate) fn setup_link(
        org: OrgNo,
        id: SetupLinkId,
        connection: Option<ConnectionNo>,
    ) -> Self {
        Self(Who::SetupLink { org, id, connection })
    }

    /// The set-up link that it bears.
    pub(crate) fn as_setup_link(&self) -> Option<SetupLinkId> {
        match &self.0 {
            Who::SetupLink { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Whether a connection of an organization that it reaches is there for it.
    pub(crate) fn sees(&self, no: ConnectionNo) -> bool {
        match &self.0 {
            Who::SetupLink { connection, .. } => *connection == Some(no),
            _ => true,
        }
    }

    /// The connection through which an identity provider acts: what it creates is managed by it.
    pub(crate) fn provider(&self) -> Option<Provider> {
        match &self.0 {
            Who::Connection(provider) | Who::OauthGrant { provider, .. } => Some(*provider),
            _ => None,
        }
    }

    /// The organization that it belongs to; `None`: it acts on the whole installation.
    fn home(&self) -> Option<OrgNo> {
        match &self.0 {
            Who::System | Who::Operator => None,
            Who::ApiKey { reach, .. } | Who::Machine { reach, .. } => reach.home,
            Who::Connection(provider) | Who::OauthGrant { provider, .. } => Some(provider.org),
            Who::SignIn(at) => Some(at.org),
            Who::BreakGlass { org }
            | Who::User { org, .. }
            | Who::SetupLink { org, .. }
            | Who::Client { org, .. } => Some(*org),
        }
    }

    /// Whether it has a right in an organization that it reaches.
    fn has(&self, right: Right) -> bool {
        use Right::{
            ChangePeople, DecideRemovals, DeleteConnections, EndOwnSession, HandOver, LinkGroups,
            ManageAdministrators, ManageConnections, ManageKeys, ManageRoles, ManageSchemas,
            ManageWebhooks, RedeemGrants, RenameOrganization, SeeAudit, SeeEvents, SeeInstallation,
            SeeOrganization, SeeOwnProfile, SeePeople, SeeSettings, SeeSyncLog, SeeWebhooks,
            SignIn, Upkeep, UseApplications,
        };

        let looks = matches!(
            right,
            SeeOrganization
                | SeePeople
                | SeeSettings
                | SeeEvents
                | SeeAudit
                | SeeSyncLog
                | SeeWebhooks
        );
        let changes = looks
            || matches!(
                right,
                ChangePeople | LinkGroups | DecideRemovals | ManageRoles | RenameOrganization
            );
        let manages = changes
            || matches!(
                right,
                ManageAdministrators
                    | ManageConnections
                    | DeleteConnections
                    | HandOver
                    | ManageKeys
                    | ManageSchemas
                    | ManageWebhooks
            );
        // Only people have a profile, and are signed in.
        let own = matches!(right, SeeOwnProfile | EndOwnSession | UseApplications);
        let operates = !own && !matches!(right, SignIn | RedeemGrants);
        match &self.0 {
            Who::System => right == Upkeep,
            Who::Operator => operates,
            Who::ApiKey { reach, .. } | Who::Machine { reach, .. } => match reach {
                Reach { scope: Scope::Manage, home: None } => operates,
                // Which organizations and plans there are is the business of the installation's own programs.
                Reach { home: None, .. } if right == SeeInstallation => true,
                Reach { scope: Scope::Manage, .. } => manages,
                Reach { scope: Scope::Write, .. } => changes,
                Reach { scope: Scope::Read, .. } => looks,
            },
            Who::Connection(_) | Who::OauthGrant { .. } => {
                matches!(right, SeeOrganization | SeePeople | ChangePeople)
            }
            // It may make who comes for the first time, where the connection says so.
            Who::SignIn(_) => matches!(right, SignIn | SeePeople | ChangePeople),
            Who::BreakGlass { .. } => right == SignIn,
            Who::Client { .. } => right == RedeemGrants,
            // Who sets up a connection does not take others away.
            Who::SetupLink { .. } => {
                matches!(right, SeeOrganization | SeeSettings | SeeSyncLog | ManageConnections)
            }
            Who::User { rank: Rank::Superadmin, .. } => manages || own,
            Who::User { rank: Rank::Admin, .. } => changes || own,
            Who::User { rank: Rank::Member, .. } => own,
        }
    }

    /// Whether it may do this in an organization that it reaches.
    #[must_use]
    pub fn may(&self, verb: Verb) -> bool {
        self.has(verb.right())
    }

    /// Makes sure that it may do this.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`].
    pub(crate) fn permit(&self, verb: Verb) -> Result<(), Error> {
        if self.may(verb) {
            return Ok(());
        }
        let (kind, phrase) = (self.kind(), verb.phrase());
        Err(Error::denied(Rule::NotPermitted, format!("{kind} may not {phrase}.")))
    }

    /// Its access to an organization.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where it belongs to another one: an organization that cannot be reached
    /// is one that does not exist.
    pub(crate) fn on(self, org: OrgNo) -> Result<Access, Error> {
        if self.home().is_some_and(|home| home != org) {
            return Err(Error::not_found(Noun::Organization));
        }
        Ok(Access { org, principal: self, request: None })
    }

    /// What kind it is, as a sentence begins with it.
    fn kind(&self) -> &'static str {
        match &self.0 {
            Who::System => "Doorward's own upkeep",
            Who::Operator => "An operator",
            Who::ApiKey { .. } => "This API key",
            Who::Machine { .. } => "This client",
            Who::Connection(_) | Who::OauthGrant { .. } => "An identity provider",
            Who::SignIn(_) | Who::BreakGlass { .. } => "Someone who signs in",
            Who::Client { .. } => "An OAuth client",
            Who::User { rank: Rank::Member, .. } => "A member",
            Who::User { rank: Rank::Admin, .. } => "An admin",
            Who::User { rank: Rank::Superadmin, .. } => "A superadmin",
            Who::SetupLink { .. } => "The bearer of a set-up link",
        }
    }
}

/// As the records name it: `operator`, `connection:<id>`, `user:<id>`, `client:<id>`.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Who::System => f.write_str("system"),
            Who::Operator => f.write_str("operator"),
            Who::ApiKey { number, reach: Reach { home: None, .. } } => {
                write!(f, "installation-key:{number}")
            }
            Who::ApiKey { number, .. } => write!(f, "key:{number}"),
            Who::Connection(provider) => write!(f, "connection:{}", provider.id),
            Who::SignIn(at) => write!(f, "sign-in:{}", at.id),
            Who::BreakGlass { .. } => f.write_str("break-glass"),
            Who::User { id, .. } => write!(f, "user:{id}"),
            Who::SetupLink { id, .. } => write!(f, "setup-link:{id}"),
            Who::Machine { client: id, .. } | Who::Client { id, .. } => write!(f, "client:{id}"),
            Who::OauthGrant { provider, client } => {
                write!(f, "grant:{client}@connection:{}", provider.id)
            }
        }
    }
}

/// Who acts on which organization: what the store asks for.
///
/// Having one means that the principal reaches the organization; what it may do there each verb
/// asks. Code that serves one organization has no way to name another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    org: OrgNo,
    principal: Principal,
    request: Option<RequestId>,
}

impl Access {
    /// Doorward's own upkeep in an organization.
    pub(crate) fn system(org: OrgNo) -> Self {
        Self { org, principal: Principal::SYSTEM, request: None }
    }

    /// Says for which request or command it is used: what is changed carries its id.
    #[must_use]
    pub fn for_request(self, request: RequestId) -> Self {
        Self { request: Some(request), ..self }
    }

    pub(crate) fn org(&self) -> OrgNo {
        self.org
    }

    /// Whether both are to one organization.
    #[must_use]
    pub fn is_of_same(&self, other: &Self) -> bool {
        self.org == other.org
    }

    /// Who acts.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub(crate) fn request(&self) -> Option<RequestId> {
        self.request
    }

    /// Makes sure that the principal may do this.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`].
    pub(crate) fn permit(&self, verb: Verb) -> Result<(), Error> {
        self.principal.permit(verb)
    }
}
