# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds journal, results and what was seen against the provider's truth: what "nothing lost" means, as named invariants.

Nothing here uses the collection's own readers: what they overlook would be overlooked twice.
"""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import json
import re
import typing as t
from pathlib import Path

from forks import Folder
from powercut import read_log
from scenarios import Wanted, World

INVARIANTS = {
    "unlogged": "a change at the provider that the journal does not tell of",
    "phantom": "told as done, and the provider did not do it",
    "duplicate": "done twice, or mailed twice",
    "lost": "asked for, and neither done nor refused with a reason",
    "credential": "somebody could get in of whom the journal does not know, or nobody could who should",
    "convergence": "run again when all is done, it still changed or wrote something",
    "order": "a request left before its intent was on disk, or an outcome was there before its answer",
    "chain": "the verifier finds something else than ok or recovered",
    "secret": "a secret is where none may be",
    "hung": "a process did not end",
}
_NEVER = object()
# Asks for a confirmation later; by itself it changes nothing that anybody could see.
_ASKS = re.compile(r":delete-intent$")


def own_key(key: str) -> str:
    """The key in the journal: requests that one operation, or one of a batch, takes have it with something behind it."""
    return key.partition(":")[0]


@dataclasses.dataclass(frozen=True)
class Violation:
    name: str
    text: str

    def __str__(self) -> str:
        return "%s: %s" % (self.name, self.text)


class Journal:
    """All whole lines of all runs."""

    def __init__(self, folder: Path) -> None:
        self.events: list[dict[str, t.Any]] = []
        for path in sorted(folder.glob("*.jsonl")):
            lines = path.read_bytes().split(b"\n")[:-1]
            self.events += [json.loads(line) for line in lines]
        self.intents = {one["id"]: one for one in self.events if one["phase"] == "intent"}
        self.outcomes: dict[str, list[dict[str, t.Any]]] = collections.defaultdict(list)
        for one in self.events:
            if one["phase"] == "outcome" and one["outcome"] != "in_doubt":
                self.outcomes[one["intent_id"]].append(one)
        self.by_key: dict[str, list[dict[str, t.Any]]] = collections.defaultdict(list)
        for one in self.intents.values():
            self.by_key[one["idempotency_key"]].append(one)

    def said(self, intent: dict[str, t.Any]) -> str:
        """``success``, ``failure``, ``open``, or ``unknown`` where nobody can read it and the journal says so."""
        found = self.outcomes.get(intent["id"], [])
        if not found:
            return "open"
        if found[-1]["outcome"] == "unverified" and found[-1].get("recovered") and intent["verb"] == "set_password":
            return "unknown"
        return "success" if found[-1]["outcome"] in ("success", "unverified") else "failure"


class Truth:
    """What the provider says of a trial's domain: the changes that it committed, and what is there now."""

    def __init__(self, world: World) -> None:
        self.state = world.state()
        self.changes = [one for one in world.history() if not _ASKS.search(one["path"])]
        self.all_changes = len(self.changes)
        self.mails = world.mails()
        self._ids = {("mailboxes", one["id"]): one["email"] for one in self.state["mailboxes"]}
        self._ids.update({("aliases", one["id"]): one["email"] for one in self.state["aliases"]})
        self._ids.update({("domains", one["id"]): one["name"] for one in self.state["domains"]})
        self._ids.update(
            {("forwarding-addresses", one["forwarding_address_id"]): one["address"]
             for one in self.state["forwards"] if "forwarding_address_id" in one}
        )  # fmt: skip

    def done_in(self, change: dict[str, t.Any], intents: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        """Which of a request's intents the provider carried out."""
        if change["status"] >= 400 and not change["rows"]:
            return []
        if re.search(r":[0-9]+$", change["key"] or ""):
            return [one for one in intents if one["object"]["key"] == self.object_of(change)]
        if not change["rows"]:
            return intents
        good = {row["email"] for row in change["rows"] if row.get("status") not in ("failed", "error")}
        return [one for one in intents if one["object"]["key"] in good]

    def object_of(self, change: dict[str, t.Any]) -> str:
        """The address that a request without a key is about: the last thing that its path names."""
        found = re.findall(r"/([a-z-]+)/(\d+)", change["path"])
        kind, number = found[-1] if found else ("", "0")
        return self._ids.get((kind, int(number)), "")


def check_at_once(journal: Journal, truth: Truth) -> list[Violation]:
    """What has to hold even right after a kill: nothing happened of which the journal has no word."""
    found = []
    for change in truth.changes:
        if not _intents_of(change, journal, truth):
            found.append(Violation("unlogged", "%s %s: no intent" % (change["method"], change["path"])))
    return found


def check_changes(journal: Journal, truth: Truth) -> list[Violation]:
    """Changes and outcomes are the same set, each once."""
    found = check_at_once(journal, truth)
    done: collections.Counter[str] = collections.Counter()
    for change in truth.changes:
        if change["key"]:
            for intent in truth.done_in(change, _intents_of(change, journal, truth)):
                done[intent["id"]] += 1
    without_key = _without_key(journal, truth, done)
    for intent in journal.intents.values():
        name = _named(intent)
        said = journal.said(intent)
        if said == "unknown":
            continue
        if said == "open":
            found.append(Violation("lost", "%s: its intent has no outcome" % name))
        elif done[intent["id"]] and said != "success":
            found.append(Violation("unlogged", "%s: done, and the outcome is %s" % (name, said)))
        elif said == "success" and not done[intent["id"]] and intent["verb"] != "record":
            found.append(Violation("phantom", "%s: success, and no change committed" % name))
        if len({one["outcome"] for one in journal.outcomes.get(intent["id"], [])}) > 1:
            found.append(Violation("phantom", "%s: outcomes that contradict each other" % name))
    for intent_id in set(journal.outcomes) - set(journal.intents):
        found.append(Violation("phantom", "an outcome of %s, which is no intent" % intent_id))
    return found + without_key + _duplicates(journal, truth)


def _named(intent: dict[str, t.Any]) -> str:
    return "%s %s %s" % (intent["object"]["kind"], intent["verb"], intent["object"]["key"])


# The provider takes no key for these: they set a whole value, and doing them twice is doing them once.
_WITHOUT_KEY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("/note$", "mailbox", ("annotate",)),
    ("/note$", "domain", ("annotate",)),
    ("/catch-all$", "catch_all", ("enable", "disable")),
    ("/aliases/[0-9]+$", "alias", ("update",)),
    ("/forwarding-addresses/[0-9]+$", "forward", ("update",)),
)


