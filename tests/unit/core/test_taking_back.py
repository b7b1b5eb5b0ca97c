# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollback finds in the journal, and which way back it takes, for cases that a live provider makes rarely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes import RECIPIENT, Desk, FakeDriver, done, exception, lost, refused
from test_collateral import ANN, INFO, OneSwitch

from ansible_collections.mailops.email.plugins.module_utils.engine.apply import Applier
from ansible_collections.mailops.email.plugins.module_utils.journal.changes import changes_of
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.shell import rollback as shell
from ansible_collections.mailops.email.plugins.modules import rollback as module

GOVERNANCE = ("owner", "purpose", "expires_at")
Take = Callable[..., dict[str, Any]]


class Keeping(FakeDriver):
    """Does what it is told, and shows it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(self._keep, batch=1, **more)

    def _keep(self, operations: Sequence[Operation], key: str) -> list[Result]:
        for operation in operations:
            records = self.records.setdefault(operation.kind, {})
            if operation.after is None:
                records.pop(operation.key, None)
            else:
                name = {"domain": "name", "catch_all": "domain"}.get(operation.kind, "address")
                # Who answers for it, why and until when, only the journal knows.
                kept = {field: value for field, value in operation.after.items() if field not in GOVERNANCE}
                records.setdefault(operation.key, {name: operation.key}).update(kept)
            if operation.kind == "catch_all":
                records.setdefault(operation.key, {"domain": operation.key})["enabled"] = operation.after is not None
        return done(operations, key)

    def mailbox(self, address: str = ANN, **more: Any) -> dict[str, Any]:
        record = {"address": address, "id": 1, "state": "present", "suspended": "", **more}
        self.records["mailbox"][address] = record
        return record


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def take(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Take:
    return taker(desk, monkeypatch)


def taker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Takes REQ-1 of client acme back."""

    def taken(driver: FakeDriver, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(shell, "driver_of", lambda *_args, **_more: driver)
        params = {
            "request_id": "REQ-1",
            "client": "acme",
            "actor": "dana@agency.example",
            "state": "rolled_back",
            "overwrite": [],
            "journal_dir": str(desk.folder / "journal"),
            "max_listed": 1000,
            **options,
        }
        return shell.run_rollback(params, check_mode=check_mode)

    return taken


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {"%(kind)s %(key)s" % row: row["verdict"] for row in result["objects"]}


def steps(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["kind"], one["verb"], one["key"]) for one in result["plan"] if one["kind"] != "rollback"]


def test_what_went_off_on_the_side_comes_back_once(desk: Desk, take: Take) -> None:
    """Issue: recorded side effects are part of the state before; also when giving them back had failed at first."""
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    driver.fails = {INFO}
    first = take(driver)
    assert first["failed"] and not first["complete"]
    driver.fails = set()
    second = take(driver)
    assert steps(second) == [("alias", "update", INFO)] and second["rollback_id"] == first["rollback_id"]
    assert driver.records["alias"][INFO]["enabled"] is True
    assert take(driver)["changed"] is False
    undone = take(driver, rollback_id=first["rollback_id"])
    assert [step[:2] for step in steps(undone)] == [("mailbox", "pause")], "the alias goes with its mailbox"
    assert driver.records["alias"][INFO]["enabled"] is False


def test_an_intent_in_doubt_is_settled_first(desk: Desk, take: Take) -> None:
    """Issue, R-RBK-03: what was carried out although nobody heard of it is taken back as well."""
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    journal = desk.folder / "journal" / "run-1.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:1]))
    result = take(driver)
    assert steps(result) == [("mailbox", "update", ANN)] and result["complete"]
    assert driver.records["mailbox"][ANN]["display_name"] == "Ann Old"
    settled = next(one for one in desk.events() if one.get("recovered"))
    assert settled["outcome"] == "success" and settled["request_id"] == "REQ-1"
    assert not take(driver)["changed"]


