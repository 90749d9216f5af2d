// Keeps an application's own tables in PostgreSQL in step with one organization of Doorward.
//
//     DOORWARD_URL=https://door.example DOORWARD_API_KEY=dwkey_... ORGANIZATION=acme DATABASE_URL=postgres://... \
//         node receiver.js follow
//     node receiver.js dump          what the tables hold, one line of JSON
//
// It keeps the number of the last event in the transaction that changes its rows: whenever it is killed, it goes on
// where it was, and nothing is missed or done twice. Where it was away for longer than events are kept, it takes a
// snapshot, and goes on from there. Several may run: one follows, the others wait for their turn.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const { DOORWARD_URL, DOORWARD_API_KEY, ORGANIZATION = "", DATABASE_URL } = process.env;

const TABLES = `
  create table if not exists doorward_position (organization text primary key, last bigint not null);
  create table if not exists doorward_users (
    id text primary key, user_name text not null, display_name text, active boolean not null, attributes jsonb not null);
  create table if not exists doorward_groups (id text primary key, display_name text not null);
  create table if not exists doorward_members (group_id text, member text, primary key (group_id, member));
  create index if not exists doorward_members_member on doorward_members (member);
  -- Pieces of a large change of members: they count once an event of a group names their target.
  create table if not exists doorward_staged (target text, member text, added boolean not null, primary key (target, member));`;

type Attributes = { userName?: string; displayName?: string; active?: boolean } & Record<string, unknown>;
/** What happened: docs/events.md lists the kinds and their data. */
type Event = {
  number: number;
  kind: string;
  target: string;
  data: {
    resource?: Attributes; joined?: string[]; staged?: string | null;
    cleared?: boolean; removed?: string[]; added?: string[];
  };
};
type Events = { items: Event[]; last: number };
/** What a snapshot is told by: events without a number of their own; the last names that of the snapshot. */
type Line = Omit<Event, "number"> & { data: { number?: number } };

/** Does to the tables what happened. Kinds that are not known are passed over: new ones come. */
async function apply(db: pg.Client, { kind, target, data }: Omit<Event, "number">): Promise<void> {
  switch (kind) {
    case "user.created":
    case "user.updated":
    case "user.archived":
    case "user.reactivated":
      // An application locks the account of who is archived, and ends the sessions; it deletes nothing.
      await db.query(
        `insert into doorward_users values ($1, $2, $3, $4, $5)
         on conflict (id) do update set user_name = excluded.user_name, display_name = excluded.display_name,
           active = excluded.active, attributes = excluded.attributes`,
        [target, data.resource?.userName, data.resource?.displayName, data.resource?.active ?? true, data.resource],
      );
      break;
    case "group.created":
    case "group.updated":
      if (data.resource) {
        await db.query(
          "insert into doorward_groups values ($1, $2) on conflict (id) do update set display_name = excluded.display_name",
          [target, data.resource.displayName],
        );
      }
      await changeMembers(db, target, data);
      break;
    case "group.members_staged":
      for (const added of [false, true]) {
        await db.query(
          `insert into doorward_staged select $1, unnest($2::text[]), $3
           on conflict (target, member) do update set added = excluded.added`,
          [target, data[added ? "added" : "removed"] ?? [], added],
        );
      }
      break;
    case "user.deleted":
    case "group.deleted":
      await db.query("delete from doorward_users where id = $1", [target]);
      await db.query("delete from doorward_groups where id = $1", [target]);
      await db.query("delete from doorward_members where group_id = $1 or member = $1", [target]);
      await db.query("delete from doorward_staged where member = $1", [target]);
      break;
    default:
      return;
  }
  // Groups that had been waiting for who came to be.
  await db.query("insert into doorward_members select unnest($1::text[]), $2 on conflict do nothing", [data.joined ?? [], target]);
}

