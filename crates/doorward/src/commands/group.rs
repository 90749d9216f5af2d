//! `doorward group`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    Access, Error, Group, Installation, Member, MemberKind, Reader, ResourceId, Store, group,
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    connection::Names,
    organization::find as find_organization,
    store::{self, Missing},
    walk::{Walk, filter},
};
use crate::{
    answer::Answer,
    listing::Listing,
    output::{Output, stream},
    problem::within,
    table::{self, cut, number, whole},
};

/// `doorward group`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The groups of an organization, in the order in which they came
    List(List),
    /// One group: its members, those it waits for, and the connection that manages it
    Show {
        /// Its displayName, or its id
        group: String,
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
}

/// `doorward group list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// Only those that match, as SCIM writes it: 'displayName sw "Eng"'
    #[arg(long)]
    filter: Option<String>,
}

/// So many members are shown to people; programs get all.
const SHOWN: usize = 20;
/// So many are read at a time.
const PIECE: usize = 1_000;

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match &command {
        Command::List(options) => list(installation, options, json).await,
        Command::Show { group, organization } => {
            show(installation, organization, group, json).await
        }
    })
    .await
}

async fn list(installation: &Installation, options: &List, json: bool) -> Result<Answer> {
    let (access, organization) = find_organization(installation, &options.organization).await?;
    let store = installation.store();
    let wanted = match &options.filter {
        Some(text) => Some(filter::<Group>(store, &access, text).await?),
        None => None,
    };
    let names = Names::read(store, &access).await?;
    let columns = [whole("id"), cut("name"), number("members"), cut("managed by")];
    let row = |group: &Group| {
        [
            group.id.to_string(),
            group.name().to_owned(),
            group.member_count().to_string(),
            Names::short(names.manager(group.managed_by)),
        ]
    };
    let show = async |groups: Vec<Group>, listing: &mut Listing<'_, 4>| {
        Ok(listing.page(&groups, |group| view(group, &names), row)?)
    };
    Walk::new(store, &access, wanted).list(&organization.slug, columns, show, json).await
}

fn view(group: &Group, names: &Names) -> Json {
    json!({
        "id": group.id.to_string(),
        "name": group.name(),
        "members": group.member_count(),
        "managed_by": names.manager(group.managed_by).map(|manager| manager.id.to_string()),
        "created": group.created.to_string(),
        "modified": group.modified.to_string(),
    })
}

/// A group whose members are read.
struct Read<'s> {
    store: &'s Store,
    access: &'s Access,
    group: Group,
}

async fn show(installation: &Installation, slug: &str, wanted: &str, json: bool) -> Result<Answer> {
    let (access, organization) = find_organization(installation, slug).await?;
    let (store, wanted) = (installation.store(), wanted.to_owned());
    let group = store
        .read(&access, move |reader| named(reader, &wanted))
        .await
        .map_err(within(&organization.slug))?;
    let names = Names::read(store, &access).await?;
    let read = Read { store, access: &access, group };
    stream(async |output| {
        if json {
            let mut head = view(&read.group, &names);
            head["organization"] = json!(organization.slug.as_str());
            head["externalId"] = json!(read.group.attributes.str("externalId"));
            head["member_count"] = json!(read.group.member_count());
            if let Some(head) = head.as_object_mut() {
                // The list itself follows under this name.
                head.remove("members");
            }
            read.as_json(&head, output).await
        } else {
            read.as_text(&names, output).await
        }
    })
    .await
}

impl Read<'_> {
    async fn as_json(&self, head: &Json, output: &mut Output) -> Result<()> {
        output.begin(head)?;
        output.list("members")?;
        let mut last = None;
        loop {
            let members = self.members(last, PIECE).await?;
            for member in &members {
                let (id, name) = (member.id.to_string(), &member.display);
                let object = json!({ "id": id, "name": name, "type": word(member.kind) });
                output.element(&object.to_string())?;
            }
            last = members.into_iter().next_back();
            if last.is_none() {
                break;
            }
        }
        output.end_list()?;
        output.list("pending")?;
        let mut last = None;
        loop {
            let pending = self.pending(last, PIECE).await?;
            for name in &pending {
                output.element(&json!(name).to_string())?;
            }
            last = pending.into_iter().next_back();
            if last.is_none() {
                break;
            }
        }
        output.end_list()?;
        output.end(&json!({}))?;
        Ok(())
    }

    async fn as_text(&self, names: &Names, output: &mut Output) -> Result<()> {
        let group = &self.group;
        let external = group.attributes.str("externalId").unwrap_or("-");
        let sheet = table::sheet([
            ("id", group.id.to_string()),
            ("externalId", external.to_owned()),
            ("managed by", Names::long(names.manager(group.managed_by))),
            ("created", group.created.to_string()),
            ("modified", group.modified.to_string()),
            ("members", group.member_count().to_string()),
        ]);
        output.text(&format!("{}\n\n{sheet}", group.name()))?;
        let members = self.members(None, SHOWN).await?;
        if !members.is_empty() {
            let table = table::columns(
                [cut("member"), whole("id"), whole("type")],
                members.iter().map(|member| {
                    let kind = word(member.kind).to_owned();
                    [member.display.clone(), member.id.to_string(), kind]
                }),
            );
            let shown = i64::try_from(members.len()).unwrap_or(i64::MAX);
            output.text(&format!("\n{table}{}", more(group.member_count() - shown)))?;
        }
        let pending = self.pending(None, SHOWN + 1).await?;
        if !pending.is_empty() {
            output.text(
                "\nMembers that were sent and are not here yet, by the name they came with:\n",
            )?;
            for name in pending.iter().take(SHOWN) {
                output.text(&format!("  {}\n", name.replace(char::is_control, " ")))?;
            }
            if pending.len() > SHOWN {
                output.text("and more\n")?;
            }
        }
        Ok(())
    }

    async fn members(&self, after: Option<Member>, most: usize) -> Result<Vec<Member>> {
        let group = self.group.clone();
        let read = self
            .store
            .read(self.access, move |reader| group::members(reader, &group, after.as_ref(), most));
        Ok(read.await?)
    }

    async fn pending(&self, after: Option<String>, most: usize) -> Result<Vec<String>> {
        let group = self.group.clone();
        let read = self.store.read(self.access, move |reader| {
            group::pending_members(reader, &group, after.as_deref(), most)
        });
        Ok(read.await?)
    }
}

fn more(rest: i64) -> String {
    if rest > 0 {
        format!("and {rest} more; `--json` and `doorward export memberships` show all\n")
    } else {
        String::new()
    }
}

fn word(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::User => "user",
        MemberKind::Group => "group",
    }
}

/// The group with this id or displayName.
pub(crate) fn named(reader: &mut Reader<'_>, wanted: &str) -> Result<Group, Error> {
    if let Some(id) = ResourceId::parse(wanted) {
        match group::get(reader, id) {
            Err(Error::NotFound { .. }) => {}
            found => return found,
        }
    }
    group::by_display_name(reader, wanted)
}