def test_what_was_begun_and_never_done_needs_nothing(desk: Desk, take: Take) -> None:
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    journal = desk.folder / "journal" / "run-1.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:1]))
    driver.records["mailbox"][ANN]["display_name"] = "Ann Old"
    result = take(driver)
    assert verdicts(result) == {"mailbox " + ANN: "as_before"} and result["complete"]


def test_an_invite_in_doubt_is_never_sent_again(desk: Desk, take: Take) -> None:
    """Design section 4.10: the key of the request would send what was not sent; a rollback is no reason for that."""
    driver = FakeDriver(lost, batch=1)
    desk.run(driver, {"address": "new@example.com", "owner_email": "new@home.example"})
    sent = len(driver.calls)
    result = take(driver)
    assert len(driver.calls) == sent
    assert verdicts(result) == {"invite new@example.com": "in_doubt"} and not result["complete"]
    assert result["left"][0]["next"]


def test_only_the_client_and_the_account_are_touched(desk: Desk, take: Take) -> None:
    """R-VAL-02: the same request of another client, or at another provider, is left to its own run; the latter is told."""
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    assert take(driver, client="globex")["failed_items"][0]["code"] == "nothing_to_take_back"
    desk.change("run-1", '"provider":"fake@test"', '"provider":"fake@other"')
    result = take(driver)
    assert not result["changed"] and "fake@other" in str(result["warnings"])


def test_a_forward_whose_time_is_over_stays_away(desk: Desk, take: Take) -> None:
    """R-RULE-05: a rollback does not make what is over last longer."""
    driver = Keeping()
    state = {"state": "present", "via": "address", "targets": ["ann@example.com"]}
    driver.records["forward"] = {"old@example.com": {"address": "old@example.com", **state}}
    ends = exception()["expires_at"]
    options = {"owner": "o@example.com", "purpose": "p", "expires_at": ends, "targets": ["ann@example.com"]}
    desk.run(driver, {"address": "old@example.com", **options}, kind="forward")
    desk.run(driver, {"address": "old@example.com", "state": "absent"}, kind="forward", request_id="REQ-2")
    desk.change("run-2", ends, "2026-01-01T00:00:00Z")
    result = take(driver, request_id="REQ-2")
    assert verdicts(result) == {"forward old@example.com": "kept"} and result["complete"]


def test_a_mailbox_that_was_deleted_is_left_to_people(desk: Desk, take: Take) -> None:
    driver = Keeping()
    driver.mailbox(state="suspended", suspended="login")
    desk.run(driver, {"address": ANN, "state": "absent", "exception": exception()})
    result = take(driver)
    assert verdicts(result) == {"mailbox " + ANN: "left_to_people"}
    assert "backup" in result["left"][0]["next"]


def test_a_trashed_mailbox_comes_back_as_it_was(desk: Desk, take: Take) -> None:
    driver = Keeping()
    driver.mailbox(state="suspended", suspended="login")
    desk.run(driver, {"address": ANN, "state": "absent", "exception": exception()})
    driver.mailbox(state="trashed", suspended="login")
    result = take(driver)
    assert steps(result) == [("mailbox", "restore", ANN)], "it was suspended when it was deleted"
    assert driver.records["mailbox"][ANN]["state"] == "suspended"


def test_a_domain_stays(desk: Desk, take: Take) -> None:
    """R-RBK-01: no rollback removes a domain."""
    driver = Keeping()
    desk.run(driver, {"name": "new.example"}, kind="domain")
    result = take(driver)
    assert verdicts(result) == {"domain new.example": "kept"} and not result["changed"] and result["complete"]


def test_one_failure_does_not_stop_the_rest(desk: Desk, take: Take) -> None:
    """Design section 4.6: containment goes on; running again finishes it under the same name."""
    driver = Keeping()
    for number in range(3):
        driver.mailbox("u%d@example.com" % number, display_name="Ann Old")
    items = [{"address": "u%d@example.com" % number, "display_name": "Ann New"} for number in range(3)]
    desk.run(driver, *items)
    keep = driver.steps[0]
    driver.steps = [keep, refused(), keep]
    result = take(driver)
    assert sorted(verdicts(result).values()) == ["failed", "taken_back", "taken_back"] and not result["complete"]
    again = take(driver)
    assert again["complete"] and again["rollback_id"] == result["rollback_id"]
    started = [one for one in desk.events() if one["action"] == "rollback.started" and one["phase"] == "outcome"]
    assert len(started) == 1


