"""Keeps an application's own tables of people and groups in step with Doorward. Needs Python alone.

    DOORWARD_URL=https://door.example DOORWARD_API_KEY=dwkey_... python3 receiver.py follow app.db
    python3 receiver.py dump app.db            what the tables hold, a line of JSON for each organization
    python3 receiver.py check app.db           whether they equal the directory, by its checksums

It follows all organizations with one cursor, which it keeps in the transaction that changes its rows: whenever it
is killed, it goes on where it was, and nothing is missed or done twice. Where it was away for longer than events are
kept, it takes a snapshot of each organization that it missed events of, and goes on from there.
"""

import hashlib
import http.client
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TABLES = """
create table if not exists position (cursor text not null);
-- The event after which an organization was taken over whole: those up to it are in the tables already.
create table if not exists snapshots (organization text primary key, number integer not null);
create table if not exists users (
    id text primary key, organization text not null, user_name text not null, display_name text,
    active integer not null, attributes text not null);
create table if not exists groups (
    id text primary key, organization text not null, display_name text not null, attributes text not null);
create table if not exists members (group_id text, member text, primary key (group_id, member)) without rowid;
create index if not exists groups_of_member on members (member);
-- Pieces of a large change of members: they count once an event of a group names their target.
create table if not exists staged (
    organization text, target text, member text, added integer not null, primary key (organization, target, member)) without rowid;
create index if not exists staged_of_member on staged (member);
"""
ADD = "insert or ignore into members values (?, ?)"
REMOVE = "delete from members where group_id = ? and member = ?"


def apply(db: sqlite3.Connection, event: dict) -> None:
    """Does to the tables what happened. Kinds that are not known are passed over: new ones come."""
    kind, target, data = event["kind"], event["target"], event["data"]
    resource = data.get("resource")
    match kind:
        case "user.created" | "user.updated" | "user.archived" | "user.reactivated":
            # An application locks the account of who is archived, and ends the sessions; it deletes nothing.
            names = resource["userName"], resource.get("displayName"), resource.get("active", True)
            row = target, event["organization"], *names, json.dumps(resource)
            db.execute("insert or replace into users values (?, ?, ?, ?, ?, ?)", row)
        case "group.created" | "group.updated":
            if resource:
                row = target, event["organization"], resource["displayName"], json.dumps(resource)
                db.execute("insert or replace into groups values (?, ?, ?, ?)", row)
            change_members(db, event["organization"], target, data)
        case "group.members_staged":
            for change in ("removed", "added"):
                rows = [(event["organization"], target, member, change == "added") for member in data.get(change, [])]
                db.executemany("insert or replace into staged values (?, ?, ?, ?)", rows)
        case "user.deleted" | "group.deleted":
            db.execute("delete from users where id = ?", (target,))
            db.execute("delete from groups where id = ?", (target,))
            db.execute("delete from members where group_id = ? or member = ?", (target, target))
            db.execute("delete from staged where member = ?", (target,))
        case _:
            return
    # Groups that had been waiting for who came to be.
    db.executemany(ADD, [(group, target) for group in data.get("joined", [])])


def change_members(db: sqlite3.Connection, organization: str, group: str, data: dict) -> None:
    """In the order that docs/events.md gives: cleared, staged, removed, added."""
    if data.get("cleared"):
        db.execute("delete from members where group_id = ?", (group,))
    if staged := data.get("staged"):
        pieces = "from staged where organization = ? and target = ?"
        named = group, organization, staged
        db.execute(f"delete from members where group_id = ? and member in (select member {pieces} and not added)", named)
        db.execute(f"insert or ignore into members select ?, member {pieces} and added", named)
        db.execute(f"delete {pieces}", (organization, staged))
    db.executemany(REMOVE, [(group, member) for member in data.get("removed", [])])
    db.executemany(ADD, [(group, member) for member in data.get("added", [])])


def open_at(address: str, timeout: int = 90):
    url = os.environ["DOORWARD_URL"] + address
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ['DOORWARD_API_KEY']}"})
    return urllib.request.urlopen(request, timeout=timeout)


def events(cursor: str | None) -> dict:
    """The next page of events; waits up to a minute for one."""
    query = {"limit": "1000", "wait": "60"} | ({"cursor": cursor} if cursor else {})
    with open_at(f"/api/v1/events?{urllib.parse.urlencode(query)}") as answer:
        return json.load(answer)


