# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns what, from the journal alone (R-OWN-06, R-OWN-10, R-OWN-12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, exception, invite, with_password

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.owners import Owned, owned_by, owners
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.shell.owners import owner_info

ANN = "ann@home.example"


def by_key(folder: Path) -> dict[str, Owned]:
    return {row.key: row for row in owners(FileStore(str(folder / "journal")))}


def note(folder: Path, *events: dict[str, Any], run: str = "by-hand") -> None:
    """Outcomes as any run would write them, a second apart."""
    common = {"request_id": "REQ-9", "actor": {"human": "kim", "system": "test"}, "provider": "fake@test"}
    writer = FileStore(str(folder / "journal")).writer(run, common)
    for event in events:
        mailbox = {"kind": event.pop("kind"), "key": event.pop("key"), "client": "acme"}
        writer.append([{"phase": "outcome", "outcome": "success", "intent_id": "i", "object": mailbox, **event}])
    writer.close()


def test_the_owner_is_who_was_invited_last(tmp_path: Path) -> None:
    """An invite that went astray makes nobody an owner; another recipient does."""
    desk = Desk(tmp_path)
    desk.run(
        FakeDriver(),
        invite(1, owner_email=ANN, role_account=True, address="billing@example.com"),
        invite(2),
        kind="invite",
    )
    first = by_key(tmp_path)
    assert {key: (row.owner, row.state) for key, row in first.items()} == {
        "billing@example.com": (ANN, "invited"),
        "u2@example.com": ("u2@home.example", "invited"),
    }
    billing = first["billing@example.com"]
    assert (billing.kind, billing.role_account, billing.client, billing.provider) == (
        "mailbox",
        True,
        "acme",
        "fake@test",
    )
    assert (billing.request_id, billing.by) == ("REQ-1", "dana") and billing.since.endswith("Z")
    note(
        tmp_path,
        {"kind": "invite", "key": "u2@example.com", "action": "invite.recipient_changed", "after": {"recipient": ANN}},
    )
    assert by_key(tmp_path)["u2@example.com"].owner == ANN
    note(
        tmp_path, {"kind": "invite", "key": "u2@example.com", "action": "invite.cancelled", "after": {"recipient": ANN}}
    )
    assert "u2@example.com" not in by_key(tmp_path)


def test_a_mailbox_with_a_password_is_owned_by_whom_it_was_made_for(tmp_path: Path) -> None:
    Desk(tmp_path).run(FakeDriver(), with_password())
    row = by_key(tmp_path)["p0@example.com"]
    assert (row.owner, row.state) == ("p0@home.example", "present")


def test_a_change_of_owner_counts_and_names_its_end(tmp_path: Path) -> None:
    """R-OWN-12: it is an event of its own, and the last one counts."""
    Desk(tmp_path).run(FakeDriver(), invite(1), kind="invite")
    until = exception()["expires_at"]
    note(
        tmp_path,
        {
            "kind": "mailbox",
            "key": "u1@example.com",
            "action": "owner.changed",
            "before": {"owner": "u1@home.example"},
            "after": {"owner": ANN, "until": until},
        },
    )
    row = by_key(tmp_path)["u1@example.com"]
    assert (row.owner, row.by, row.contacts, row.request_id) == (ANN, "kim", {"until": until}, "REQ-9")


def test_what_is_suspended_is_still_owned_and_what_is_deleted_is_not(tmp_path: Path) -> None:
    Desk(tmp_path).run(FakeDriver(), invite(1), kind="invite")
    mailbox = {"kind": "mailbox", "key": "u1@example.com"}
    note(tmp_path, {**mailbox, "action": "mailbox.suspended", "after": {"state": "suspended"}})
    assert by_key(tmp_path)["u1@example.com"].state == "suspended"
    note(tmp_path, {**mailbox, "action": "mailbox.deleted", "after": None})
    assert by_key(tmp_path) == {}
    note(tmp_path, {**mailbox, "action": "mailbox.restored", "after": {"state": "suspended"}})
    assert by_key(tmp_path)["u1@example.com"].owner == "u1@home.example"