def test_a_change_of_others_counts_even_when_it_looks_the_same(desk: Desk, take: Take) -> None:
    """Issue: closed and opened again, moved away and back, by other requests: what is there now is their decision."""
    driver = Keeping()
    driver.mailbox(state="suspended", suspended="login")
    driver.records["forward"] = {
        "shop@example.com": {
            "address": "shop@example.com",
            "state": "present",
            "via": "address",
            "targets": ["a@example.com"],
        }
    }
    governed = {"owner": "o@example.com", "purpose": "p", "expires_at": exception()["expires_at"]}
    for request in ("REQ-1", "REQ-2"):
        desk.run(driver, {"address": ANN, "state": "present"}, request_id=request)
        shop = {"address": "shop@example.com", "targets": [ANN], **governed}
        desk.run(driver, shop, kind="forward", request_id=request)
        if request == "REQ-1":
            desk.run(driver, {"address": ANN, "state": "suspended"}, request_id="REQ-2")
            desk.run(driver, {**shop, "targets": ["b@example.com"]}, kind="forward", request_id="REQ-2")
    result = take(driver)
    assert set(verdicts(result).values()) == {"changed_since"} and not result["changed"]
    assert all("REQ-2" in row["why"] for row in result["left"])
    assert steps(take(driver, overwrite=[ANN, "shop@example.com"])) == [
        ("mailbox", "suspend", ANN),
        ("forward", "update", "shop@example.com"),
    ]


def test_a_name_that_is_mistyped_is_refused(desk: Desk, take: Take) -> None:
    """Design section 4.8: a decision about nothing, and the end of a rollback that never was, are mistakes."""
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    strange = take(driver, overwrite=[ANN, "anne@example.com"])
    assert strange["failed_items"][0]["code"] == "overwrite_unknown" and "anne@example.com" in strange["msg"]
    assert driver.records["mailbox"][ANN]["display_name"] == "Ann New"
    assert take(driver, overwrite=["bob@globex.example"], client_domains=["example.com"])["complete"], (
        "another client's"
    )
    never = take(driver, state="closed", rollback_id="REQ-1/acme/9", verified=True)
    assert never["failed_items"][0]["code"] == "rollback_unknown"
    assert not [one for one in desk.events() if one["action"] == "rollback.closed"]


class Mailing(Keeping):
    """Makes mailboxes at once, and mails its own recovery links."""

    capabilities = (FakeDriver.capabilities - {"mailbox.suspend"}) | {"mailbox.pause", "invite.cancel"}
    invite_form = "recovery_link"
    invite_hours = 72


OFFBOARDING = {"reason": "offboarding"}


def test_a_mailbox_goes_back_to_its_owner(desk: Desk, take: Take) -> None:
    """R-OWN-04: where the platform mails links, whoever it was handed to loses it to the owner of before; once."""
    driver = Mailing()
    driver.mailbox(last_login="2026-01-01T00:00:00Z")
    desk.run(
        driver,
        {"address": ANN, "owner_email": "ann@home.example", **OFFBOARDING},
        kind="mailbox_owner",
        request_id="REQ-0",
    )
    desk.run(driver, {"address": ANN, "owner_email": "ben@home.example", **OFFBOARDING}, kind="mailbox_owner")
    assert desk.memory().last[ANN]["after"]["recipient"] == "ben@home.example"
    result = take(driver)
    records = [("mailbox", "record")] * 2
    assert [step[:2] for step in steps(result)] == [("invite", "create"), *records] and result["complete"]
    assert desk.memory().last[ANN]["after"]["recipient"] == "ann@home.example"
    assert not take(driver)["changed"]