def take_over(db: sqlite3.Connection, gone: dict) -> None:
    """Takes a snapshot of an organization in the place of events that are not kept any more."""
    organization, number = gone["organization"], None
    of_its = "in (select id from groups where organization = ?)"
    with open_at(gone["snapshot"]) as lines, db:  # one transaction: the rows, and where to go on
        db.execute(f"delete from members where group_id {of_its}", (organization,))
        for table in ("users", "groups", "staged"):
            db.execute(f"delete from {table} where organization = ?", (organization,))
        for line in map(json.loads, lines):
            if line["kind"] == "snapshot.ends":
                number = line["data"]["number"]
            apply(db, line | {"organization": organization})
        if number is None:
            raise ValueError("the snapshot broke off")
        db.execute("insert or replace into snapshots values (?, ?)", (organization, number))
        keep(db, gone["next"])


def keep(db: sqlite3.Connection, cursor: str) -> None:
    db.execute("delete from position")
    db.execute("insert into position values (?)", (cursor,))


def follow(db: sqlite3.Connection) -> None:
    pause = 1
    while True:
        (cursor,) = db.execute("select max(cursor) from position").fetchone()
        try:
            try:
                page = events(cursor)
            except urllib.error.HTTPError as refused:
                if refused.code != 410:
                    raise
                take_over(db, json.load(refused))
                continue
        except urllib.error.HTTPError as refused:
            if refused.code < 500 and refused.code != 429:
                sys.exit(f"refused: {refused.read().decode()}")  # a wrong key: someone has to look
            pause = int(refused.headers.get("Retry-After", pause))
        except (OSError, ValueError, http.client.HTTPException) as failed:
            print(f"{failed}; trying again in {pause} s", file=sys.stderr)
        else:
            with db:  # one transaction: the rows, and where to go on
                taken_over = dict(db.execute("select organization, number from snapshots"))
                for event in page["items"]:
                    if event["number"] > taken_over.get(event["organization"], 0):
                        apply(db, event)
                keep(db, page["next"])
            pause = 1
            continue
        time.sleep(pause)
        pause = min(pause * 2, 60)


def dump(db: sqlite3.Connection) -> None:
    organizations = "select organization from users union select organization from groups"
    for (organization,) in db.execute(organizations).fetchall():
        users = db.execute("select id, user_name, active from users where organization = ?", (organization,))
        groups = db.execute("select id, display_name from groups where organization = ?", (organization,)).fetchall()
        members = "select member from members where group_id = ? order by member"
        print(json.dumps({
            "organization": organization,
            "users": {id: [user_name, bool(active)] for id, user_name, active in users},
            "groups": {id: [name, [one for (one,) in db.execute(members, (id,))]] for id, name in groups},
        }))  # fmt: skip


def number(*parts: str) -> int:
    """The number of a record, as docs/keep-in-step.md defines it."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big")


def total(numbers) -> str:
    return f"{sum(numbers) % 2**128:032x}"


def checksum(db: sqlite3.Connection, organization: str) -> dict:
    def of(kind: str):
        for id, attributes in db.execute(f"select id, attributes from {kind}s where organization = ?", (organization,)):
            form = json.dumps(json.loads(attributes), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            yield number(kind, id, form)

    members = {}
    its = "select group_id, member from members where group_id in (select id from groups where organization = ?)"
    for group, member in db.execute(its, (organization,)):
        members.setdefault(group, []).append(number("member", member))
    of_groups = (number("members", group, total(numbers)) for group, numbers in members.items())
    return {"users": total(of("user")), "groups": total(of("group")), "memberships": total(of_groups)}


def check(db: sqlite3.Connection) -> None:
    """Compares with what the directory says. Both must have told and taken in the same event: nothing changes meanwhile."""
    organizations = "select organization from users union select organization from groups"
    for (organization,) in db.execute(organizations).fetchall():
        with open_at(f"/api/v1/organizations/{organization}/checksum") as answer:
            told = json.load(answer)
        own = checksum(db, organization)
        equal = all(told[name] == sum for name, sum in own.items())
        print(json.dumps({"organization": organization, "number": told["number"], "equal": equal, "own": own, "told": told}))


if __name__ == "__main__":
    _, command, path = sys.argv
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.executescript(TABLES)
    {"follow": follow, "dump": dump, "check": check}[command](database)
