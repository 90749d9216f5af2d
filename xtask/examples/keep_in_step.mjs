// The receivers of examples/ under random kills, theirs and the server's: in the end their tables equal the API's
// lists. Over SQLite they are then away for longer than events are kept, and have to take a snapshot. Each check is a line "ok" or "not ok" on standard output.
//
// The environment says, beside what common.mjs wants of an empty store that no one serves, where the receivers are
// (RECEIVER_PYTHON, RECEIVER_NODE), which Python to use (PYTHON), an empty database for one of them (DATABASE_URL), where
// files may be written (SCRATCH), and how many changes to make (CHANGES).

import { execFileSync } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { check, command, doorward, plain, scim, soon, start, url } from "./common.mjs";

const { RECEIVER_PYTHON, RECEIVER_NODE, PYTHON, DATABASE_URL, SCRATCH } = process.env;
const CHANGES = Number(process.env.CHANGES);
/** So many people are there before; a group of them is larger than what the server changes at once. */
const CROWD = 2200;
const CROWD_PER_REQUEST = 550;
const WRITERS = 6;
const SLUG = "acme";

const CORE = "urn:ietf:params:scim:schemas:core:2.0";
const MESSAGES = "urn:ietf:params:scim:api:messages:2.0";
const chance = (n) => Math.floor(Math.random() * n);
const pick = (list) => list[chance(list.length)];
const count = { changes: 0, server: 0, python: 0, node: 0 };

/** Waits until the server answers. */
const ready = () => soon(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok, 60);
const log = openSync(join(SCRATCH, "server.log"), "a");
const serve = async (settings = {}) => {
  const server = start(...command("serve", "--listen", new URL(url).host), { env: { ...plain, ...settings }, stdio: ["ignore", log, log] });
  if (!(await ready())) throw new Error("the server is not ready");
  return server;
};
let server = await serve();

await doorward("organization", "create", "Acme", "--slug", SLUG);
const okta = scim(await doorward("connection", "create", "--organization", SLUG, "--provider", "okta", "--protocol", "scim2", "--removal-guard", "off"));
const { api_key: key } = await doorward("api-key", "create", "Receivers", "--scope", "read");
const organization = (await doorward("organization", "show", SLUG)).id;