def test_where_no_link_can_be_mailed_it_is_closed_until_a_person_brings_it_back(desk: Desk, take: Take) -> None:
    """R-PWD-06: no operator makes a secret in a rollback; the new holder is locked out all the same."""
    driver = Keeping()
    driver.mailbox()
    sealed = {"seal_to": RECIPIENT, "exception": {**exception(), "accept_unforced_rotation": True}}
    handed = {"address": ANN, "owner_email": "ben@home.example", **OFFBOARDING, **sealed}
    assert not desk.run(
        driver, {**handed, "owner_email": "ann@home.example"}, kind="mailbox_owner", request_id="REQ-0"
    ).failures
    assert not desk.run(driver, handed, kind="mailbox_owner").failures
    result = take(driver)
    assert driver.records["mailbox"][ANN]["suspended"] == "login" and not result["complete"]
    assert "ben@home.example" in result["left"][0]["why"] and "ann@home.example" in result["left"][0]["next"]
    back = {**handed, "owner_email": "ann@home.example"}
    assert not desk.run(driver, back, kind="mailbox_owner", request_id="REQ-9").failures
    done = take(driver)
    assert done["complete"] and not done["changed"], done["objects"]


def test_events_name_their_rollback(desk: Desk, take: Take) -> None:
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    name = take(driver)["rollback_id"]
    mine = [one for one in desk.events() if one.get("rollback")]
    assert {one["rollback"]["id"] for one in mine} == {name} and {one["request_id"] for one in mine} == {"REQ-1"}
    assert [one["action"] for one in mine if one["phase"] == "outcome"] == ["rollback.started", "mailbox.updated"]
    desk.check_chain()
    store = FileStore(str(desk.folder / "journal"))
    assert set(changes_of(store, "REQ-1", "fake@test", "acme", name).changes) == {("mailbox", ANN)}


def test_what_is_returned_is_documented(desk: Desk, take: Take) -> None:
    driver = Keeping()
    driver.mailbox(display_name="Ann Old")
    desk.run(driver, {"address": ANN, "display_name": "Ann New"})
    result = take(driver)
    closed = take(driver, state="closed", rollback_id=result["rollback_id"], verified=False, unverified_because="none")
    documented = yaml.safe_load(module.RETURN)
    told = set(documented)
    assert set(result) | {"left_out", "rollbacks"} == told | {"changed"}
    assert set(closed) - {"changed"} <= told
    assert set(result["objects"][0]) == set(documented["objects"]["contains"]) == set(documented["left"]["contains"])
    assert set(closed["rollbacks"][0]) == set(documented["rollbacks"]["contains"])
    assert not take(driver, state="closed", rollback_id=result["rollback_id"], verified=False, unverified_because="x")[
        "changed"
    ]


@pytest.mark.parametrize("step", ["rollback.started", "rollback.closed"])
def test_killed_between_the_intent_and_the_outcome_of_its_own_record(
    desk: Desk, take: Take, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Found by the kill harness: nobody settled it, so the journal told of a doubt for ever."""

    class Killed(BaseException):
        pass

    true = Applier._send

    def dies(self: Applier, group: list[Operation], key: str) -> list[Result]:
        if group[0].action == step:
            raise Killed
        return true(self, group, key)

    driver = Keeping()
    driver.mailbox(state="suspended", suspended="login")
    desk.run(driver, {"address": ANN})
    closing = {"state": "closed", "rollback_id": "REQ-1/acme/1", "verified": True, "unverified_because": ""}
    with monkeypatch.context() as patch:
        patch.setattr(Applier, "_send", dies)
        with pytest.raises(Killed):
            take(driver)
            take(driver, **closing)
    assert take(driver)["complete"] and not take(driver, **closing).get("failed")
    assert not desk.memory("rollback").open_intents
    states = [event["after"]["state"] for event in desk.events() if event["action"] == "rollback.closed"]
    assert states[-1] == "closed"
