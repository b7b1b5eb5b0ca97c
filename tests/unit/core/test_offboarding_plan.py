# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an offboarding plans about each thing, from what is there and what somebody has decided (R-OFF-04, R-OFF-05, R-OFF-10, R-OFF-14)."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, exception, invite

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.offboarding.decisions import Decisions
from ansible_collections.mailops.email.plugins.module_utils.shell.offboarding import offboarding_info

NOW = datetime.datetime.now(datetime.timezone.utc)
PERSON, STAYS = "ann@private.example", "ben@home.example"
ANN, BEN, DESK = "ann@example.com", "ben@example.com", "desk@example.com"


def ends(days: float = 30) -> str:
    return (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Provider(FakeDriver):
    """Ann, Ben and a desk; more by test."""

    capabilities = FakeDriver.capabilities - {
        one
        for one in FakeDriver.capabilities
        if one.partition(".")[0] in ("app_password", "token", "delegate", "device", "rule")
    }
    suspend_ends_sessions = True
    no_such_paths = frozenset(("app_password", "token", "delegate", "device", "rule"))

    def __init__(self) -> None:
        super().__init__()
        self.records.update(alias={}, forward={}, catch_all={})
        for address in (ANN, BEN, DESK):
            self.box(address)

    def box(self, address: str, suspended: str = "") -> None:
        empty = {"display_name": None, "note": None, "quota_mb": None, "used_mb": None, "type": "regular"}
        state = "suspended" if suspended else "present"
        self.records["mailbox"][address] = {
            "address": address,
            "id": 7,
            "state": state,
            "suspended": suspended,
            **empty,
        }

    def forward(self, address: str, *targets: str, via: str = "address") -> None:
        record: dict[str, Any] = {"address": address, "state": "present", "via": via, "targets": list(targets)}
        self.records["forward"][address] = {**record, "keep_copy": True} if via == "mailbox" else record

    def alias(self, address: str, mailbox: str) -> None:
        flags = {"can_receive": True, "can_send": False}
        self.records["alias"][address] = {"address": address, "mailbox": mailbox, **flags}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ann owns her mailbox, Ben his; the desk is a role account of Ben's."""
    made = Desk(tmp_path)
    driver = FakeDriver()
    owners = ((ANN, PERSON, False), (BEN, STAYS, False), (DESK, STAYS, True))
    items = [invite(address=one, owner_email=owner, role_account=role) for one, owner, role in owners]
    assert made.run(driver, *items, kind="invite").failures == []
    return made


def ask(desk: Desk, driver: FakeDriver | None = None, **params: Any) -> dict[str, Any]:
    given = {"request_id": "OFF-1", "journal_dir": str(desk.folder / "journal"), "reason": "left", **params}
    if not {"person", "addresses", "domains", "whole_client"} & set(params):
        given["person"] = [PERSON]
    return offboarding_info(given, driver or Provider())


def states(result: dict[str, Any]) -> dict[str, str]:
    return {row["item"]: row["state"] for row in result["items"]}


def test_a_person_has_one_mailbox_to_close(desk: Desk) -> None:
    result = ask(desk)
    assert result["suspend"] == [{"address": ANN, "state": "suspended", "reason": "left"}]
    assert result["evidence"] == [{"name": ANN}] and not result["complete"]
    assert states(result) == {"mailbox " + ANN: "to_do", "access " + ANN: "done"}
    closed = Provider()
    closed.box(ANN, "login")
    assert ask(desk, closed)["complete"] and ask(desk, closed)["suspend"] == []


def test_who_owns_nothing_leaves_nothing(desk: Desk) -> None:
    result = ask(desk, person=["nobody@private.example"])
    assert (
        result["items"] == []
        and result["complete"]
        and not any(result[name] for name in ("suspend", "forwards", "evidence"))
    )


def test_the_address_of_a_mailbox_is_the_person_too(desk: Desk) -> None:
    assert [one["address"] for one in ask(desk, person=[BEN])["suspend"]] == [BEN]


def test_forwards_end_or_are_taken_over(desk: Desk) -> None:
    """R-OFF-04: one that leaves the mailbox, one that only ends in it, and one that loses a target."""
    driver = Provider()
    driver.forward(ANN, "x@elsewhere.example", via="mailbox")
    driver.forward("news@example.com", ANN)
    driver.forward("team@example.com", ANN, BEN)
    result = ask(desk, driver)
    assert result["forwards"] == [
        {"address": ANN, "state": "absent"},
        {"address": "news@example.com", "state": "absent"},
    ]
    # Nobody answers for it, so nobody can say for how long it goes on.
    assert states(result)["forward team@example.com"] == "open"
    governed = {"owner": STAYS, "purpose": "Fair", "expires_at": ends()}
    desk.run(driver, {"address": "team@example.com", "targets": [ANN, BEN], **governed}, kind="forward")
    fewer = [one for one in ask(desk, driver)["forwards"] if one["address"] == "team@example.com"]
    assert fewer == [{"address": "team@example.com", "state": "present", "targets": [BEN], **governed}]

    over = {"address": "*", "action": "reown", "new_owner": STAYS, "until": ends(9), "exception": exception()}
    taken = {one["address"]: one for one in ask(desk, driver, forwards=[over])["forwards"]}
    assert taken[ANN]["owner"] == STAYS and taken[ANN]["expires_at"] == ends(9) and taken[ANN]["purpose"] == "left"
    assert taken[ANN]["exception"] and taken[ANN]["keep_copy"] is True


def test_aliases_wait_for_a_decision(desk: Desk) -> None:
    driver = Provider()
    driver.alias("info@example.com", ANN)
    driver.alias("bens@example.com", BEN)
    open_ = ask(desk, driver)
    assert [row["item"] for row in open_["open"]] == ["alias info@example.com"] and "delete, move" in open_["report"][
        -1
    ]
    gone = ask(desk, driver, aliases=[{"address": "*", "action": "delete"}])
    assert gone["aliases_absent"] == [{"address": "info@example.com", "mailbox": ANN, "state": "absent"}]
    moved = ask(desk, driver, aliases=[{"address": "Info@example.com", "action": "move", "mailbox": BEN}])
    assert moved["aliases_absent"] == gone["aliases_absent"]
    assert [(one["address"], one["mailbox"]) for one in moved["aliases_present"]] == [("info@example.com", BEN)]
    kept = ask(desk, driver, aliases=[{"address": "*", "action": "keep", "new_owner": STAYS, "until": ends()}])
    assert states(kept)["alias info@example.com"] == "done" and kept["open"] == []


def test_a_catch_all_that_ends_in_the_mailbox_is_switched_off(desk: Desk) -> None:
    """What is unknown shall not gather in a closed mailbox, nor with whoever has left."""
    driver = Provider()
    driver.records["catch_all"] = {"example.com": {"domain": "example.com", "enabled": True, "destination": ANN}}
    assert ask(desk, driver)["catch_alls"] == [{"domain": "example.com", "state": "absent"}]
    over = {"domain": "*", "action": "reown", "new_owner": STAYS, "until": ends(), "destination": BEN}
    (taken,) = ask(desk, driver, catch_alls=[over])["catch_alls"]
    assert (taken["state"], taken["destination"], taken["owner"]) == ("present", BEN, STAYS)


def test_role_accounts_are_reviewed(desk: Desk) -> None:
    """R-OFF-05, R-ROLE-01: a member, a sharer and an owner; whoever shares a secret cannot be let off."""
    role = {"address": DESK, "members": [PERSON], "shared": False}
    name = "role_account " + DESK
    assert states(ask(desk, role_accounts=[role]))[name] == "open"
    keep = [{"address": DESK, "action": "keep", "reason": "Reads only"}]
    assert states(ask(desk, role_accounts=[role], role_account_decisions=keep))[name] == "done"
    shared = [dict(role, shared=True)]
    assert states(ask(desk, role_accounts=shared, role_account_decisions=keep))[name] == "open"
    suspend = [{"address": "*", "action": "suspend"}]
    closed = ask(desk, role_accounts=shared, role_account_decisions=suspend)
    assert [one["address"] for one in closed["suspend"]] == [DESK, ANN]
    sealed = {"seal_to": "age1x", "exception": exception()}
    rotate = ask(desk, role_accounts=shared, role_account_decisions=[{"address": DESK, "action": "rotate", **sealed}])
    assert [(one["address"], one["owner_email"], one["role_account"]) for one in rotate["owners"]] == [
        (DESK, STAYS, True)
    ]
    bare = ask(desk, role_accounts=shared, role_account_decisions=[{"address": DESK, "action": "rotate"}])
    assert states(bare)[name] == "open" and [one["address"] for one in bare["suspend"]] == [ANN]
    # Whoever owns it cannot be who gets the new secret.
    mine = ask(desk, person=[STAYS], role_account_decisions=[{"address": DESK, "action": "rotate", **sealed}])
    assert states(mine)[name] == "open" and mine["suspend"][0]["address"] == BEN
    assert states(ask(desk, role_accounts=[dict(role, members=[STAYS])])) == states(ask(desk))


def test_a_critical_role_needs_somebody_who_looks(desk: Desk) -> None:
    """R-OFF-09: recovery addresses and enrolled devices of critical roles are seen by no API."""
    role = {"address": DESK, "members": [PERSON], "critical": True}
    decided: dict[str, Any] = {
        "role_accounts": [role],
        "role_account_decisions": [{"address": DESK, "action": "suspend"}],
    }
    assert states(ask(desk, **decided))["recovery " + DESK] == "open"
    assert states(ask(desk, **decided, done_by_hand=["recovery " + DESK]))["recovery " + DESK] == "confirmed"


def test_a_mailbox_that_is_kept_is_closed_first(desk: Desk) -> None:
    kept = {"address": ANN, "new_owner": STAYS, "until": ends(), "seal_to": "age1x", "exception": exception()}
    result = ask(desk, keep=[kept])
    assert [one["address"] for one in result["suspend"]] == [ANN] and result["owners"][0]["owner_email"] == STAYS
    bare = ask(desk, keep=[{name: kept[name] for name in ("address", "new_owner", "until")}])
    assert [one["address"] for one in bare["suspend"]] == [ANN] and bare["owners"] == []
    assert states(bare)["mailbox " + ANN] == "open"


def test_a_pending_invite_is_a_way_in(desk: Desk) -> None:
    driver = Provider()
    del driver.records["mailbox"][ANN]
    assert states(ask(desk, driver)) == {"invite " + ANN: "open"}
    by_hand = ask(desk, driver, done_by_hand=["invite"])
    assert by_hand["invites"] == [{"address": ANN, "state": "absent", "done_by_hand": True}]


def test_a_domain_is_closed_whole(desk: Desk) -> None:
    driver = Provider()
    driver.forward("fair@example.com", "x@elsewhere.example")
    driver.records["catch_all"] = {
        "example.com": {"domain": "example.com", "enabled": True, "destination": "x@elsewhere.example"}
    }
    result = ask(desk, driver, domains=["example.com"])
    assert [one["address"] for one in result["suspend"]] == [ANN, BEN, DESK]
    assert result["forwards"] == [{"address": "fair@example.com", "state": "absent"}]
    assert result["catch_alls"] == [{"domain": "example.com", "state": "absent"}]
    assert result["evidence"][-1] == {"name": "example.com"}
    assert ask(desk, driver, domains=["example.org"])["items"] == []


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("nothing_selected", {"person": []}),
        ("selection_ambiguous", {"person": [PERSON], "addresses": [ANN]}),
        ("nothing_selected", {"whole_client": True}),
        ("address_invalid", {"person": ["nobody"]}),
        ("decision_twice", {"aliases": [{"address": "*", "action": "delete"}] * 2}),
        ("decision_incomplete", {"keep": [{"address": ANN}]}),
        ("decision_incomplete", {"keep": [{"address": ANN, "new_owner": STAYS, "until": "2020-01-31"}]}),
        ("decision_incomplete", {"aliases": [{"address": "*", "action": "move"}]}),
        ("decision_incomplete", {"forwards": [{"address": "*", "action": "reown"}]}),
        ("decision_incomplete", {"role_account_decisions": [{"address": "*", "action": "keep"}]}),
    ],
)
def test_what_is_not_said_clearly_is_refused(desk: Desk, code: str, params: dict[str, Any]) -> None:
    with pytest.raises(MailopsError) as error:
        ask(desk, **params)
    assert error.value.code == code and error.value.hint


def test_a_decision_of_its_own_goes_before_that_for_all() -> None:
    rows = [{"address": "*", "action": "delete"}, {"address": "a@example.com", "action": "move", "mailbox": BEN}]
    made = Decisions({"aliases": rows}, NOW)
    assert (
        made.of("aliases", "a@example.com")["action"] == "move"
        and made.of("aliases", "b@example.com")["action"] == "delete"
    )
    assert made.of("forwards", "a@example.com") == {} and made.keys("aliases") == ["a@example.com"]