def _intents_of(change: dict[str, t.Any], journal: Journal, truth: Truth) -> list[dict[str, t.Any]]:
    if change["key"]:
        return journal.by_key.get(own_key(change["key"]), [])
    found = []
    for path, kind, verbs in _WITHOUT_KEY:
        if re.search(path, change["path"]):
            here = [one for one in journal.intents.values() if one["object"]["kind"] == kind and one["verb"] in verbs]
            found += [one for one in here if one["object"]["key"] == truth.object_of(change)]
    return found


def _without_key(journal: Journal, truth: Truth, done: collections.Counter[str]) -> list[Violation]:
    """Which of several tries a change without a key belongs to cannot be told: there must be no more successes than
    changes, and one at least. Those are counted as done."""
    changes: dict[tuple[str, ...], int] = collections.Counter()
    intents: dict[tuple[str, ...], dict[str, dict[str, t.Any]]] = collections.defaultdict(dict)
    for change in truth.changes:
        mine = [] if change["key"] else _intents_of(change, journal, truth)
        for intent in mine[:1]:
            name = (intent["object"]["kind"], intent["verb"], intent["object"]["key"])
            changes[name] += 1
            intents[name].update((one["id"], one) for one in mine)
    found = []
    for name, count in changes.items():
        good = [one["id"] for one in intents[name].values() if journal.said(one) == "success"]
        if not good:
            found.append(Violation("unlogged", "%s %s %s: done, and no outcome says so" % name))
        done.update(good[:count])
    return found


def _duplicates(journal: Journal, truth: Truth) -> list[Violation]:
    """A change to what was there already, as far as the changes before it tell."""
    found = []
    now: dict[tuple[str, str], dict[str, t.Any] | None] = {}
    for change in truth.changes:
        # Without a key, doing it twice is doing it once.
        mine = truth.done_in(change, _intents_of(change, journal, truth)) if change["key"] else []
        for intent in mine:
            name, after = (intent["object"]["kind"], intent["object"]["key"]), intent.get("after")
            there = now.get(name, {})
            same = (
                there is None if after is None else there and all(there.get(one, _NEVER) == after[one] for one in after)
            )
            # Each password is another one, and of no use to anybody who has the one before.
            if same and intent["verb"] != "set_password":
                found.append(Violation("duplicate", "%s: done already" % _named(intent)))
            now[name] = None if after is None else {**(there or {}), **after}
    repeated = collections.Counter(change["key"] for change in truth.changes if change["key"])
    found += [Violation("duplicate", "key %s committed %d times" % item) for item in repeated.items() if item[1] > 1]
    mails = collections.Counter(mail["subject"].split()[-1] for mail in truth.mails)
    found += [Violation("duplicate", "%s: %d mails" % item) for item in mails.items() if item[1] > 1]
    invites = collections.Counter(one["email"] for one in truth.state["invites"])
    found += [Violation("duplicate", "%s: %d invites" % item) for item in invites.items() if item[1] > 1]
    return found


