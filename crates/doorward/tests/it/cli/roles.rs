//! `doorward role`, and the admin-lockout guard

use serde_json::{Value, json};

use super::place::{Place, Running};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ACME: [&str; 2] = ["--organization", "acme"];

/// An organization whose provider sent `ada`, `grace`, and a group within a group: grace is in
/// `Engineering`, which is in `Everyone`.
struct Acme {
    place: Place,
    server: Running,
    token: String,
    ada: String,
}

impl Acme {
    fn new() -> Self {
        let place = Place::with_acme();
        let token = place.connect()["token"].as_str().expect("a token").to_owned();
        let server = place.serve();
        let post = |path: &str, body: &Value| {
            let path = format!("/scim/v2/{path}");
            assert_eq!(server.status("POST", &path, &token, &body.to_string()), 201, "{body}");
        };
        for name in ["ada", "grace"] {
            let user = json!({ "schemas": [USER], "userName": name, "externalId": name });
            post("Users", &user);
        }
        let group = |name: &str, member: &Value| {
            json!({
                "schemas": [GROUP],
                "displayName": name,
                "externalId": name,
                "members": [{ "value": member }],
            })
        };
        post("Groups", &group("Engineering", &json!("grace")));
        post("Groups", &group("Everyone", &json!("Engineering")));
        let ada = place.json(&[&["user", "show", "ada"][..], &ACME].concat());
        let ada = ada["id"].as_str().expect("an id").to_owned();
        Self { place, server, token, ada }
    }

    fn role(&self, arguments: &[&str]) -> Value {
        self.place.json(&[&["role"], arguments, &ACME].concat())
    }

    fn said(&self, arguments: &[&str]) -> String {
        self.place.text(&[&["role"], arguments, &ACME].concat())
    }

    fn refused(&self, arguments: &[&str]) -> String {
        self.place.error(&[&["role"], arguments, &ACME].concat())
    }

    /// The roles of a user, and why.
    fn of(&self, user: &str) -> Value {
        self.place.json(&[&["user", "show", user][..], &ACME].concat())["roles"].clone()
    }
}