def test_the_order_of_files_says_nothing(tmp_path: Path) -> None:
    """Names of runs need not sort by time."""
    mailbox = {"kind": "invite", "key": "u1@example.com", "action": "invite.sent"}
    note(tmp_path, {**mailbox, "after": {"recipient": "old@home.example"}}, run="z")
    note(tmp_path, {**mailbox, "after": {"recipient": "new@home.example"}}, run="a")
    assert by_key(tmp_path)["u1@example.com"].owner == "new@home.example"


def test_what_failed_made_nobody_an_owner(tmp_path: Path) -> None:
    mailbox = {"kind": "invite", "key": "u1@example.com", "action": "invite.sent", "after": {"recipient": ANN}}
    note(tmp_path, {**mailbox, "outcome": "failure"}, {**mailbox, "outcome": "in_doubt"})
    assert by_key(tmp_path) == {}
    assert owners(FileStore(str(tmp_path / "none"))) == []


def test_forwards_and_catch_alls_have_owners_too(tmp_path: Path) -> None:
    governed = {"owner": ANN, "purpose": "fair", "expires_at": "2030-01-01T00:00:00Z"}
    forward = {"kind": "forward", "key": "shop@example.com"}
    catch_all = {"kind": "catch_all", "key": "example.com"}
    note(
        tmp_path,
        {**forward, "action": "forward.created", "after": {"state": "present", **governed}},
        {**catch_all, "action": "catch_all.enabled", "after": {"destination": "a@example.com", **governed}},
    )
    rows = by_key(tmp_path)
    assert {(row.kind, key): row.owner for key, row in rows.items()} == {
        ("forward", "shop@example.com"): ANN,
        ("catch_all", "example.com"): ANN,
    }
    assert rows["shop@example.com"].contacts == {"purpose": "fair", "expires_at": "2030-01-01T00:00:00Z"}
    note(
        tmp_path,
        {
            **forward,
            "action": "forward.updated",
            "after": {"state": "present", **governed, "owner": "ben@home.example"},
        },
        {**catch_all, "action": "catch_all.disabled", "after": None},
    )
    assert {key: row.owner for key, row in by_key(tmp_path).items()} == {"shop@example.com": "ben@home.example"}


def test_a_person_is_one_by_any_case_and_tag(tmp_path: Path) -> None:
    items = [invite(1, owner_email="Ann+acme@Home.example"), invite(2, owner_email=ANN), invite(3)]
    Desk(tmp_path).run(FakeDriver(), *items, kind="invite")
    rows = owners(FileStore(str(tmp_path / "journal")))
    assert [row.key for row in owned_by(rows, ["ANN+other@home.example"])] == ["u1@example.com", "u2@example.com"]
    assert owned_by(rows, ["annn@home.example", "ann@home.exampl"]) == []


def test_the_module_answers_by_person_address_and_domain(tmp_path: Path) -> None:
    """R-OWN-10, R-OWN-11: exactly one owner of each, over all clients."""
    desk = Desk(tmp_path)
    desk.run(FakeDriver(), invite(1, owner_email=ANN), invite(2), invite(3, owner_email=ANN), kind="invite")
    params: dict[str, Any] = {"journal_dir": str(tmp_path / "journal")}
    of_ann = owner_info({**params, "owners": [ANN]})
    assert [row["address"] for row in of_ann["mailboxes"]] == ["u1@example.com", "u3@example.com"]
    who = owner_info({**params, "addresses": ["U2@example.com", "nobody@example.com"]})
    assert [row["owner"] for row in who["mailboxes"]] == ["u2@home.example"] and who["missing"] == [
        "nobody@example.com"
    ]
    assert len(owner_info({**params, "domains": ["example.com"]})["mailboxes"]) == 3
    assert owner_info({**params, "domains": ["example.org"]})["mailboxes"] == []
    assert owner_info({**params, "domains": ["example.com"], "owners": [ANN], "addresses": ["u3@example.com"]})[
        "mailboxes"
    ]
    json.dumps(of_ann)
    with pytest.raises(Refused) as error:
        owner_info(params)
    assert error.value.code == "nothing_asked"
