//! `doorward user`, `doorward group` and `doorward event`

use std::io::Read as _;

use serde_json::{Value, json};

use super::place::{Place, Running};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// An organization whose provider sent three people, one of them archived, and two groups, one
/// within the other, which waits for someone.
struct Acme {
    place: Place,
    connection: String,
    server: Running,
}

impl Acme {
    fn new() -> Self {
        let place = Place::with_acme();
        let create = ["connection", "create", "--organization", "acme", "--name", "Acme's Okta"];
        let made = place.json(&create);
        let token = made["token"].as_str().expect("a token").to_owned();
        let connection = made["id"].as_str().expect("an id").to_owned();
        let server = place.serve();
        let acme = Self { place, connection, server };
        let post = |path: &str, body: &Value| {
            let path = format!("/scim/v2/{path}");
            assert_eq!(acme.server.status("POST", &path, &token, &body.to_string()), 201, "{body}");
        };
        for (name, title, active) in
            [("ada", "Engineer", true), ("grace", "Admiral", true), ("alan", "Engineer", false)]
        {
            post(
                "Users",
                &json!({
                    "schemas": [USER],
                    "userName": format!("{name}@acme.example"),
                    "externalId": format!("00u-{name}"),
                    "name": { "givenName": name, "familyName": "Doe" },
                    "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
                    "title": title,
                    "active": active,
                }),
            );
        }
        post(
            "Groups",
            &json!({
                "schemas": [GROUP],
                "displayName": "Engineering",
                "members": [{ "value": "00u-ada" }, { "value": "00u-not-here-yet" }],
            }),
        );
        let engineering =
            acme.place.streamed(&["group", "show", "engineering", "--organization", "acme"]);
        post(
            "Groups",
            &json!({
                "schemas": [GROUP],
                "displayName": "Everyone",
                "externalId": "00g-everyone",
                "members": [{ "value": engineering["id"] }, { "value": "00u-grace" }],
            }),
        );
        acme
    }

    /// The userNames of a list.
    fn listed(&self, arguments: &[&str]) -> Vec<String> {
        let all = [&["user", "list", "--organization", "acme"], arguments].concat();
        let listed = self.place.streamed(&all);
        let users = listed["users"].as_array().expect("a list");
        assert_eq!(listed["total"], users.len(), "{listed}");
        let name = |user: &Value| user["userName"].as_str().expect("a name").to_owned();
        users.iter().map(name).collect()
    }
}

