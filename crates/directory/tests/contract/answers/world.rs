//! [`World`]: an organization in which every kind of value stands, and the same as plain documents.

use std::{sync::Arc, time::Duration};

use directory::{
    Group, Resource, ResourceId,
    group::{self, MemberName},
    registered,
    schemas::{self, register},
    search::{self, Search},
    user::{self, Rehire},
};
use scim::{
    Meta, Object, Value, represent,
    schema::{ResourceSchema, definition::Definition},
};
use testkit::{TestOrganization, TestStore};

use crate::support;

/// More than fit into any piece that a search reads at once.
pub(crate) const USERS: usize = 800;
pub(crate) const GROUPS: usize = 40;
pub(crate) const THINGS: usize = 300;

pub(crate) const BASE_URL: &str = "https://door.example/scim/v2";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const EXTRA: &str = "urn:example:extra:2.0:User";

/// The resources of one type, in the order of their creation, as a client would see them.
pub(crate) struct Kind {
    pub(crate) schema: Arc<ResourceSchema>,
    pub(crate) ids: Vec<ResourceId>,
    pub(crate) documents: Vec<Object>,
}

pub(crate) struct World {
    pub(crate) org: TestOrganization,
    pub(crate) users: Kind,
    pub(crate) groups: Kind,
    pub(crate) things: Kind,
}

/// The same numbers on every engine and in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// Texts that differ in case, width and composition, that begin alike, and that are as long as a
/// key and longer.
fn text(dice: &mut Dice) -> String {
    let begin = dice.pick(&["a", "Ad", "ada", "ALAN", "é", "E\u{301}", "ΟΔΟΣ", "ς", "İ", "#", "~"]);
    let end = dice.pick(&["", "", "x", "X", "y", "'", "\u{1}", "😀", "\u{10ffff}", " z"]);
    if dice.one_in(40) {
        return format!("{}{end}", "k".repeat(440 + dice.below(10)));
    }
    if dice.one_in(60) {
        return format!("{}{}{end}", "é".repeat(300), dice.below(3));
    }
    format!("{begin}{end}")
}

fn person(number: usize, dice: &mut Dice) -> Object {
    let mut user =
        testkit::user(&format!("{}{number}", text(dice))).with("active", !dice.one_in(9));
    if dice.one_in(2) {
        user.insert("externalId", format!("{}{number}", text(dice)));
    }
    if dice.one_in(2) {
        user.insert("displayName", text(dice));
    }
    if dice.one_in(3) {
        user.insert("title", text(dice));
    }
    if dice.one_in(2) {
        user.insert("name", Object::new().with("familyName", text(dice)));
    }
    let emails: Vec<Value> = (0..dice.below(4))
        .map(|at| {
            let kind = dice.pick(&["work", "home"]);
            let email = Object::new().with("value", text(dice)).with("type", kind);
            if at == 0 && dice.one_in(2) { email.with("primary", true) } else { email }.into()
        })
        .collect();
    if !emails.is_empty() {
        user.insert("emails", emails);
    }
    if dice.one_in(4) {
        user.insert(ENTERPRISE, Object::new().with("employeeNumber", dice.below(20).to_string()));
    }
    if dice.one_in(2) {
        let skills: Vec<Value> = (0..=dice.below(2)).map(|_| text(dice).into()).collect();
        let mut extra = Object::new().with("skills", skills);
        if dice.one_in(2) {
            extra.insert("floor", i64::try_from(dice.below(7)).expect("small") - 2);
        }
        user.insert(EXTRA, extra);
    }
    user
}

fn thing(number: usize, dice: &mut Dice) -> Object {
    let small = |dice: &mut Dice| i64::try_from(dice.below(9)).expect("small") - 4;
    let mut thing = Object::new().with("label", text(dice)).with("code", format!("C{number}"));
    if dice.one_in(2) {
        let huge = [i64::MIN, i64::MAX, i64::MAX - 1, 1 << 53, (1 << 53) + 1];
        let size = if dice.one_in(5) { huge[dice.below(5)] } else { small(dice) };
        thing.insert("size", size);
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let half = size as f64 / 2.0;
        let weight = if dice.one_in(3) { Value::Integer(size) } else { Value::Decimal(half) };
        thing.insert("weight", weight);
    }
    if dice.one_in(2) {
        let zone = dice.pick(&["Z", "+01:00", ".5Z", ".500000001Z"]);
        thing.insert("since", format!("2026-01-01T00:00:0{}{zone}", dice.below(5)));
        thing.insert("on", dice.one_in(2));
    }
    if dice.one_in(3) {
        thing.insert("externalId", format!("t{}", dice.below(5)));
    }
    thing
}

fn definition() -> Definition {
    let text = format!(
        r#"{{"name":"world","schemas":[
            {{"id":"{EXTRA}","name":"Extra","attributes":[
                {{"name":"floor","type":"integer"}},
                {{"name":"skills","type":"string","multiValued":true}}]}},
            {{"id":"urn:example:thing","name":"Thing","attributes":[
                {{"name":"label","type":"string"}},
                {{"name":"code","type":"string","caseExact":true}},
                {{"name":"size","type":"integer"}},
                {{"name":"weight","type":"decimal"}},
                {{"name":"since","type":"dateTime"}},
                {{"name":"on","type":"boolean"}}]}}],
          "extensions":[{{"resourceType":"User","schema":"{EXTRA}","index":["floor","skills"]}}],
          "resourceTypes":[{{"name":"Thing","endpoint":"/Things","schema":"urn:example:thing",
            "index":["label","code","size","weight","since","on"]}}]}}"#
    );
    serde_json::from_str(&text).expect("a definition")
}