def check_wanted(wanted: Wanted, truth: Truth) -> list[Violation]:
    """All that was asked for is there, and nothing else."""
    state = truth.state
    boxes = {one["email"]: _state_of(one) for one in state["mailboxes"]}
    names = {one["id"]: one["email"] for one in state["mailboxes"]}
    there: list[tuple[str, t.Any, t.Any]] = [
        ("invites", wanted.invites, {one["email"] for one in state["invites"] if one["status"] == "pending"}),
        ("mailboxes", wanted.mailboxes, boxes),
        ("aliases", wanted.aliases, {one["email"]: names.get(one["mailbox_id"]) for one in state["aliases"]}),
        ("forwards", _sorted(wanted.forwards), _sorted({one["address"]: one["targets"] for one in state["forwards"]})),
    ]
    names_of = {one["email"]: (one["display_name"], one["note"]) for one in state["mailboxes"]}
    there.append(("names", wanted.names, {key: names_of.get(key) for key in wanted.names}))
    alive = [(one["address"], one["kind"]) for one in state["credentials"] if one.get("revoked_at", "") is None]
    there.append(("access paths", sorted(wanted.paths), sorted(alive)))
    members = [(names[one["mailbox_id"]], names[one["member_mailbox_id"]]) for one in state["members"]]
    there.append(("members", sorted(wanted.members), sorted(members)))
    return [
        Violation("lost", "%s: wanted %s, there are %s" % (name, want, have))
        for name, want, have in there
        if want != have
    ]


def check_records(wanted: Wanted, journal: Journal, folder: Folder) -> list[Violation]:
    """What only the journal holds: evidence in the documents that it names, and how far rollbacks have come."""
    found = []
    captured, rollbacks = set(), {}
    for event in journal.events:
        if event["phase"] != "outcome" or event["outcome"] != "success":
            continue
        if event["object"]["kind"] == "evidence":
            after = event["after"]
            path = folder.journal / after["path"]
            data = path.read_bytes() if path.exists() else b""
            if "sha256:" + hashlib.sha256(b"mailops-evidence-v1\n" + data).hexdigest() != after["digest"]:
                found.append(
                    Violation("lost", "%s: its evidence is not what the journal names" % event["object"]["key"])
                )
            captured.add(event["object"]["key"])
        elif event["object"]["kind"] == "rollback":
            rollbacks[event["object"]["key"]] = event["after"]["state"]
    if wanted.rollbacks != rollbacks:
        found.append(Violation("lost", "rollbacks: wanted %s, there are %s" % (wanted.rollbacks, rollbacks)))
    missing = {name for name in wanted.evidence if not any(name in key for key in captured)}
    return found + [Violation("lost", "%s: there is no evidence of it" % name) for name in sorted(missing)]


def _state_of(mailbox: dict[str, t.Any]) -> str:
    if mailbox["status"] != "active":
        return str(mailbox["status"])
    return "suspended" if mailbox["login_suspended"] else "open"


def _sorted(forwards: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(targets) for name, targets in forwards.items()}


def check_credentials(
    journal: Journal, truth: Truth, wanted: Wanted, world: World, opened: dict[str, dict[str, t.Any]]
) -> list[Violation]:
    """Who could get in, and who should.

    :param opened: the sealed files by address, as their owners read them.
    """
    found = []
    given = {
        event["object"]["key"]
        for event in journal.events
        if event["phase"] == "outcome"
        and event["outcome"] in ("success", "unverified")
        and event.get("delivery_method")
    }
    for invite in truth.state["invites"]:
        if invite["status"] == "pending" and invite["email"] not in given:
            found.append(Violation("credential", "%s: a link that works, and no outcome tells of it" % invite["email"]))
    for one in truth.state["credentials"]:
        mine = one["set_by"] == "operator" and one["address"] in wanted.sealed
        if mine and one["address"] not in given:
            found.append(Violation("credential", "%s: a password that no outcome tells of" % one["address"]))
    for address in sorted(wanted.sealed):
        document = opened.get(address)
        if document is None or document["address"] != address:
            found.append(Violation("credential", "%s: nothing is sealed for its owner" % address))
        elif world.sandbox.login(address, document["secret"]) != 200:
            found.append(Violation("credential", "%s: the sealed password does not let its owner in" % address))
    return found


