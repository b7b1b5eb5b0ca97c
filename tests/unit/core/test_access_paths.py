# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access paths as they are told: a row each, what is left for people, keys below their mailbox, the table."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.engine.events import object_of
from ansible_collections.mailops.email.plugins.module_utils.engine.recover import remember
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox_access import MailboxAccess
from ansible_collections.mailops.email.plugins.plugin_utils.access_table import SHOWN, access_lines

NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
ANN, BOB, DESK = "ann@example.com", "bob@example.com", "desk@example.com"
TREKMAIL, MODOBOA = DRIVERS["trekmail"], DRIVERS["modoboa"]


def bare(driver: Any) -> Any:
    """A driver that is asked for its word only."""
    made = driver.__new__(driver)
    made.unseen = {}
    return made


def delegate(shared: str, member: str) -> dict[str, Any]:
    key = "%s/delegate/%s" % (shared, member)
    return {"key": key, "mailbox": shared, "member": member, "id": 1, "can_send": False, "created_at": None}


def scene(*records: dict[str, Any], driver: Any = TREKMAIL) -> Scene:
    boxes = {one: {"address": one, "state": "present", "suspended": ""} for one in (ANN, BOB, DESK)}
    return Scene(bare(driver), {"mailbox": boxes, "delegate": {one["key"]: one for one in records}}, {}, NOW)


def planned(wanted: Scene, *items: dict[str, Any]) -> list[str]:
    resource = MailboxAccess()
    normal = [resource.normalise(item, NOW) for item in items]
    resource.scope(normal, wanted.driver)
    return [one.key for index, item in enumerate(normal) for one in resource.plan(index, item, wanted)]


@pytest.mark.parametrize(
    ("kind", "key", "place"),
    [
        ("app_password", ANN + "/app_password/17", ANN),
        ("delegate", DESK + "/delegate/" + ANN, DESK),
        ("rule", "a/b@example.com/rule/0123456789", "a/b@example.com"),
        ("mailbox", ANN, ANN),
        ("mailbox", "a/rule/b@example.com", "a/rule/b@example.com"),
        ("catch_all", "example.com", "example.com"),
    ],
)
def test_a_path_lies_below_its_mailbox(kind: str, key: str, place: str) -> None:
    """R-LOG-04: mailbox and domain of an event whose key is not an address."""
    assert place_of(kind, key) == place
    context = Context("R", "acme", {"human": "a", "system": "b"}, "tool", "run", NOW)
    thing = object_of(context, Operation(0, kind, "revoke", key, "x", {"member": ANN}, None))
    assert thing["domain"] == "example.com" and thing.get("mailbox", "example.com") == place
    assert thing.get("member") == (ANN if kind == "delegate" else None)


def test_each_membership_ends_once_and_the_last_stays() -> None:
    """Both identities of a membership in one list, in either order; where the provider keeps the last member."""
    some = scene(delegate(DESK, ANN), delegate(DESK, BOB))
    both = [{"address": DESK, "revoke": ["delegate"]}, {"address": ANN, "revoke": ["delegate"]}]
    assert planned(some, *both) == planned(some, *reversed(both)) == [DESK + "/delegate/" + ANN]
    assert planned(some, both[1], {"address": BOB, "revoke": ["delegate"]}) == [DESK + "/delegate/" + ANN]
    assert planned(scene(delegate(DESK, ANN)), both[1]) == []


def test_a_suspended_login_takes_paths_with_it_in_a_dry_run() -> None:
    some = scene(driver=TREKMAIL)
    for kind in ("app_password", "device", "token"):
        some.records[kind] = {"%s/%s/1" % (one, kind): {} for one in (ANN, BOB)}
    closing = Operation(0, "mailbox", "suspend", ANN, "mailbox.suspended", {}, {"suspended": "login"})
    remember(some, closing, closing.after)
    assert {kind: len(some.records[kind]) for kind in ("app_password", "device", "token")} == {
        "app_password": 1,
        "device": 1,
        "token": 2,
    }


def test_what_no_api_shows_is_work_for_people() -> None:
    """Never silently left out: what is there and not shown has a sentence, what does not exist has none."""
    boxes = {ANN: {"suspended": ""}, BOB: {"suspended": "login"}}
    left = access_paths.left_to_people(access_paths.ALL, [ANN, BOB], boxes, bare(MODOBOA))
    assert [row["kind"] for row in left] == ["session", "token", "delegate", "rule"]
    assert all(row["addresses"] == [ANN, BOB] and row["next"] for row in left)
    left = access_paths.left_to_people(access_paths.ALL, [ANN, BOB], boxes, bare(TREKMAIL))
    # TrekMail has ended the sessions of a suspended login.
    told = [("session", [ANN]), ("token", [ANN, BOB]), ("administrator", [ANN, BOB])]
    assert [(row["kind"], row["addresses"]) for row in left] == told
    hidden = bare(TREKMAIL)
    hidden.unseen = {"device": "This token is not shown them."}
    left = access_paths.left_to_people(["device", "rule"], [ANN], boxes, hidden)
    assert [(row["kind"], row["next"]) for row in left] == [("device", "This token is not shown them.")]


def test_a_kind_without_words_of_its_own_says_something_all_the_same() -> None:
    assert "app_password.list" in access_paths.sentence(bare(MODOBOA), "app_password.list")


def _row(**more: Any) -> dict[str, Any]:
    row = {"address": ANN, "kind": "app_password", "key": ANN + "/app_password/17", "name": "laptop", "detail": "imap"}
    row |= {"others": [], "since": "2026-01-12T09:30:00Z", "last_used": None, "by": "api", "next": ""}
    return {**row, **more}


def test_the_table() -> None:
    """One line a path: whose, what, its number or the other party; names cannot move the cursor."""
    rows = [
        _row(name="x\x1b[2J\u202e"),
        _row(kind="delegate", key="desk@example.com/delegate/" + ANN, name=None, others=[DESK], detail="reads there"),
        _row(kind="forward", key=ANN, name=None, others=["away@home.example"], last_used="2026-02-01T00:00:00Z"),
        _row(
            kind="catch_all",
            key="example.com",
            name=None,
            detail="",
            others=["example.com"],
            by="human",
            next="Decide.",
        ),
    ]
    left = [
        {"kind": "session", "addresses": [ANN], "next": "Look there."},
        {"kind": "rule", "addresses": [ANN, BOB], "next": "And there."},
    ]
    lines = access_lines({"paths": rows, "left_to_people": left})
    assert lines == [
        "ACCESS PATHS  4 paths of 1 mailbox, 1 to be closed by people",
        '  ann@example.com  app_password  17                                         "x [2J ", imap, since 2026-01-12',
        "  ann@example.com  delegate      desk@example.com/delegate/ann@example.com  reads there, desk@example.com, since 2026-01-12",
        (
            "  ann@example.com  forward                                                  imap, away@home.example, since 2026-01-12, "
            "last used 2026-02-01"
        ),
        "  ann@example.com  catch_all     example.com                                since 2026-01-12, BY HAND",
        "  left to people: session of ann@example.com: Look there.",
        "  left to people: rule of 2 mailboxes: And there.",
    ]
    assert access_lines({"paths": [], "left_to_people": []}) == [
        "ACCESS PATHS  0 paths of 0 mailboxes, 0 to be closed by people"
    ]
    assert access_lines({"mailboxes": []}) == []
    many = access_lines({"paths": [_row()] * (SHOWN + 3), "left_to_people": []})
    assert len(many) == SHOWN + 2 and "3 more" in many[-1]
