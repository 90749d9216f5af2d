//! [`Flags`]: the part of the command line that is configuration.

use secrecy::{ExposeSecret, SecretString};

use super::{
    error::Origin,
    settings::{Raw, Setting, Settings},
};

/// Flags as they were given. Flatten this into the command line; every command takes them.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Directory of the SQLite store [default: ./doorward-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<String>,

    /// PostgreSQL store, instead of a data directory: `postgres://USER@HOST/DATABASE`
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<SecretString>,

    /// Address under which identity providers reach the server [default: http:// and the address
    /// it listens on; for other commands than serve, that of the last server on the store]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,

    /// What is logged: a level, or levels by module, such as `info,server=debug` [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,

    /// Shape of a log line: auto, pretty or json [default: auto]
    #[arg(long, global = true, value_name = "SHAPE")]
    pub log_format: Option<String>,

    /// Address to listen on. Only commands that serve take it: they set this field.
    #[arg(skip)]
    pub listen: Option<String>,
}

impl Flags {
    pub(super) fn put_into(self, settings: &mut Settings) {
        let database_url = self.database_url.map(|url| url.expose_secret().to_owned());
        for (key, flag, value) in [
            ("data", "--data", self.data),
            ("database_url", "--database-url", database_url),
            ("listen", "--listen", self.listen),
            ("public_url", "--public-url", self.public_url),
            ("log", "--log", self.log),
            ("log_format", "--log-format", self.log_format),
        ] {
            if let Some(text) = value {
                settings.put(Setting { key, raw: Raw::Text(text), origin: Origin::Flag(flag) });
            }
        }
    }
}