impl World {
    pub(crate) async fn make(store: &TestStore) -> Self {
        let org = store.organization("world").await;
        let registered = register(&org.store, &org.operator, &definition(), &mut |_| {}).await;
        registered.expect("a definition");
        let schemas = org.read(schemas::current).await.expect("schemas");
        let thing_schema = Arc::clone(&schemas.registered()[0]);

        let mut dice = Dice(7);
        let people: Vec<Object> = (0..USERS).map(|number| person(number, &mut dice)).collect();
        for some in people.chunks(50) {
            // Times differ by less than what is shown of them, and some are the same.
            store.clock.advance(Duration::from_micros(370));
            let some = some.to_vec();
            org.write(move |writer| {
                some.iter()
                    .try_for_each(|one| user::create(writer, one, Rehire::BringBack).map(drop))
            })
            .await
            .expect("new people");
        }
        let things: Vec<Object> = (0..THINGS).map(|number| thing(number, &mut dice)).collect();
        let schema = Arc::clone(&thing_schema);
        org.write(move |writer| {
            things.iter().try_for_each(|one| registered::create(writer, &schema, one).map(drop))
        })
        .await
        .expect("new things");

        let users = all(&org, schemas.user()).await;
        let mut made: Vec<Group> = Vec::new();
        for number in 0..GROUPS {
            store.clock.advance(Duration::from_micros(1_250));
            let mut members: Vec<MemberName> =
                (0..dice.below(90)).map(|_| users[dice.below(USERS)].id.into()).collect();
            for _ in 0..dice.below(3).min(number) {
                members.push(made[dice.below(number)].id.into());
            }
            let mut group = testkit::group(&format!("{}{number}", text(&mut dice)));
            if dice.one_in(2) {
                group.insert("externalId", text(&mut dice));
            }
            made.push(
                org.write(move |writer| group::create(writer, &group, &members))
                    .await
                    .expect("a new group"),
            );
        }
        // Some change again, so that the times of changes are in another order.
        for at in (0..USERS).step_by(57) {
            store.clock.advance(Duration::from_micros(900));
            support::set_active(&org, users[at].id, at % 2 == 0).await;
        }

        let users = Self::users(&org, schemas.user()).await;
        let groups = Self::groups(&org, schemas.group()).await;
        let things = all(&org, &thing_schema).await;
        let things = Kind {
            ids: things.iter().map(|thing| thing.id).collect(),
            documents: things.iter().map(|thing| shown(&thing_schema, thing)).collect(),
            schema: thing_schema,
        };
        Self { org, users, groups, things }
    }

    async fn users(org: &TestOrganization, schema: &Arc<ResourceSchema>) -> Kind {
        let users = all(org, schema).await;
        let asked = users.clone();
        let groups = org.read(move |reader| search::groups(reader, &asked)).await.expect("groups");
        let documents = users.iter().zip(groups).map(|(user, groups)| {
            let groups: Vec<Value> = groups
                .iter()
                .map(|group| {
                    Object::new()
                        .with("value", group.id.to_string())
                        .with("$ref", format!("{BASE_URL}/Groups/{}", group.id))
                        .with("display", group.display.as_str())
                        .with("type", if group.direct { "direct" } else { "indirect" })
                        .into()
                })
                .collect();
            shown(schema, user).with("groups", groups)
        });
        Kind {
            schema: Arc::clone(schema),
            documents: documents.collect(),
            ids: users.iter().map(|user| user.id).collect(),
        }
    }

    async fn groups(org: &TestOrganization, schema: &Arc<ResourceSchema>) -> Kind {
        let groups = all(org, schema).await;
        let mut documents = Vec::new();
        for group in &groups {
            let asked = Group::try_from(group.clone()).expect("a group");
            let members = org
                .read(move |reader| group::members(reader, &asked, None, 10_000))
                .await
                .expect("members");
            let members: Vec<Value> = members
                .iter()
                .map(|member| {
                    let kind = member.kind.as_str();
                    Object::new().with("value", member.id.to_string()).with("type", kind).into()
                })
                .collect();
            documents.push(shown(schema, group).with("members", members));
        }
        let ids = groups.iter().map(|group| group.id).collect();
        Kind { schema: Arc::clone(schema), documents, ids }
    }
}

async fn all(org: &TestOrganization, schema: &Arc<ResourceSchema>) -> Vec<Resource> {
    let schema = Arc::clone(schema);
    let page =
        org.read(move |reader| search::search(reader, &[&schema], &Search::all(0, 10_000))).await;
    page.expect("a list").items
}

fn shown(schema: &ResourceSchema, resource: &Resource) -> Object {
    let location = format!("{BASE_URL}{}/{}", schema.resource_type().endpoint, resource.id);
    let meta = Meta { location, ..resource.meta() };
    represent(schema, &resource.id.to_string(), resource.attributes.to_object(), &meta)
}
