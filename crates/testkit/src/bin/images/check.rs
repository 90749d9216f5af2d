//! [`Checker`]: opens an image as a server would, and looks whether everything is there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use directory::{
    Installation, Location, Random, Store, StoreOptions, SystemClock, maintenance::verify,
    organization,
};
use server::http::Limits;
use testkit::TestServer;
use tokio::runtime::{Builder, Runtime};
use workload::audit::{self, Expected};

use crate::{disk::Image, plan::Tenant};

/// Opens images in a folder of its own, one after the other.
pub(crate) struct Checker {
    folder: PathBuf,
    runtime: Runtime,
    tenants: Arc<[Tenant]>,
}

impl Checker {
    pub(crate) fn new(folder: &Path, number: usize, tenants: Arc<[Tenant]>) -> Result<Self> {
        let folder = folder.join(format!("image-{number}"));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { folder, runtime, tenants })
    }

    /// Checks an image.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The image stays in the folder.
    pub(crate) fn check(&self, image: &Image, expected: &BTreeMap<String, Expected>) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        for (name, content) in image {
            fs::write(self.folder.join(name), content)?;
        }
        let store = Store::open(StoreOptions {
            location: Location::Directory(self.folder.clone()),
            clock: Arc::new(SystemClock),
            random: Arc::new(Random::from_system()),
            create: false,
            pools: directory::Pools::default(),
        });
        let store = store.context("the store cannot be opened")?;
        let outcome = self.audit(&store, expected).and_then(|()| self.verify(&store));
        store.close();
        outcome
    }

    /// Everything is there, and a change is taken.
    fn audit(&self, store: &Store, expected: &BTreeMap<String, Expected>) -> Result<()> {
        let server = TestServer::over(store.clone(), Limits::default());
        for Tenant { slug, token, everybody } in &*self.tenants {
            let found = audit::read(everybody, &mut |path| {
                let answer = self.runtime.block_on(server.request(token, "GET", path, None));
                if answer.status != 200 {
                    bail!("GET {path}: {} {}", answer.status, answer.text());
                }
                Ok(answer.json())
            })?;
            let mark = format!("-{slug}-");
            let expected = expected.iter().filter(|(key, _)| key.contains(&mark));
            let expected = expected.map(|(key, state)| (key.clone(), state.clone())).collect();
            audit::compare(&expected, &found)?;
            let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName":"afterwards@example.com"}"#;
            let post = server.request(token, "POST", "/scim/v2/Users", Some(body));
            let answer = self.runtime.block_on(post);
            if answer.status != 201 {
                bail!("it takes no change: {} {}", answer.status, answer.text());
            }
        }
        Ok(())
    }

    /// Every row agrees with the others.
    #[expect(clippy::disallowed_methods, reason = "a test acts as the operator, as `verify` does")]
    fn verify(&self, store: &Store) -> Result<()> {
        self.runtime.block_on(async {
            let installation = Installation::of_command_line(store);
            let mut violations = verify::installation(&installation).await?.violations;
            for (access, _) in organization::list(&installation).await? {
                violations.extend(verify::organization(store, &access).await?.violations);
            }
            match violations.first() {
                None => Ok(()),
                Some(first) => bail!("{} things are wrong: {first:?}", violations.len()),
            }
        })
    }
}
