//! The configuration as an operator meets it: sources, mistakes, documentation.

use std::{fs, path::Path, time::Duration};

use server::http::{Limits, MB};
use tempfile::TempDir;

use super::{Chosen, Config, ConfigError, Flags, Format, Level, check, keys::KEYS};

type Variables<'a> = &'a [(&'a str, &'a str)];

/// A directory with a file `doorward.toml` of this text.
fn written(text: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("doorward.toml"), text).expect("a file");
    directory
}

/// A directory as a server makes one.
fn private() -> TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().expect("a directory")
}

fn load(text: &str, variables: Variables<'_>, flags: Flags) -> Result<Config, ConfigError> {
    let directory = written(text);
    let path = directory.path().join("doorward.toml");
    Config::load(Some(&path), owned(variables), flags)
}

fn owned(variables: Variables<'_>) -> impl Iterator<Item = (String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

fn from_variables(variables: Variables<'_>) -> Config {
    Config::load(None, owned(variables), Flags::default()).expect("valid")
}

/// What is said about a mistake, without the temporary directory.
fn complaints(text: &str) -> Vec<String> {
    let error = load(text, &[], Flags::default()).expect_err("must be refused").to_string();
    let from_file_name =
        |line: &str| line[line.find("doorward.toml").unwrap_or_default()..].to_owned();
    error.lines().map(from_file_name).collect()
}

fn data(config: &Config) -> &Path {
    match &config.store.chosen {
        Chosen::Data(directory) => directory,
        Chosen::Database(url) => panic!("{url}"),
    }
}

fn public_url(config: &Config) -> &str {
    config.network.public_url.as_ref().expect("it was set").as_str()
}

#[test]
fn nothing_has_to_be_configured() {
    let config = from_variables(&[("HOME", "/root"), ("DOORWARD_LISTEN", "")]);
    assert_eq!(data(&config), Path::new("./doorward-data"));
    assert_eq!(config.network.listen.to_string(), "127.0.0.1:8400");
    assert_eq!(config.network.public_url, None, "no one has set it");
    let listener = "127.0.0.1:5".parse().expect("an address");
    assert_eq!(config.network.public_url_at(listener).as_str(), "http://127.0.0.1:5");
    assert_eq!((config.log.filter.as_str(), config.log.format), ("info", Format::Auto));
    assert_eq!(config.limits, Limits::default());
    assert!(config.unknown_variables().is_empty());
}

#[test]
fn everything_can_be_configured_in_the_file() {
    let config = load(
        r#"
        database_url = "postgres://me:hunter2@db/door"
        listen = "0.0.0.0:80"
        public_url = "https://door.example.com/"
        trusted_proxies = ["10.0.0.0/8", "192.0.2.1"]
        log = "warn,server=debug"
        log_format = "json"
        [limits]
        body = "4 MB"
        header_timeout = 5
        page_max = 1_500
        scan_budget = 0xFFFF
        "#,
        &[],
        Flags::default(),
    );
    let config = config.expect("valid");
    assert!(
        matches!(&config.store.chosen, Chosen::Database(url) if url.expose().contains("hunter2"))
    );
    assert_eq!(config.network.listen.to_string(), "0.0.0.0:80");
    assert_eq!(public_url(&config), "https://door.example.com");
    let listener = "127.0.0.1:5".parse().expect("an address");
    assert_eq!(config.network.public_url_at(listener).as_str(), "https://door.example.com");
    assert_eq!(config.network.trusted_proxies.networks().len(), 2);
    assert_eq!(config.log.format, Format::Json);
    let limits = Limits {
        body: 4 * MB,
        header_timeout: Duration::from_secs(5),
        page_max: 1500,
        scan_budget: 65_535,
        ..Limits::default()
    };
    assert_eq!(config.limits, limits);
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
}

#[test]
fn a_flag_beats_a_variable_beats_the_file() {
    let file = "data = \"file\"\nlisten = \"127.0.0.1:1\"\npublic_url = \"http://file\"";
    let variables =
        [("DOORWARD_LISTEN", "127.0.0.1:2"), ("DOORWARD_PUBLIC_URL", "http://variable")];
    let flags = Flags { public_url: Some("http://flag".to_owned()), ..Flags::default() };
    let config = load(file, &variables, flags).expect("valid");
    assert_eq!(data(&config), Path::new("file"));
    assert_eq!(config.network.listen.to_string(), "127.0.0.1:2");
    assert_eq!(public_url(&config), "http://flag");
}

#[test]
fn a_variable_can_name_the_file() {
    let directory = written("data = \"named\"");
    let path = directory.path().join("doorward.toml");
    let config = from_variables(&[("DOORWARD_CONFIG", path.to_str().expect("text"))]);
    assert_eq!(data(&config), Path::new("named"));
}

#[test]
fn a_directory_on_the_command_line_beats_a_database_in_the_environment() {
    let variables = [("DOORWARD_DATABASE_URL", "postgres://db/door")];
    let flags = Flags { data: Some("here".to_owned()), ..Flags::default() };
    let config = load("", &variables, flags).expect("valid");
    assert_eq!(data(&config), Path::new("here"));
    let config = load("data = \"here\"", &variables, Flags::default()).expect("valid");
    assert!(matches!(config.store.chosen, Chosen::Database(_)));
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let complaints = complaints(
        "listn = \"127.0.0.1:1\"\n\
         public_url = \"https://my_door.example.com\"\n\
         body = 5\n\
         log_format = \"xml\"\n\
         data = true\n\
         colour = 1\n\
         [limits]\n\
         body_rat = 1\n\
         body = \"2 parsecs\"\n\
         [weather]\n",
    );
    for expected in [
        "doorward.toml, line 1: unknown key `listn`; did you mean `listen`?",
        "doorward.toml, line 2: `public_url`: \"https://my_door.example.com\" must not contain `_`: \
         Okta refuses such a base URL",
        "doorward.toml, line 3: unknown key `body`; did you mean `limits.body`?",
        "doorward.toml, line 4: `log_format`: must be \"auto\", \"pretty\" or \"json\"",
        "doorward.toml, line 5: `data` must be a text, a whole number or a list of texts",
        "doorward.toml, line 6: unknown key `colour`",
        "doorward.toml, line 8: unknown key `limits.body_rat`; did you mean `limits.body_rate`?",
        "doorward.toml, line 9: `limits.body`: is not a size such as \"2 MB\" or 2097152",
        "doorward.toml, line 10: unknown key `weather`",
    ] {
        assert!(complaints.iter().any(|line| line == expected), "{expected}\n{complaints:#?}");
    }
    assert_eq!(complaints.len(), 9, "{complaints:#?}");
}

#[test]
fn limits_that_contradict_each_other_are_refused() {
    assert_eq!(
        complaints("[limits]\npage_max = 50\ngroup_body = \"1 MB\""),
        [
            "doorward.toml, line 2: `limits.page_max`: `limits.page_default` is more than \
             `limits.page_max`",
            "doorward.toml, line 3: `limits.group_body`: `limits.body` is more than \
             `limits.group_body`",
        ]
    );
}

#[test]
fn a_broken_file_is_reported_without_its_secrets() {
    let complaints =
        complaints("listen = \"127.0.0.1:1\"\ndatabase_url = postgres://me:hunter2@db");
    assert!(complaints[0].starts_with("doorward.toml, line 2: is not TOML"), "{complaints:?}");
    assert!(!complaints.concat().contains("hunter2"), "{complaints:?}");
    let error = Config::load(Some(Path::new("/nowhere/x.toml")), owned(&[]), Flags::default());
    let error = error.expect_err("no file").to_string();
    assert!(error.starts_with("/nowhere/x.toml: cannot be read: "), "{error}");
}

#[test]
fn a_wrong_variable_or_flag_is_named() {
    let flags = Flags { public_url: Some("door".to_owned()), ..Flags::default() };
    let variables =
        [("DOORWARD_LIMITS_GZIP_RATIO", "0"), ("DOORWARD_DATABASE_URL", "mysql://hunter2@x")];
    let error = load("", &variables, flags).expect_err("wrong").to_string();
    assert!(error.contains("DOORWARD_LIMITS_GZIP_RATIO: `limits.gzip_ratio`: is not"), "{error}");
    assert!(error.contains("DOORWARD_DATABASE_URL: `database_url`: must be"), "{error}");
    assert!(error.contains("--public-url: `public_url`: \"door\" must begin"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn an_unknown_variable_is_a_warning_at_first_and_an_error_when_checked() {
    let directory = private();
    let data = directory.path().to_str().expect("text");
    let config = from_variables(&[("DOORWARD_DATA", data), ("DOORWARD_LISTN", "x")]);
    let expected = "DOORWARD_LISTN: unknown variable; did you mean `DOORWARD_LISTEN`?";
    assert_eq!(config.unknown_variables()[0].to_string(), expected);
    let findings = check(&config);
    assert_eq!((findings.len(), findings[0].level), (1, Level::Error));
    assert_eq!(findings[0].to_string(), format!("error: {expected}"));
}

fn findings(variables: Variables<'_>) -> String {
    let directory = private();
    let data = ("DOORWARD_DATA", directory.path().to_str().expect("text"));
    // The last one counts.
    let variables: Vec<_> = std::iter::once(data).chain(variables.iter().copied()).collect();
    let findings = check(&from_variables(&variables));
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0, "left clean");
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_configuration_has_no_findings() {
    assert_eq!(findings(&[]), "");
    let proxied = [
        ("DOORWARD_PUBLIC_URL", "https://door.example.com"),
        ("DOORWARD_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
    ];
    assert_eq!(findings(&proxied), "");
}

#[test]
fn what_would_fail_later_is_found() {
    for (variables, expected) in [
        (&[("DOORWARD_LISTEN", "0.0.0.0:8400")][..], "error: The public address is http://0.0.0.0"),
        (&[("DOORWARD_PUBLIC_URL", "http://door.example.com")], "Okta requires https"),
        (&[("DOORWARD_PUBLIC_URL", "https://door.example.com")], "`trusted_proxies` is empty"),
        (&[("DOORWARD_TRUSTED_PROXIES", "0.0.0.0/0")], "trusts every address"),
        (&[("DOORWARD_DATABASE_URL", "postgres://db/x")], "`database_url` is used"),
        (&[("DOORWARD_DATA", "/proc/doorward/data")], "error: The data directory /proc/doorward"),
        (&[("DOORWARD_DATA", "/dev/null/data")], "/dev/null is not a directory"),
    ] {
        let findings = findings(variables);
        assert!(findings.contains(expected), "{expected}: {findings}");
    }
}

#[cfg(unix)]
#[test]
fn a_data_directory_that_others_can_see_is_found() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("text").to_owned();
    for (mode, count) in [(0o755, 1), (0o750, 1), (0o701, 1), (0o700, 0)] {
        fs::set_permissions(&data, fs::Permissions::from_mode(mode)).expect("permissions");
        let findings = check(&from_variables(&[("DOORWARD_DATA", &data)]));
        assert_eq!(findings.len(), count, "{mode:o}");
        for finding in findings {
            assert_eq!(finding.level, Level::Warning);
            assert!(finding.message.ends_with(&format!("chmod 700 {data}")), "{finding}");
        }
    }
    let missing = format!("{data}/missing");
    assert_eq!(check(&from_variables(&[("DOORWARD_DATA", &missing)])), [], "it will be made so");
}

#[cfg(unix)]
#[test]
fn a_password_that_others_can_see_is_found() {
    use std::os::unix::fs::PermissionsExt;

    let url = "postgres://me:hunter2@db/door";
    let flags = Flags { database_url: Some(url.into()), ..Flags::default() };
    assert!(!format!("{flags:?}").contains("hunter2"));
    let on_command_line = check(&load("", &[], flags).expect("valid"));
    assert!(on_command_line[0].message.contains("list of processes"));

    let directory = written(&format!("database_url = \"{url}\""));
    let path = directory.path().join("doorward.toml");
    for (mode, count) in [(0o644, 1), (0o600, 0)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        let config = Config::load(Some(&path), owned(&[]), Flags::default()).expect("valid");
        assert_eq!(check(&config).len(), count, "{mode:o}");
    }
}

/// The rows of the table in `docs/configuration.md`: flag, variable, key, default.
fn documented() -> Vec<[String; 4]> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let text = fs::read_to_string(path).expect("the documentation");
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    text.lines()
        .filter(|line| line.contains("| `DOORWARD_") && !line.contains("DOORWARD_CONFIG"))
        .map(|line| {
            let mut cells = line.split('|').skip(1).map(cell);
            std::array::from_fn(|_| cells.next().expect("five cells"))
        })
        .collect()
}

#[test]
fn the_documentation_lists_every_key_and_no_other() {
    let expected: Vec<_> = KEYS
        .iter()
        .map(|key| {
            let flag = key.flag.map_or("-".to_owned(), str::to_owned);
            [flag, key.variable(), key.name.to_owned()]
        })
        .collect();
    let rows: Vec<_> =
        documented().into_iter().map(|[flag, variable, key, _]| [flag, variable, key]).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let rows = documented();
    let variables: Vec<(&str, &str)> = rows
        .iter()
        .filter(|[.., default]| default != "-" && !default.contains(" and "))
        .map(|[_, variable, _, default]| (variable.as_str(), default.as_str()))
        .collect();
    let without =
        "database_url, public_url, trusted_proxies, dns_server, outbound_allow, metrics_allow";
    assert_eq!(variables.len(), KEYS.len() - 6, "{without}");
    let (documented, default) = (from_variables(&variables), from_variables(&[]));
    assert_eq!(documented.limits, default.limits);
    assert_eq!(documented.network, default.network);
    assert_eq!(documented.log, default.log);
    assert_eq!(data(&documented), data(&default));
}
