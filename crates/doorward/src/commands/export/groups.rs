//! `doorward export groups`

use anyhow::Result;
use directory::{Group, schemas};
use serde_json::json;

use super::{
    super::{connection::Names, shown, walk::Walk},
    Sink, Source,
};

const COLUMNS: [&str; 7] =
    ["id", "displayName", "externalId", "members", "managedBy", "created", "lastModified"];

pub(super) async fn write(source: &Source<'_>, mut sink: Sink<'_>) -> Result<()> {
    let schemas = source.store.read(source.access, schemas::current).await?;
    let names = Names::read(source.store, source.access).await?;
    let mut walk = Walk::new(source.store, source.access, None);
    sink.begin("groups", COLUMNS)?;
    while let Some(groups) = walk.page::<Group>().await? {
        for group in &groups {
            let manager = names.manager(group.managed_by).map(|manager| manager.id.to_string());
            let text = |name: &str| group.attributes.str(name).unwrap_or_default().to_owned();
            sink.record(
                || {
                    vec![
                        group.id.to_string(),
                        text("displayName"),
                        text("externalId"),
                        group.member_count().to_string(),
                        manager.clone().unwrap_or_default(),
                        group.created.to_string(),
                        group.modified.to_string(),
                    ]
                },
                || {
                    let url = source.url.as_ref();
                    let mut object = json!(shown::represent(schemas.group(), url, group, None));
                    object["memberCount"] = json!(group.member_count());
                    object["managedBy"] = json!(manager);
                    object.to_string()
                },
            )?;
        }
    }
    sink.end()
}