#[test]
fn roles_are_made_listed_and_deleted() {
    let acme = Acme::new();
    let create = ["create", "editor", "--description", "Writes the pages"];
    let made = acme.role(&create);
    assert_eq!(
        (&made["name"], &made["description"], &made["built_in"]),
        (&"editor".into(), &"Writes the pages".into(), &false.into())
    );
    let listed = acme.role(&["list"]);
    let roles = listed["roles"].as_array().expect("a list");
    let names: Vec<&Value> = roles.iter().map(|role| &role["name"]).collect();
    assert_eq!(names, ["superadmin", "admin", "member", "editor"]);
    let text = acme.said(&["list"]);
    assert!(text.contains("Writes the pages") && text.contains("superadmin"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }

    assert_eq!(acme.refused(&create), "there is a role \"editor\" already");
    acme.role(&["assign", "--user", "ada", "--role", "editor"]);
    assert_eq!(
        acme.refused(&["delete", "editor"]),
        "the role \"editor\" is assigned to users; take it from them first"
    );
    acme.role(&["unassign", "--user", "ada", "--role", "editor"]);
    assert_eq!(acme.role(&["delete", "editor"])["deleted"], true);
    assert_eq!(
        acme.refused(&["delete", "editor"]),
        "there is no role \"editor\" in acme; `doorward role list --organization acme` shows all"
    );
    assert_eq!(acme.refused(&["delete", "admin"]), "the role \"admin\" is built in");
    assert_eq!(acme.place.json(&["verify"])["ok"], true);
}

#[test]
fn a_user_has_assigned_roles_and_those_of_its_groups() {
    let acme = Acme::new();
    acme.role(&["create", "editor"]);
    assert_eq!(acme.role(&["assign", "--user", "ada", "--role", "editor"])["changed"], true);
    assert_eq!(acme.role(&["assign", "--user", "ada", "--role", "editor"])["changed"], false);
    assert_eq!(acme.role(&["map", "--group", "everyone", "--role", "editor"])["changed"], true);
    assert_eq!(
        acme.said(&["map", "--group", "Everyone", "--role", "editor"]),
        "The members of Everyone have the role editor already: nothing changed.\n"
    );
    assert_eq!(acme.of("ada"), json!([{ "name": "editor", "why": [{ "assigned": true }] }]));
    let of_grace = acme.of("grace");
    assert_eq!(
        (&of_grace[0]["why"][0]["name"], &of_grace[0]["why"][0]["direct"]),
        (&"Everyone".into(), &false.into())
    );
    let text = acme.place.text(&[&["user", "show", "grace"][..], &ACME].concat());
    assert!(text.contains("mapped to the group Everyone, by way of another group"), "{text}");

    let shown = acme.place.streamed(&[&["role", "show", "editor"][..], &ACME].concat());
    assert_eq!(shown["users"], json!([{ "id": acme.ada, "userName": "ada" }]));
    assert_eq!(shown["groups"][0]["name"], "Everyone");
    let text = acme.said(&["show", "editor"]);
    assert!(text.contains("Everyone") && text.contains("ada"), "{text}");

    let exported = acme.place.streamed(&[&["export", "users"][..], &ACME].concat());
    assert_eq!(exported["users"][1]["heldRoles"], json!(["editor"]));

    assert_eq!(
        acme.refused(&["unassign", "--user", "grace", "--role", "editor"]),
        "the role editor was not assigned to grace; `doorward user show grace --organization acme` \
         shows which roles it has, and why"
    );
    acme.role(&["unassign", "--user", "ada", "--role", "editor"]);
    acme.role(&["unmap", "--group", "Everyone", "--role", "editor"]);
    assert_eq!((acme.of("ada"), acme.of("grace")), (json!([]), json!([])));
    assert_eq!(
        acme.refused(&["unmap", "--group", "Everyone", "--role", "editor"]),
        "the role editor is not mapped to Everyone; `doorward role list --organization acme` shows \
         all mappings"
    );
    assert_eq!(acme.place.json(&["verify"])["ok"], true);
}

#[test]
fn what_is_not_there_is_named() {
    let acme = Acme::new();
    assert_eq!(
        acme.refused(&["assign", "--user", "nobody", "--role", "admin"]),
        "there is no user \"nobody\" in acme; `doorward user list --organization acme` shows all"
    );
    assert_eq!(
        acme.refused(&["map", "--group", "none", "--role", "admin"]),
        "there is no group \"none\" in acme; `doorward group list --organization acme` shows all"
    );
    assert_eq!(
        acme.refused(&["assign", "--user", "ada", "--role", "editor"]),
        "there is no role \"editor\" in acme; `doorward role list --organization acme` shows all"
    );
    assert_eq!(
        acme.refused(&["show", "editor"]),
        "there is no role \"editor\" in acme; `doorward role list --organization acme` shows all"
    );
    assert!(acme.refused(&["create", "Chief Editor"]).contains("is not the name of a role"));
}

#[test]
fn the_guard_keeps_the_last_administrator_from_being_locked_out() {
    let acme = Acme::new();
    let guard = |wanted: &str| acme.place.json(&["organization", "admin-guard", "acme", wanted]);
    assert_eq!(acme.place.json(&["organization", "show", "acme"])["admin_guard"], "auto");
    acme.role(&["assign", "--user", "ada", "--role", "admin"]);
    let path = format!("/scim/v2/Users/{}", acme.ada);
    let delete = || acme.server.status("DELETE", &path, &acme.token, "");
    assert!((400..500).contains(&delete()), "the provider may not take the last one away");

    let off = guard("off");
    assert_eq!((&off["admin_guard"], &off["changed"]), (&"off".into(), &true.into()));
    assert_eq!(guard("off")["changed"], false);
    assert_eq!(delete(), 204);
    assert_eq!(guard("auto")["admin_guard"], "auto");
    let text = acme.place.text(&["organization", "admin-guard", "acme", "on"]);
    assert_eq!(text, "The admin-lockout guard of Acme Corporation (acme) is on.\n");
    assert_eq!(acme.place.json(&["verify"])["ok"], true);
}
