//! `doorward token`

use insta::assert_json_snapshot;
use serde_json::Value;

use super::place::Place;

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().expect("a text")
}

#[test]
fn issue_list_and_revoke_tell_what_programs_need() {
    let place = Place::with_acme();
    let made = place.connect();
    let connection = text(&made, "id");
    let issued = place.json(&["token", "issue", "--connection", connection, "--never-expires"]);
    assert_json_snapshot!(issued, {
        ".created" => "[time]",
        ".connection" => "[id]",
        ".token" => "[token]",
    }, @r#"
    {
      "number": 2,
      "state": "live",
      "created": "[time]",
      "last_used": null,
      "expires": null,
      "revoked": null,
      "connection": "[id]",
      "base_url": null,
      "note": "the public URL is not known yet: start `doorward serve --public-url https://...` once, or give `--public-url`",
      "token": "[token]"
    }
    "#);
    assert_ne!(issued["token"], made["token"]);

    let revoked = place.json(&["token", "revoke", "--connection", connection, "1"]);
    assert_eq!(revoked["state"], "revoked");
    assert!(revoked["revoked"].is_string());
    let again = place.json(&["token", "revoke", "--connection", connection, "1"]);
    assert_eq!(again["revoked"], revoked["revoked"], "the first time counts");
    assert_eq!((&revoked["changed"], &again["changed"]), (&true.into(), &false.into()));
    assert_eq!(
        place.text(&["token", "revoke", "--connection", connection, "1"]),
        format!(
            "Token 1 was revoked already, on {}: nothing changed.\n",
            text(&revoked, "revoked")
        )
    );

    let listed = place.json(&["token", "list", "--connection", connection]);
    let states: Vec<_> = listed["tokens"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|token| (token["number"].as_i64(), text(token, "state")))
        .collect();
    assert_eq!(states, [(Some(1), "revoked"), (Some(2), "live")]);
}

#[test]
fn a_token_that_is_not_there_is_named() {
    let place = Place::with_acme();
    let made = place.connect();
    let other = place.connect();
    let connection = text(&made, "id");
    // Number 2 is the other connection's.
    assert_eq!(
        text(&place.json(&["connection", "show", text(&other, "id")])["tokens"][0], "state"),
        "live"
    );
    for number in ["2", "77"] {
        assert_eq!(
            place.error(&["token", "revoke", "--connection", connection, number]),
            format!(
                "connection {connection} has no token {number}; `doorward token list --connection \
                 {connection}` shows all"
            )
        );
    }
}

#[test]
fn a_running_server_obeys_at_once() {
    let place = Place::with_acme();
    let made = place.connect();
    let (connection, first) = (text(&made, "id"), text(&made, "token"));
    let server = place.serve();
    assert_eq!(server.users(first), 200);

    // A second token beside the first, as for a change-over.
    let issued = place.json(&["token", "issue", "--connection", connection]);
    let second = text(&issued, "token");
    assert_eq!((server.users(first), server.users(second)), (200, 200));

    place.json(&["token", "revoke", "--connection", connection, "1"]);
    assert_eq!((server.users(first), server.users(second)), (401, 200));

    place.json(&["connection", "disable", connection]);
    assert_ne!(server.users(second), 200);
    place.json(&["connection", "enable", connection]);
    assert_eq!(server.users(second), 200);

    // The use of a token is noted.
    let tokens = place.json(&["token", "list", "--connection", connection]);
    assert!(tokens["tokens"][1]["last_used"].is_string(), "{tokens}");

    place.json(&["organization", "delete", "acme", "--yes"]);
    assert_eq!(server.users(second), 401);
}

#[test]
fn a_token_is_shown_once_and_kept_nowhere() {
    let place = Place::with_acme();
    let made = place.connect();
    let (connection, token) = (text(&made, "id"), text(&made, "token"));
    let mut server = place.serve();
    assert_eq!(server.users(token), 200);
    assert_eq!(server.users(&token[..token.len() - 1]), 401, "mistyped");
    for arguments in [
        &["connection", "show", connection][..],
        &["connection", "list"],
        &["token", "list", "--connection", connection],
        &["token", "revoke", "--connection", connection, "1"],
        &["organization", "show", "acme"],
    ] {
        for ran in [place.run(arguments), place.run(&[arguments, &["--json"]].concat())] {
            assert_eq!(ran.code, Some(0), "{arguments:?}");
            assert!(!ran.stdout.contains(token) && !ran.stderr.contains(token), "{arguments:?}");
        }
    }
    assert_eq!(server.users(token), 401);
    // Not while the server runs, and not after it; not the whole, and not the secret part.
    let secret = token.rsplit('_').next().expect("a part");
    assert!(place.log().contains("listening"), "the log was looked at: {}", place.log());
    assert_eq!(place.holding(&secret[..43]), Vec::<std::path::PathBuf>::new());
    assert_eq!(server.end("-TERM"), Some(0));
    assert_eq!(place.holding(&secret[..43]), Vec::<std::path::PathBuf>::new());
    assert!(!place.holding(connection).is_empty(), "the search finds what is there");
}
