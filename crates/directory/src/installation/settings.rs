//! Settings of the installation and its plans, as every process reads them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::Installation;
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    db::{Row, statements},
    error::Error,
    keyword::keyword,
    plan::Feature,
    store::{Catalog, Reader, Store},
};

statements! {
    SETTINGS = Sql { "select name, value from installation_setting order by name" };
    SET = Sql {
        "insert into installation_setting (name, value) values ($1, $2) \
         on conflict (name) do update set value = excluded.value"
    };
    UNSET = Sql { "delete from installation_setting where name = $1" };
    PLANS = Sql { "select name, features from plan order by name" };
}

keyword! {
    /// What operators decide for the whole installation.
    Setting {
        /// The address under which the world reaches the server. `serve` writes it.
        PublicUrl = "public-url",
        /// The plan of organizations that have none. Without it they may use every feature.
        DefaultPlan = "default-plan",
    }
}

/// So long what was read is believed: a process learns within this time what another has changed.
const BELIEVED: Duration = Duration::from_secs(5);

/// Settings and plans, as they were read last.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Option<(Time, Arc<Snapshot>)>>);

/// The settings and plans at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) plans: BTreeMap<String, Vec<Feature>>,
}

impl Snapshot {
    fn of(settings: Vec<Row>, plans: Vec<Row>) -> Result<Self, Error> {
        let mut snapshot = Self { settings: BTreeMap::new(), plans: BTreeMap::new() };
        for mut row in settings {
            snapshot.settings.insert(row.get("name")?, row.get("value")?);
        }
        for mut row in plans {
            let text: String = row.get("features")?;
            let features = text.split_whitespace().map(Feature::parse).collect::<Option<_>>();
            let features = features.ok_or_else(|| row.damaged("features", "a feature is unknown"));
            snapshot.plans.insert(row.get("name")?, features?);
        }
        Ok(snapshot)
    }

    pub(crate) fn setting(&self, setting: Setting) -> Option<&str> {
        self.settings.get(setting.as_str()).map(String::as_str)
    }
}

impl Cache {
    /// The settings and plans, read again if they were read some time ago.
    pub(crate) fn get(&self, reader: &mut Reader<'_>) -> Result<Arc<Snapshot>, Error> {
        let now = reader.services().clock.now();
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read, snapshot)) = &*kept()
            && now < read.plus(BELIEVED)
        {
            return Ok(Arc::clone(snapshot));
        }
        let (settings, plans) =
            (reader.query_shared(SETTINGS, &[])?, reader.query_shared(PLANS, &[])?);
        let snapshot = Arc::new(Snapshot::of(settings, plans)?);
        *kept() = Some((now, Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    /// This process has changed something.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The settings and plans as they are stored now.
pub(crate) fn snapshot(catalog: &mut Catalog<'_>) -> Result<Snapshot, Error> {
    let settings = catalog.query(SETTINGS, &[])?;
    Snapshot::of(settings, catalog.query(PLANS, &[])?)
}

/// A setting.
///
/// # Errors
///
/// Those of the store.
pub(crate) async fn get(store: &Store, setting: Setting) -> Result<Option<String>, Error> {
    store
        .read_catalog(move |catalog| Ok(snapshot(catalog)?.setting(setting).map(str::to_owned)))
        .await
}

impl Installation {
    /// A setting.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn setting(&self, setting: Setting) -> Result<Option<String>, Error> {
        get(self.store(), setting).await
    }

    /// Changes a setting, or removes it. Setting what is set changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn set(&self, setting: Setting, value: Option<&str>) -> Result<(), Error> {
        self.permit(Verb::ChangeSettings)?;
        let (principal, request) = self.by();
        let value = value.map(str::to_owned);
        self.store()
            .write_catalog(move |catalog| {
                let name = setting.as_str();
                if snapshot(catalog)?.setting(setting) == value.as_deref() {
                    return Ok(());
                }
                match &value {
                    Some(value) => catalog.execute(SET, &[name.into(), value.into()])?,
                    None => catalog.execute(UNSET, &[name.into()])?,
                };
                let payload = kinds::SettingChanged { value: value.clone() };
                audit::record_for_installation(catalog, (&principal, request), name, payload)
            })
            .await?;
        self.store().services().installation.forget();
        Ok(())
    }
}