/** All of a list of the management API. */
const list = async (path) => {
  const items = [];
  for (let cursor = ""; cursor !== null; ) {
    const after = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${url}/api/v1/organizations/${SLUG}${path}?limit=200${after}`, { headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const page = await answer.json();
    items.push(...page.items);
    cursor = page.next ?? null;
  }
  return items;
};

/** The directory as the management API tells it, in the form in which the receivers tell their tables. */
const directory = async () => {
  const users = (await list("/users")).map((user) => [user.id, [user.user_name, user.active]]);
  const groups = [];
  for (const group of await list("/groups")) {
    const members = (await list(`/groups/${group.id}/members`)).map((member) => member.id);
    groups.push([group.id, [group.display_name, members.sort()]]);
  }
  return { users: Object.fromEntries(users), groups: Object.fromEntries(groups) };
};

const user = (name) => ({ schemas: [`${CORE}:User`], userName: `${name}@acme.example`, displayName: name, active: true });
const patch = (...operations) => ({ schemas: [`${MESSAGES}:PatchOp`], Operations: operations });
const values = (ids) => ids.map((value) => ({ value }));

const crowd = [];
for (let n = 0; n < CROWD; n += CROWD_PER_REQUEST) {
  const Operations = Array.from({ length: CROWD_PER_REQUEST }, (_, i) => ({
    method: "POST", path: "/Users", bulkId: `b${n + i}`, data: user(`crowd-${n + i}`),
  }));
  const { Operations: done } = await okta("POST", "/Bulk", { schemas: [`${MESSAGES}:BulkRequest`], Operations });
  crowd.push(...done.map(({ location }) => location.split("/").at(-1)));
}
const large = await okta("POST", "/Groups", { schemas: [`${CORE}:Group`], displayName: "Everyone", members: values(crowd) });

const users = [...crowd];
const groups = [large.id];
let serial = 0;
/** What an identity provider does, each with its weight. */
const acts = [
  [20, async () => users.push((await okta("POST", "/Users", user(`person-${serial++}`))).id)],
  [15, () => okta("PATCH", `/Users/${pick(users)}`, patch({ op: "replace", value: { displayName: `Renamed ${serial++}` } }))],
  [10, () => okta("PATCH", `/Users/${pick(users)}`, patch({ op: "replace", value: { active: chance(2) === 0 } }))],
  [5, () => okta("DELETE", `/Users/${users.splice(chance(users.length), 1)[0]}`)],
  [5, async () => groups.push((await okta("POST", "/Groups", { schemas: [`${CORE}:Group`], displayName: `Group ${serial++}`, members: values([pick(users), pick(users)]) })).id)],
  [20, () => okta("PATCH", `/Groups/${pick(groups)}`, patch({ op: "add", path: "members", value: values([pick(users), pick(users), pick(groups)]) }))],
  [10, () => okta("PATCH", `/Groups/${pick(groups)}`, patch({ op: "remove", path: `members[value eq "${pick(users)}"]` }))],
  [5, () => okta("PATCH", `/Groups/${pick(groups)}`, patch({ op: "replace", path: "members", value: values([pick(users), pick(users)]) }))],
  [5, () => okta("PATCH", `/Groups/${pick(groups)}`, patch({ op: "replace", value: { displayName: `Named ${serial++}` } }))],
  [2, () => okta("DELETE", `/Groups/${groups.splice(1 + chance(groups.length - 1), 1)[0] ?? "none"}`)],
  [1, () => okta("PUT", `/Groups/${large.id}`, { schemas: [`${CORE}:Group`], displayName: "Everyone", members: values(users.filter(() => chance(20) > 0)) })],
];
const deck = acts.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));

/** Changes at random until there are enough. What becomes of a request whose server dies is not known, and need not be. */
const write = async () => {
  while (count.changes < CHANGES) {
    const done = await pick(deck)().then(() => true, (error) => {
      // Someone who is deleted meanwhile, a circle of groups, a server that is being killed.
      if (/: (400|404|409|429) /.test(error.message) || error instanceof TypeError) return false;
      throw error;
    });
    if (done) count.changes += 1;
    else await ready();
  }
};

const environment = { ...process.env, DOORWARD_URL: url, DOORWARD_API_KEY: key, ORGANIZATION: SLUG, DATABASE_URL };
const receivers = {
  python: (act) => [PYTHON, [RECEIVER_PYTHON, act, join(SCRATCH, "receiver.db")]],
  node: (act) => ["node", [RECEIVER_NODE, act]],
};
const receive = (name, act) => start(...receivers[name](act), { env: environment, stdio: ["ignore", "pipe", "ignore"] });

/** What a receiver says of its tables. */
const ask = async (name, act) => {
  const child = receive(name, act);
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return text ? JSON.parse(text) : {};
};
/** What they hold. */
const dump = (name) => ask(name, "dump");
/** Whether their checksums, which the receiver computes itself, are those of the directory. */
const proven = async () => {
  const sums = await ask("python", "check");
  return sums.equal ? null : JSON.stringify(sums);
};

const running = Object.fromEntries(Object.keys(receivers).map((name) => [name, receive(name, "follow")]));
/** Kills a receiver at a moment that no one chose, and starts it again, as long as there are changes. */
const kill = async (name) => {
  while (count.changes < CHANGES) {
    await new Promise((done) => setTimeout(done, 100 + chance(900)));
    running[name].kill("SIGKILL");
    await running[name].ended;
    count[name] += 1;
    running[name] = receive(name, "follow");
  }
};
/** The same with the server, a few times. */
const killServer = async () => {
  for (let n = 1; n < 5; n += 1) {
    if (!(await soon(() => count.changes > (CHANGES * n) / 5, 100))) return;
    server.kill("SIGKILL");
    await server.ended;
    count.server += 1;
    server = await serve();
  }
};

/** Makes everything that has happened a year older, in a store that no one serves. */
const STORE = join(SCRATCH, "data", "doorward.db");
const age = () => {
  const program = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('update event set at = at - 31536000000000'); db.commit()";
  execFileSync(PYTHON, ["-c", program, STORE]);
};
const changeSome = async () => {
  for (let n = 0; n < 30; n += 1) await pick(deck)().catch(() => null);
};

/** Where two directories differ, in words, or nothing. */
const difference = (ours, theirs) => {
  for (const kind of ["users", "groups"]) {
    const [here, there] = [ours[kind], theirs[kind] ?? {}];
    for (const id of new Set([...Object.keys(here), ...Object.keys(there)])) {
      const [one, other] = [JSON.stringify(here[id]), JSON.stringify(there[id])];
      if (one !== other) return `${kind} ${id}: ${one?.slice(0, 300)} is there as ${other?.slice(0, 300)}`;
    }
  }
  return null;
};

try {
  await Promise.all([...Array.from({ length: WRITERS }, write), ...Object.keys(receivers).map(kill), killServer()]);
  const ours = await directory();
  console.log(`${count.changes} changes; kills: ${count.python} of Python's receiver, ${count.node} of Node's, ${count.server} of the server`);
  console.log(`${Object.keys(ours.users).length} users, ${Object.keys(ours.groups).length} groups, ${Object.values(ours.groups).reduce((sum, [, members]) => sum + members.length, 0)} memberships`);
  check("the server was killed, and each receiver", count.server && count.python && count.node ? null : JSON.stringify(count));
  for (const name of Object.keys(receivers)) {
    let problem = "it never began";
    await soon(async () => !(problem = difference(ours, await dump(name))), 60);
    check(`the tables of receiver-${name} equal the directory`, problem);
    check(`receiver-${name} follows still`, running[name].exitCode !== null && `it ended with ${running[name].exitCode}`);
  }
  check("the checksums of receiver-python are the directory's", await proven());
  if (existsSync(STORE)) {
    for (const name of Object.keys(receivers)) {
      running[name].kill("SIGKILL");
      await running[name].ended;
    }
    await changeSome();
    server.kill("SIGTERM");
    await server.ended;
    age();
    server = await serve({ DOORWARD_EVENTS_KEPT: "30d" });
    const pruned = async () => {
      const answer = await fetch(`${url}/api/v1/organizations/${SLUG}`, { headers: { authorization: `Bearer ${key}` } });
      return (await answer.json()).pruned;
    };
    check("old events are not kept", (await soon(pruned)) ? null : "they are there still");
    await changeSome();
    for (const name of Object.keys(receivers)) running[name] = receive(name, "follow");
    await changeSome();
    const later = await directory();
    for (const name of Object.keys(receivers)) {
      let problem = "it never began";
      await soon(async () => !(problem = difference(later, await dump(name))), 60);
      check(`receiver-${name}, away for too long, took a snapshot and equals the directory`, problem);
    }
  }
  const theirs = await dump("python");
  check("receiver-python knows whose they are", theirs.organization !== organization && theirs.organization);
} catch (error) {
  check("the receivers get to the end", error.stack ?? error);
}
process.exit();
