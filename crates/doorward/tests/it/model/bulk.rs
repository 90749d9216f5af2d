//! [`Bulk`]: many changes in one request, RFC 7644 §3.7.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{
    ask::{Answer, Ask, Fresh, Intent},
    condition::Condition,
    dice::Dice,
    document::{INVALID_VALUE, Refusal, Wanted},
    patch::{Op, Operation, Selected, Target},
    request::{self, Request},
    world::{BASE, GROUP, World},
};

/// What a text begins with that stands for the id of what another operation creates.
const PREFIX: &str = "bulkId:";
/// An operation refers to one that failed.
const LOST: Refusal = Refusal(409, None);

#[derive(Clone, Debug)]
pub(super) struct Bulk {
    parts: Vec<Part>,
    /// `failOnErrors`.
    most_failures: Option<usize>,
}

/// One of its operations.
#[derive(Clone, Debug)]
struct Part {
    intent: Intent,
    /// What a POST is called by the others.
    name: Option<String>,
    condition: Condition,
    /// The names that it refers to.
    references: BTreeSet<String>,
    /// The operation as it is sent.
    sent: Json,
}

impl Part {
    fn is_post(&self) -> bool {
        matches!(self.intent, Intent::Create { .. })
    }
}

impl Bulk {
    /// A bulk request that someone might send.
    pub(super) fn request(
        dice: &mut Dice,
        world: &World,
        foreign: &[String],
        connection: usize,
    ) -> Request {
        let mut intents: Vec<Intent> = (0..=dice.below(6))
            .map(|_| {
                let kind = request::a_kind(dice);
                request::change(dice, world, kind, foreign)
            })
            .collect();
        let posts: Vec<(usize, usize)> = intents
            .iter()
            .enumerate()
            .filter(|(_, intent)| matches!(intent, Intent::Create { .. }))
            .filter_map(|(at, intent)| Some((at, intent.kind()?)))
            .collect();
        // A POST refers to POSTs that come before it in one direction: there are no circles.
        let forward = dice.percent(50);
        for (at, intent) in intents.iter_mut().enumerate() {
            let is_post = matches!(intent, Intent::Create { .. });
            let known: Vec<(String, usize)> = posts
                .iter()
                .filter(|(post, _)| !is_post || (*post != at && (*post < at) == forward))
                .map(|(post, kind)| (name(*post), *kind))
                .collect();
            refer(dice, intent, &known);
        }
        let parts: Vec<Part> = intents
            .into_iter()
            .enumerate()
            .map(|(at, intent)| Part::new(dice, world, at, intent))
            .collect();
        let most_failures = dice.percent(35).then(|| 1 + dice.below(3));
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": parts.iter().map(|part| part.sent.clone()).collect::<Vec<_>>(),
        });
        if let Some(most) = most_failures {
            body["failOnErrors"] = json!(most);
        }
        let intent = Intent::Bulk(Self { parts, most_failures });
        let condition = match dice.below(20) {
            0 => Condition::generated(dice, None),
            _ => Condition::default(),
        };
        let ask = Ask { connection, intent, wanted: Wanted::default(), condition };
        Request { method: "POST", path: "/Bulk".to_owned(), body: Some(body), ask }
    }

    /// Whether it makes sense alone: a POST has a name, a version can be read, and each name is
    /// that of a POST.
    fn check(&self, part: &Part) -> Result<(), Refusal> {
        let names: Vec<&String> = self.parts.iter().filter_map(|it| it.name.as_ref()).collect();
        if part.is_post() && part.name.is_none()
            || part.references.iter().any(|name| !names.contains(&name))
        {
            return Err(INVALID_VALUE);
        }
        part.condition.check()
    }

    /// The operation that is done next: the first that waits for none. An operation waits for those
    /// that it refers to, and for an earlier one on the same resource.
    fn next(&self, told: &BTreeMap<usize, Json>) -> Option<usize> {
        let waits = |at: usize| {
            let part = &self.parts[at];
            if self.check(part).is_err() {
                return false;
            }
            let open = || self.parts.iter().enumerate().filter(|(it, _)| !told.contains_key(it));
            open().any(|(_, it)| it.name.as_ref().is_some_and(|it| part.references.contains(it)))
                || open().any(|(it, other)| {
                    it < at
                        && part.intent.id().is_some()
                        && self.check(other).is_ok()
                        && (other.intent.id(), other.intent.kind())
                            == (part.intent.id(), part.intent.kind())
                })
        };
        (0..self.parts.len()).find(|at| !told.contains_key(at) && !waits(*at))
    }
}

fn name(at: usize) -> String {
    format!("b{at}")
}

impl Part {
    fn new(dice: &mut Dice, world: &World, at: usize, intent: Intent) -> Self {
        let is_post = matches!(intent, Intent::Create { .. });
        let mut sent = json!({ "method": intent.method(), "path": intent.path(world) });
        let mut condition = Condition::default();
        if !is_post && dice.percent(20) {
            condition = Condition::if_match(dice, world.version(&intent));
            for (_, text) in condition.headers() {
                sent["version"] = json!(text);
            }
        }
        if let Some(data) = request::data(dice, &intent) {
            sent["data"] = data;
        }
        let text = sent.to_string();
        let name_of = |rest: &str| rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let references = text.split(PREFIX).skip(1).map(name_of).collect();
        let name = (is_post && !dice.percent(2)).then(|| name(at));
        if let Some(name) = &name {
            sent["bulkId"] = json!(name);
        }
        Self { intent, name, condition, references, sent }
    }
}