#[test]
fn users_are_listed_by_filter_and_state() {
    let acme = Acme::new();
    let (ada, grace, alan) = ("ada@acme.example", "grace@acme.example", "alan@acme.example");
    assert_eq!(acme.listed(&[]), [ada, grace, alan]);
    assert_eq!(acme.listed(&["--archived"]), [alan]);
    assert_eq!(acme.listed(&["--active"]), [ada, grace]);
    let engineers = ["--filter", "title eq \"engineer\""];
    assert_eq!(acme.listed(&engineers), [ada, alan]);
    assert_eq!(acme.listed(&[&engineers[..], &["--active"]].concat()), [ada]);
    assert_eq!(acme.listed(&["--filter", "userName sw \"x\""]), [""; 0]);

    let listed = acme.place.streamed(&["user", "list", "--organization", "acme"]);
    let first = &listed["users"][0];
    assert_eq!(
        (&first["name"], &first["email"], &first["active"], &first["groups"]),
        (&"ada Doe".into(), &ada.into(), &true.into(), &2.into())
    );
    assert_eq!(first["managed_by"], acme.connection);

    let text = acme.place.text(&["user", "list", "--organization", "acme"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[0].contains("USERNAME"), "{text}");
    assert!(lines[1].contains(ada) && lines[1].contains("active"), "{text}");
    assert!(lines[3].contains(alan) && lines[3].contains("archived"), "{text}");
    let none =
        acme.place.text(&["user", "list", "--organization", "acme", "--filter", "title eq \"x\""]);
    assert_eq!(none, "No user matches in acme.\n");
}

#[test]
fn a_user_is_shown_by_name_and_by_id() {
    let acme = Acme::new();
    let show = |user: &str| ["user", "show", user, "--organization", "acme"].map(str::to_owned);
    let ask = |user: &str| {
        let arguments = show(user);
        acme.place.json(&arguments.each_ref().map(String::as_str))
    };
    let ada = ask("ADA@acme.example");
    assert_eq!(ask(ada["id"].as_str().expect("an id")), ada);
    assert_eq!(ada["managed_by"], acme.connection);
    assert_eq!(ada["resource"]["emails"][0]["value"], "ada@acme.example");
    let groups: Vec<(&Value, &Value)> = ada["groups"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| (&group["name"], &group["direct"]))
        .collect();
    assert_eq!(
        groups,
        [(&"Engineering".into(), &true.into()), (&"Everyone".into(), &false.into())]
    );
    assert_eq!(ada["roles"], json!([]));
    let arguments = show("alan@acme.example");
    let text = acme.place.text(&arguments.each_ref().map(String::as_str));
    for words in [
        "archived",
        "name.givenName",
        "emails[1].value",
        "In no group.",
        "Acme's Okta",
        "Without a role.",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let arguments = show("ada@acme.example");
    let text = acme.place.text(&arguments.each_ref().map(String::as_str));
    assert!(text.contains("direct") && text.contains("by way of another group"), "{text}");
}

#[test]
fn a_group_is_shown_with_its_members_and_those_it_waits_for() {
    let acme = Acme::new();
    let listed = acme.place.streamed(&["group", "list", "--organization", "acme"]);
    let groups = listed["groups"].as_array().expect("a list");
    assert_eq!((&groups[0]["name"], &groups[0]["members"]), (&"Engineering".into(), &1.into()));
    assert_eq!(groups[1]["managed_by"], acme.connection);
    let wanted = ["--filter", "displayName sw \"Every\""];
    let found =
        acme.place.streamed(&[&["group", "list", "--organization", "acme"], &wanted[..]].concat());
    assert_eq!((&found["total"], &found["groups"][0]), (&1.into(), &groups[1]));

    let show =
        |group: &str| acme.place.streamed(&["group", "show", group, "--organization", "acme"]);
    let engineering = show("ENGINEERING");
    assert_eq!(engineering["members"][0]["name"], "ada@acme.example");
    assert_eq!(engineering["pending"], json!(["00u-not-here-yet"]));
    let everyone = show(groups[1]["id"].as_str().expect("an id"));
    assert_eq!(everyone["externalId"], "00g-everyone");
    let kinds: Vec<&Value> =
        everyone["members"].as_array().expect("a list").iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["user", "group"]);

    let text = acme.place.text(&["group", "show", "Engineering", "--organization", "acme"]);
    for words in ["ada@acme.example", "00u-not-here-yet", "Acme's Okta", "not here yet"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = acme.place.text(&["group", "list", "--organization", "acme"]);
    assert!(text.contains("Everyone") && text.contains("MANAGED BY"), "{text}");
}

#[test]
fn events_are_listed_from_any_number_on() {
    let acme = Acme::new();
    let list = |arguments: &[&str]| {
        acme.place.streamed(&[&["event", "list", "--organization", "acme"], arguments].concat())
    };
    let all = list(&[]);
    let events = all["events"].as_array().expect("a list").clone();
    assert_eq!(all["newest"], events.len());
    assert_eq!(events[0]["kind"], "organization.created");
    assert_eq!(events[0]["principal"], "operator");
    let newest = events.last().expect("some");
    assert_eq!(
        (&newest["kind"], &newest["body"]["resource"]["displayName"]),
        (&"group.created".into(), &"Everyone".into())
    );
    assert_eq!(newest["principal"], format!("connection:{}", acme.connection));
    assert_eq!(list(&["--after", "2", "--limit", "3"])["events"], json!(events[2..5]));
    assert_eq!(list(&["--last", "2"])["events"], json!(events[events.len() - 2..]));

    let text = acme.place.text(&["event", "list", "--organization", "acme", "--limit", "2"]);
    let left = events.len() - 2;
    assert!(text.ends_with(&format!("{left} more follow: `--after 2` shows them.\n")), "{text}");
    let text = acme.place.text(&["event", "list", "--organization", "acme"]);
    assert!(text.contains("Acme's Okta") && text.contains("user.created"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::with_acme();
    assert_eq!(
        place.error(&["user", "show", "nobody", "--organization", "acme"]),
        "there is no user \"nobody\" in acme; `doorward user list --organization acme` shows all"
    );
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        place.error(&["group", "show", unknown, "--organization", "acme"]),
        format!(
            "there is no group \"{unknown}\" in acme; `doorward group list --organization acme` \
             shows all"
        )
    );
    let error =
        place.error(&["user", "list", "--organization", "acme", "--filter", "shoeSize gt 44"]);
    assert!(error.starts_with("the filter shoeSize gt 44 cannot be used: "), "{error}");
    assert_eq!(
        place.text(&["user", "list", "--organization", "acme"]),
        "There is no user in acme yet.\n"
    );
    assert_eq!(
        place.text(&["group", "list", "--organization", "acme"]),
        "There is no group in acme yet.\n"
    );
    let listed = place.streamed(&["user", "list", "--organization", "acme"]);
    assert_eq!(listed, json!({ "organization": "acme", "users": [], "total": 0 }));
}

#[test]
fn many_are_listed_page_by_page_and_a_reader_may_leave() {
    let place = Place::new();
    let demo = ["demo", "--data", "doorward-data", "--listen", "127.0.0.1:0", "--users", "1100"];
    place.json(&[&demo[..], &["--groups", "1", "--exit"]].concat());
    let list = ["user", "list", "--organization", "corvid-foods"];
    let listed = place.streamed(&list);
    assert_eq!(
        (listed["users"].as_array().map(Vec::len), &listed["total"]),
        (Some(1100), &1100.into())
    );
    let text = place.text(&list);
    assert_eq!(text.lines().count(), 1101, "one heading");
    // A letter of some languages is as wide as two.
    let plain = |line: &&str| line.chars().all(|letter| letter.is_ascii() || letter == '…');
    let state = |line: &str| line.find("active").map(|at| line[..at].chars().count());
    let places: Vec<_> = text.lines().skip(1).filter(plain).map(state).collect();
    assert!(places.len() > 200, "{}", places.len());
    assert!(places.iter().all(|place| *place == places[0]), "later pages stand under the first");

    let shown =
        place.text(&["group", "show", "Corvid Foods: Everyone", "--organization", "corvid-foods"]);
    assert!(shown.contains("and 1080 more"), "{shown}");

    let mut child = place
        .command(&["export", "events", "--organization", "corvid-foods", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut begin = [0; 10];
    child.stdout.take().expect("it is piped").read_exact(&mut begin).expect("it can be read");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
        (Some(0), "")
    );
}