/** In the order that docs/events.md gives: cleared, staged, removed, added. */
async function changeMembers(db: pg.Client, group: string, data: Event["data"]): Promise<void> {
  if (data.cleared) await db.query("delete from doorward_members where group_id = $1", [group]);
  if (data.staged) {
    const pieces = "select member from doorward_staged where target = $2";
    await db.query(`delete from doorward_members where group_id = $1 and member in (${pieces} and not added)`, [group, data.staged]);
    await db.query(`insert into doorward_members select $1, member from (${pieces} and added) as came on conflict do nothing`, [group, data.staged]);
    await db.query("delete from doorward_staged where target = $1", [data.staged]);
  }
  await db.query("delete from doorward_members where group_id = $1 and member = any($2)", [group, data.removed ?? []]);
  await db.query("insert into doorward_members select $1, unnest($2::text[]) on conflict do nothing", [group, data.added ?? []]);
}

/** An answer that will be the same next time. */
class Refused extends Error {}

async function get(address: string, seconds: number): Promise<Response> {
  const answer = await fetch(`${DOORWARD_URL}/api/v1/organizations/${ORGANIZATION}/${address}`, {
    headers: { authorization: `Bearer ${DOORWARD_API_KEY}` },
    signal: AbortSignal.timeout(seconds * 1000),
  });
  if (answer.ok || answer.status === 410) return answer;
  const text = `${answer.status} ${await answer.text()}`;
  throw answer.status < 500 && answer.status !== 429 ? new Refused(text) : new Error(text);
}

/** The events after this one; waits up to a minute for one. Nothing: they are not kept any more. */
async function eventsAfter(last: number): Promise<Events | undefined> {
  const answer = await get(`events?after=${last}&limit=1000&wait=60`, 90);
  return answer.ok ? ((await answer.json()) as Events) : undefined;
}

/** Takes a snapshot in the place of events that are not kept any more: in one transaction with where to go on. */
async function takeOver(db: pg.Client): Promise<void> {
  const answer = await get("snapshot", 900);
  let number: number | undefined;
  await db.query("begin");
  try {
    await db.query("truncate doorward_users, doorward_groups, doorward_members, doorward_staged");
    for await (const text of createInterface({ input: Readable.fromWeb(answer.body as never) })) {
      const line = JSON.parse(text) as Line;
      if (line.kind === "snapshot.ends") number = line.data.number;
      await apply(db, line);
    }
    if (number === undefined) throw new Error("the snapshot broke off");
    await goOnAfter(db, number);
    await db.query("commit");
  } catch (error) {
    await db.query("rollback");
    throw error;
  }
}

async function goOnAfter(db: pg.Client, last: number): Promise<void> {
  await db.query(
    "insert into doorward_position values ($1, $2) on conflict (organization) do update set last = excluded.last",
    [ORGANIZATION, last],
  );
}

async function follow(db: pg.Client): Promise<void> {
  // Two that follow at a time would do things twice. The lock ends with the connection, however that ends.
  await db.query("select pg_advisory_lock(hashtext($1))", [`doorward ${ORGANIZATION}`]);
  for (let pause = 1; ; ) {
    const known = await db.query<{ last: string }>("select last from doorward_position where organization = $1", [ORGANIZATION]);
    let page: Events | undefined;
    try {
      page = await eventsAfter(Number(known.rows[0]?.last ?? 0));
      if (!page) {
        await takeOver(db);
        continue;
      }
    } catch (error) {
      if (error instanceof Refused) throw error; // a wrong key: someone has to look
      console.error(`${error}; trying again in ${pause} s`);
      await sleep(pause * 1000);
      pause = Math.min(pause * 2, 60);
      continue;
    }
    pause = 1;
    await db.query("begin"); // one transaction: the rows, and where to go on
    for (const event of page.items) await apply(db, event);
    await goOnAfter(db, page.last);
    await db.query("commit");
  }
}

async function dump(db: pg.Client): Promise<void> {
  const users = await db.query("select id, user_name, active from doorward_users");
  const groups = await db.query(
    `select id, display_name, array(select member from doorward_members where group_id = id order by member collate "C") as members
     from doorward_groups`,
  );
  console.log(JSON.stringify({
    organization: ORGANIZATION,
    users: Object.fromEntries(users.rows.map((user) => [user.id, [user.user_name, user.active]])),
    groups: Object.fromEntries(groups.rows.map((group) => [group.id, [group.display_name, group.members]])),
  }));
}

const db = new pg.Client({ connectionString: DATABASE_URL });
await db.connect();
await db.query(TABLES);
await (process.argv[2] === "dump" ? dump(db) : follow(db));
await db.end();