/// Lets a change refer to what others create.
fn refer(dice: &mut Dice, intent: &mut Intent, known: &[(String, usize)]) {
    let members: Vec<String> = (0..=dice.below(2))
        .filter_map(|_| match dice.below(40) {
            0 => Some("nobody".to_owned()),
            _ => dice.maybe(known).map(|(name, _)| name.clone()),
        })
        .map(|name| format!("{PREFIX}{name}"))
        .collect();
    let kind = intent.kind();
    if kind == Some(GROUP) && !members.is_empty() && dice.percent(60) {
        let values: Vec<Json> = members.iter().map(|id| json!({ "value": id })).collect();
        match intent {
            Intent::Create { body, .. } | Intent::Replace { body, .. } => {
                body.retain(|name, _| !name.eq_ignore_ascii_case("members"));
                body.insert("members".to_owned(), json!(values));
            }
            Intent::Patch { operations, .. } => {
                let (op, text, selected, value) = match dice.below(4) {
                    0 => {
                        let text = format!("members[value eq \"{}\"]", members[0]);
                        (Op::Remove, text, Selected::Ids(members[..1].to_vec()), None)
                    }
                    1 => (Op::Replace, "members".to_owned(), Selected::All, Some(json!(values))),
                    _ => (Op::Add, "members".to_owned(), Selected::All, Some(json!(values))),
                };
                let path = Some((text, Target::Members(selected)));
                operations.push(Operation { op, path, value });
            }
            _ => {}
        }
    }
    if let Intent::Replace { id, .. } | Intent::Patch { id, .. } | Intent::Delete { id, .. } =
        intent
        && let Some((name, of)) = dice.maybe(known)
        && (Some(*of) == kind || dice.percent(10))
        && dice.percent(40)
    {
        *id = format!("{PREFIX}{name}");
    }
}

impl World {
    /// Does the operations one by one, each wholly or not at all.
    pub(super) fn bulk(&mut self, bulk: &Bulk, connection: usize, fresh: &Fresh) -> Answer {
        let mut told = BTreeMap::new();
        let mut born = BTreeMap::new();
        let mut failures = 0;
        while bulk.most_failures.is_none_or(|most| failures < most)
            && let Some(at) = bulk.next(&told)
        {
            let part = &bulk.parts[at];
            let before = self.clone();
            let fresh = part.name.as_ref().and_then(|name| fresh.parts.get(name));
            let intent = resolved(&part.intent, &born);
            let served = bulk.check(part).and_then(|()| {
                if part.references.iter().any(|name| !born.contains_key(name)) {
                    return Err(LOST);
                }
                let condition = part.condition.clone();
                let ask = Ask {
                    connection,
                    intent: intent.clone(),
                    wanted: Wanted::default(),
                    condition,
                };
                self.serve(&ask, fresh.unwrap_or(&Fresh::default()))
            });
            let mut outcome = json!({ "method": intent.method() });
            if let Some(name) = &part.name {
                outcome["bulkId"] = json!(name);
            }
            let mut id = intent.id().map(str::to_owned);
            match served {
                Ok(answer) => {
                    outcome["status"] = json!(answer.status.to_string());
                    if let Some(version) = answer.version {
                        outcome["version"] = json!(format!("W/\"{version}\""));
                    }
                    if let (Some(name), Some(new)) = (&part.name, answer.body["id"].as_str()) {
                        born.insert(name.clone(), new.to_owned());
                        id = Some(new.to_owned());
                    }
                }
                Err(refusal) => {
                    *self = before;
                    failures += 1;
                    outcome["status"] = json!(refusal.0.to_string());
                    outcome["response"] = Answer::from(refusal).body;
                }
            }
            // RFC 7644 §3.7: required, but where a POST failed. What was not born has no address.
            if let Some(id) = id.filter(|id| !id.starts_with(PREFIX)) {
                let kind = intent.kind().expect("of one type");
                outcome["location"] = json!(format!("{BASE}{}/{id}", self.types[kind].endpoint));
            }
            told.insert(at, outcome);
        }
        let outcomes: Vec<Json> = told.into_values().collect();
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"];
        Answer::of(200, json!({ "schemas": schemas, "Operations": outcomes }))
    }
}

/// A change with ids in the place of names.
fn resolved(intent: &Intent, born: &BTreeMap<String, String>) -> Intent {
    let text = |text: &str| {
        let mut text = text.to_owned();
        for (name, id) in born {
            text = text.replace(&format!("{PREFIX}{name}"), id);
        }
        text
    };
    let json = |value: &Json| -> Json {
        serde_json::from_str(&text(&value.to_string())).expect("JSON as before")
    };
    let mut intent = intent.clone();
    match &mut intent {
        Intent::Create { body, .. } | Intent::Replace { body, .. } => {
            body.values_mut().for_each(|value| *value = json(value));
        }
        Intent::Patch { operations, .. } => {
            for operation in operations {
                operation.value = operation.value.as_ref().map(json);
                if let Some((_, Target::Members(Selected::Ids(ids)))) = &mut operation.path {
                    for id in ids {
                        *id = text(id);
                    }
                }
            }
        }
        _ => {}
    }
    if let Intent::Replace { id, .. } | Intent::Patch { id, .. } | Intent::Delete { id, .. } =
        &mut intent
    {
        *id = text(id);
    }
    intent
}
