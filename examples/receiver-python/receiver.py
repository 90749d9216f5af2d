"""Keeps an application's own tables of people and groups in step with Doorward. Needs Python alone.

    DOORWARD_URL=https://door.example DOORWARD_API_KEY=dwkey_... python3 receiver.py follow app.db
    python3 receiver.py dump app.db            what the tables hold, a line of JSON for each organization

It follows all organizations with one cursor, which it keeps in the transaction that changes its rows: whenever it
is killed, it goes on where it was, and nothing is missed or done twice.
"""

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
create table if not exists users (
    id text primary key, organization text not null, user_name text not null, display_name text,
    active integer not null, attributes text not null);
create table if not exists groups (id text primary key, organization text not null, display_name text not null);
create table if not exists members (group_id text, member text, primary key (group_id, member)) without rowid;
create index if not exists groups_of_member on members (member);
-- Pieces of a large change of members: they count once an event of a group names their target.
create table if not exists staged (target text, member text, added integer not null, primary key (target, member)) without rowid;
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
                row = target, event["organization"], resource["displayName"]
                db.execute("insert or replace into groups values (?, ?, ?)", row)
            change_members(db, target, data)
        case "group.members_staged":
            for change in ("removed", "added"):
                rows = [(target, member, change == "added") for member in data.get(change, [])]
                db.executemany("insert or replace into staged values (?, ?, ?)", rows)
        case "user.deleted" | "group.deleted":
            db.execute("delete from users where id = ?", (target,))
            db.execute("delete from groups where id = ?", (target,))
            db.execute("delete from members where group_id = ? or member = ?", (target, target))
            db.execute("delete from staged where member = ?", (target,))
        case _:
            return
    # Groups that had been waiting for who came to be.
    db.executemany(ADD, [(group, target) for group in data.get("joined", [])])


def change_members(db: sqlite3.Connection, group: str, data: dict) -> None:
    """In the order that docs/events.md gives: cleared, staged, removed, added."""
    if data.get("cleared"):
        db.execute("delete from members where group_id = ?", (group,))
    if staged := data.get("staged"):
        gone = "select member from staged where target = ? and not added"
        db.execute(f"delete from members where group_id = ? and member in ({gone})", (group, staged))
        db.execute("insert or ignore into members select ?, member from staged where target = ? and added", (group, staged))
        db.execute("delete from staged where target = ?", (staged,))
    db.executemany(REMOVE, [(group, member) for member in data.get("removed", [])])
    db.executemany(ADD, [(group, member) for member in data.get("added", [])])


def events(cursor: str | None) -> dict:
    """The next page of events; waits up to a minute for one."""
    query = {"limit": "1000", "wait": "60"} | ({"cursor": cursor} if cursor else {})
    url = f"{os.environ['DOORWARD_URL']}/api/v1/events?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ['DOORWARD_API_KEY']}"})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer)


def follow(db: sqlite3.Connection) -> None:
    pause = 1
    while True:
        (cursor,) = db.execute("select max(cursor) from position").fetchone()
        try:
            page = events(cursor)
        except urllib.error.HTTPError as refused:
            if refused.code < 500 and refused.code != 429:
                sys.exit(f"refused: {refused.read().decode()}")  # a wrong key: someone has to look
            pause = int(refused.headers.get("Retry-After", pause))
        except (OSError, ValueError) as failed:
            print(f"{failed}; trying again in {pause} s", file=sys.stderr)
        else:
            with db:  # one transaction: the rows, and where to go on
                for event in page["items"]:
                    apply(db, event)
                db.execute("delete from position")
                db.execute("insert into position values (?)", (page["next"],))
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


if __name__ == "__main__":
    _, command, path = sys.argv
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.executescript(TABLES)
    {"follow": follow, "dump": dump}[command](database)
