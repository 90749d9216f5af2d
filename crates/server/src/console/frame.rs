//! [`Frame`]: what stands around every page: navigation, breadcrumb, title, theme.

use super::{
    icon::Icon, integrations::guard::Banner, message::Message, rooms::Role, theme::Theme,
    visitor::Visitor,
};

/// Where a page belongs in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Users,
    Groups,
    Teams,
    Roles,
    Settings,
    Integrations,
    Domains,
    Audit,
    Plan,
    Export,
    Guides,
    Me,
    None,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) organization: String,
    pub(super) application: String,
    pub(super) menu: Vec<Group>,
    /// The pages above, from the top.
    pub(super) trail: Vec<(String, String)>,
    pub(super) tabs: Vec<Tab>,
    pub(super) theme: Theme,
    /// Those that can be chosen.
    pub(super) themes: [Theme; 3],
    pub(super) form_token: String,
    /// What was done on the page before.
    pub(super) message: Option<&'static str>,
    /// Whether it tells of a problem: its title begins so.
    pub(super) is_error: bool,
    /// The address that shows this page, where it is not the one in the window.
    pub(super) source: Option<String>,
    /// How far something is, before the title of the window.
    pub(super) progress: Option<String>,
    pub(super) is_link: bool,
    pub(super) path: String,
    /// Removals that wait for a decision, of each connection.
    pub(super) banners: Vec<Banner>,
}

/// A part of the navigation.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) items: Vec<Item>,
}

/// A line of the navigation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) address: &'static str,
    pub(super) label: &'static str,
    pub(super) icon: Icon,
    pub(super) is_here: bool,
}

/// A page of several about one thing.
#[derive(Clone, Debug)]
pub(super) struct Tab {
    pub(super) address: String,
    pub(super) label: &'static str,
    pub(super) is_here: bool,
}

/// A label, and the lines below it.
type Part = (&'static str, &'static [(Section, &'static str, &'static str, Icon)]);

/// The navigation of an administrator.
const MENU: &[Part] = &[
    (
        "People",
        &[
            (Section::Users, "/console/users", "Users", Icon::Users),
            (Section::Groups, "/console/groups", "IdP groups", Icon::Groups),
            (Section::Teams, "/console/teams", "Teams", Icon::Team),
            (Section::Roles, "/console/roles", "Roles", Icon::Role),
        ],
    ),
    (
        "Company settings",
        &[
            (Section::Settings, "/console/settings", "Overview", Icon::Settings),
            (Section::Integrations, "/console/integrations", "Integrations", Icon::Plug),
            (Section::Domains, "/console/domains", "Domains", Icon::Globe),
            (Section::Audit, "/console/audit", "Audit log", Icon::Audit),
            (Section::Plan, "/console/plan", "Plan and add-ons", Icon::Plan),
            (Section::Export, "/console/export", "Data export", Icon::Download),
        ],
    ),
    ("Help", &[(Section::Guides, "/console/guides", "Guides", Icon::Book)]),
];

impl Frame {
    pub(super) fn new(visitor: &Visitor, title: impl Into<String>, here: Section) -> Self {
        let role = visitor.role();
        let groups: &[_] = match role {
            Role::Admin | Role::Superadmin => MENU,
            Role::Member => &[],
            Role::Link => &MENU[2..],
        };
        let item = |&(section, address, label, icon): &(Section, _, _, Icon)| Item {
            address,
            label,
            icon,
            is_here: section == here,
        };
        let menu = groups
            .iter()
            .map(|(label, items)| Group { label, items: items.iter().map(item).collect() })
            .collect();
        Self {
            title: title.into(),
            organization: visitor.organization().name.clone(),
            application: visitor.app().application().name.clone(),
            menu,
            trail: Vec::new(),
            tabs: Vec::new(),
            theme: visitor.theme(),
            themes: Theme::ALL,
            form_token: visitor.form_token().to_owned(),
            message: visitor.query("done").and_then(Message::text),
            is_error: false,
            source: None,
            progress: None,
            is_link: role == Role::Link,
            path: visitor.path().to_owned(),
            banners: visitor.banners().to_vec(),
        }
    }

    /// With a page above it.
    pub(super) fn below(mut self, address: impl Into<String>, label: impl Into<String>) -> Self {
        self.trail.push((address.into(), label.into()));
        self
    }

    /// Begins with the tabs about one thing.
    pub(super) fn with_tabs(self, tabs: Vec<Tab>) -> Self {
        Self { tabs, ..self }
    }

    /// The first letter of the application, for its mark.
    pub(super) fn letter(&self) -> String {
        self.application.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default()
    }
}