def check_results(results: t.Sequence[dict[str, t.Any]], journal: Journal) -> list[Violation]:
    """What a person was told is what the journal says."""
    done = {
        event["object"]["key"]
        for event in journal.events
        if event["phase"] == "outcome" and event["outcome"] == "success"
    }
    found = []
    for result in results:
        for key in result.get("applied", []):
            if key not in done:
                found.append(Violation("phantom", "%s: told as applied, and no outcome says so" % key))
        for item in result.get("failed_items", []):
            if not item.get("code") or not item.get("message"):
                found.append(Violation("lost", "%s: refused without a reason" % item))
    return found


def check_order(folder: Folder) -> list[Violation]:
    """Each request's intent was on disk before the first byte left; each outcome was written after an answer."""
    found: list[Violation] = []
    written: dict[str, list[str]] = collections.defaultdict(list)  # by path: keys of intents not yet synced
    begun: dict[tuple[str, str], list[str]] = {}
    durable: set[str] = set()
    last_of: dict[str, list[str]] = {}  # by thread: keys of the intents, or retries, that it wrote last
    asked: dict[str, str] = {}  # by key: ``sent`` or ``answered``
    busy: dict[str, str] = {}
    key_of: dict[str, str] = {}
    half: dict[str, str] = collections.defaultdict(str)  # by path: a line whose end is not written yet
    for entry in read_log(str(folder.log)):
        what, thread, path = entry["e"], entry["t"], entry.get("path", "")
        if what == "write" and path.endswith(".jsonl"):
            whole, _feed, half[path] = (half[path] + entry["data"]).rpartition("\n")
            events = _events_in(whole)
            keys = [one["idempotency_key"] for one in events if one.get("phase") in ("intent", "retry")]
            key_of.update((one["id"], one["idempotency_key"]) for one in events if one.get("phase") == "intent")
            written[path] += keys
            if keys:
                last_of[thread] = keys
            found += _early(events, key_of, asked)
        elif what == "truncate":
            half[path] = ""
        elif what == "sync":
            begun[thread, path] = list(written[path])
        elif what == "synced":
            durable.update(begun.pop((thread, path), []))
        elif what == "power":
            durable = {key for key in durable if any(key in text for text in entry["files"].values())}
            written.clear()
            half.update((name, text.rpartition("\n")[2]) for name, text in entry["files"].items())
        elif what == "request":
            key = own_key(entry["key"])
            missing = key not in durable if key else not any(one in durable for one in last_of.get(thread, []))
            if missing:
                found.append(
                    Violation("order", "%s %s left without an intent on disk" % (entry["method"], entry["url"]))
                )
            busy[thread] = key or next(iter(last_of.get(thread, [])), "")
            asked[busy[thread]] = "sent"
        elif what == "answer" and thread in busy:
            # A read by the same thread settles it as well.
            asked[busy[thread]] = "answered"
    return found


def _events_in(data: str) -> list[dict[str, t.Any]]:
    events = []
    for line in data.encode("latin-1").split(b"\n"):
        try:
            events.append(json.loads(line))
        except ValueError:
            continue  # torn
    return events


def _early(events: list[dict[str, t.Any]], key_of: dict[str, str], asked: dict[str, str]) -> list[Violation]:
    found = []
    for event in events:
        if event.get("phase") != "outcome" or event.get("outcome") != "success" or event["verb"] == "record":
            continue
        if event.get("recovered") and "http" not in event:
            continue  # settled by reading what another run has sent
        if asked.get(key_of.get(event["intent_id"], "")) != "answered":
            found.append(Violation("order", "%s: the outcome was there before the answer" % event["object"]["key"]))
    return found


def check_secrets(folder: Folder, secrets: t.Iterable[str]) -> list[Violation]:
    found = []
    marks = [secret.encode() for secret in secrets if secret]
    for path in sorted(folder.path.rglob("*")):
        if path.is_file() and path.suffix != ".age":
            data = path.read_bytes()
            found += [
                Violation("secret", "%s holds %s…" % (path.name, mark[:4].decode())) for mark in marks if mark in data
            ]
    return found
