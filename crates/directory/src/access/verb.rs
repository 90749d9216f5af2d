//! [`Verb`]: what can be done in an organization or the installation, and [`Right`]: what lets someone do it.

/// What lets someone do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    SeeOrganization,
    SeePeople,
    SeeOwnProfile,
    EndOwnSession,
    SignIn,
    UseApplications,
    RedeemGrants,
    SeeSettings,
    SeeEvents,
    SeeAudit,
    SeeSyncLog,
    ChangePeople,
    LinkGroups,
    ManageRoles,
    ManageAdministrators,
    ManageConnections,
    DeleteConnections,
    HandOver,
    DecideRemovals,
    ManageSchemas,
    ManageKeys,
    SeeWebhooks,
    ManageWebhooks,
    RenameOrganization,
    ManagePlan,
    VouchForDomains,
    DeleteOrganization,
    SeeInstallation,
    ManageInstallation,
    Upkeep,
}

macro_rules! verbs {
    ($($variant:ident $name:literal $phrase:literal $right:ident;)*) => {
        /// What can be done in an organization, or in the installation. Each verb of the domain asks for its
        /// own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Verb {
            $(#[doc = concat!("To ", $phrase, ".")] $variant,)*
        }

        impl Verb {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name, such as `user.create`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// As a sentence says it: "… may not create users."
            pub(super) fn phrase(self) -> &'static str {
                match self { $(Self::$variant => $phrase,)* }
            }

            pub(super) fn right(self) -> Right {
                match self { $(Self::$variant => Right::$right,)* }
            }
        }
    };
}

verbs! {
    ListOrganizations "organization.list" "list organizations" SeeInstallation;
    CreateOrganization "organization.create" "make organizations" ManageInstallation;
    ReadOrganization "organization.read" "look at the organization" SeeOrganization;
    RenameOrganization "organization.rename" "rename the organization" RenameOrganization;
    ChangeGuard "organization.change-guard" "change the admin-lockout guard" ManageAdministrators;
    ChangePlan "organization.change-plan" "change the plan or the add-ons" ManagePlan;
    DeleteOrganization "organization.delete" "delete the organization" DeleteOrganization;
    ReadPeople "people.read" "look at users and groups" SeePeople;
    ReadOwnProfile "people.read-own" "look at the own profile" SeeOwnProfile;
    CreateUser "user.create" "create users" ChangePeople;
    ChangeUser "user.change" "change users" ChangePeople;
    ArchiveUser "user.archive" "archive users" ChangePeople;
    ReactivateUser "user.reactivate" "reactivate users" ChangePeople;
    DeleteUser "user.delete" "delete users" ChangePeople;
    CreateGroup "group.create" "create groups" ChangePeople;
    ChangeGroup "group.change" "change groups" ChangePeople;
    ChangeMembers "group.change-members" "change the members of groups" ChangePeople;
    LinkGroup "group.link" "say which connection manages a group" LinkGroups;
    UnlinkGroup "group.unlink" "take a group from its connection" ChangePeople;
    DeleteGroup "group.delete" "delete groups" ChangePeople;
    ChangeResource "resource.change" "change resources of registered types" ChangePeople;
    ReadConnections "connection.read" "look at connections and tokens" SeeSettings;
    CreateConnection "connection.create" "create connections" ManageConnections;
    ChangeConnection "connection.change" "change connections" ManageConnections;
    DeleteConnection "connection.delete" "delete connections" DeleteConnections;
    ChangeRemovalGuard "removal-guard.change" "change the mass-removal guard" ManageAdministrators;
    DecideRemovals "removal-guard.decide" "release or refuse held removals" DecideRemovals;
    ChangeSignIn "connection.change-sign-in" "change how people sign in" ManageConnections;
    ReadDomains "domain.read" "look at domains" SeeSettings;
    ChangeDomains "domain.change" "add, verify and remove domains" ManageConnections;
    VouchForDomain "domain.vouch" "vouch for a domain" VouchForDomains;
    IssueToken "token.issue" "issue tokens" ManageConnections;
    RevokeToken "token.revoke" "revoke tokens" ManageConnections;
    ReadSetupLinks "setup-link.read" "look at set-up links" HandOver;
    CreateSetupLink "setup-link.create" "make set-up links" HandOver;
    RevokeSetupLink "setup-link.revoke" "revoke set-up links" HandOver;
    ReadKeys "api-key.read" "look at API keys" ManageKeys;
    CreateKey "api-key.create" "make API keys" ManageKeys;
    RevokeKey "api-key.revoke" "revoke API keys" ManageKeys;
    ReadWebhooks "webhook.read" "look at webhooks" SeeWebhooks;
    ManageWebhooks "webhook.manage" "make, change or delete webhooks" ManageWebhooks;
    ReadRoles "role.read" "look at roles" SeeSettings;
    ManageRoles "role.manage" "make and delete roles" ManageRoles;
    GiveRole "role.give" "give roles to users and groups" ManageRoles;
    GiveAdministration "role.give-administration" "give or take an administrator's role"
        ManageAdministrators;
    ReadPlans "plan.read" "look at plans" SeeInstallation;
    ManagePlans "plan.manage" "make, change or delete plans" ManageInstallation;
    ChangeSettings "setting.change" "change settings of the installation" ManageInstallation;
    ManageSchemas "schema.manage" "register schemas" ManageSchemas;
    ReadEvents "event.read" "read events" SeeEvents;
    ReadHistory "history.read" "look at the past" SeeEvents;
    Restore "history.restore" "bring back what was lost" ManageAdministrators;
    ReadAudit "audit.read" "read the audit log" SeeAudit;
    ReadSyncLog "sync-log.read" "read the sync log" SeeSyncLog;
    ReadBreakGlass "break-glass.read" "look at break-glass accounts" SeeSettings;
    ManageBreakGlass "break-glass.manage" "make and remove break-glass accounts" ManageAdministrators;
    SignIn "session.start" "sign people in" SignIn;
    ReadSessions "session.read" "look at who is signed in" SeePeople;
    EndSessions "session.end" "end sessions" ChangePeople;
    EndOwnSession "session.end-own" "sign out" EndOwnSession;
    ReadClients "client.read" "look at OAuth clients" SeeSettings;
    ManageClients "client.manage" "make, change or delete OAuth clients" ManageConnections;
    Authorize "grant.authorize" "sign in to an application" UseApplications;
    Consent "grant.consent" "let an identity provider act for the organization" ManageConnections;
    Redeem "grant.redeem" "exchange what was granted for tokens" RedeemGrants;
    Verify "upkeep.verify" "verify the organization" Upkeep;
    Upkeep "upkeep.clear" "clear away what is out of sight" Upkeep;
}
