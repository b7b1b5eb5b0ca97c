# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a freeze holds, nothing is changed under it but what contains the incident (R-IRB-A1, R-RBK-02)."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, exception, invite, with_password

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Report
from ansible_collections.mailops.email.plugins.module_utils.journal.event import ACTIONS
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.freezes import active, freezes
from ansible_collections.mailops.email.plugins.module_utils.policy.freezes import CONTAINMENT
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES

NOW = datetime.datetime.now(datetime.timezone.utc)


def ends(hours: float) -> str:
    return (NOW + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def box(address: str, **more: Any) -> dict[str, Any]:
    empty = {"display_name": None, "note": None, "quota_mb": None, "used_mb": None, "type": "regular"}
    return {"address": address, "id": 7, "state": "present", "suspended": "", **empty, **more}


def provider() -> FakeDriver:
    """Ann is open, Ben is suspended; one of everything else."""
    driver = FakeDriver()
    driver.records["mailbox"] = {
        "ann@example.com": box("ann@example.com"),
        "ben@example.com": box("ben@example.com", state="suspended", suspended="login"),
    }
    driver.records["alias"] = {
        "info@example.com": {
            "address": "info@example.com",
            "mailbox": "ann@example.com",
            "can_receive": True,
            "can_send": True,
        }
    }
    driver.records["forward"] = {
        "ann@example.com": {
            "address": "ann@example.com",
            "state": "present",
            "via": "mailbox",
            "targets": ["ben@example.com"],
            "keep_copy": True,
        }
    }
    driver.records["catch_all"] = {
        "example.com": {"domain": "example.com", "enabled": True, "destination": "ann@example.com"}
    }
    return driver


GOVERNED = {"owner": "mira@agency.example", "purpose": "move", "expires_at": ends(48)}
# One task of each kind that changes something.
CHANGES: dict[str, dict[str, Any]] = {
    "domain": {"name": "example.net"},
    "subdomain": {"parent": "example.com", "label": "mail"},
    "mailbox": {"address": "ann@example.com", "display_name": "Ann"},
    "mailbox_owner": {
        **{name: value for name, value in with_password().items() if name in ("seal_to", "exception")},
        "address": "ben@example.com",
        "owner_email": "kim@home.example",
        "reason": "offboarding",
    },
    "invite": invite(),
    "forward": {"address": "ben@example.com", "targets": ["ann@example.com"], **GOVERNED},
    "alias": {"address": "info@example.com", "mailbox": "ann@example.com", "state": "absent"},
    "catch_all": {"domain": "example.com", "state": "present", "destination": "ben@example.com", **GOVERNED},
}
MORE = {
    "a password": ("mailbox", with_password()),
    "resumed": ("mailbox", {"address": "ben@example.com"}),
    "deleted": ("mailbox", {"address": "ben@example.com", "state": "absent", "exception": exception()}),
    "only recorded": ("forward", {"address": "ann@example.com", "targets": ["ben@example.com"], **GOVERNED}),
}


def freeze(desk: Desk, scope: str = "client", **more: Any) -> Report:
    item = {"scope": scope, "client": "acme", "reason": "forwards to a stranger", "expires_at": ends(4), **more}
    report = desk.run(JournalOnly(), item, kind="freeze", request_id="INC-1")
    assert report.failures == [], [failure.error for failure in report.failures]
    return report


def codes(report: Report) -> list[str]:
    return [failure.error.code for failure in report.failures]


def test_each_kind_is_tried() -> None:
    # Those that hold nothing but containment, or nothing that a provider has, are not to be refused.
    assert set(CHANGES) == {name for name, kind in RESOURCES.items() if not kind.kept_in_journal} - {"mailbox_access"}


@pytest.mark.parametrize("dry", [False, True], ids=["apply", "check"])
@pytest.mark.parametrize("scope", ["client", "domain", "request", "everything"])
@pytest.mark.parametrize("case", [*CHANGES, *MORE])
def test_nothing_is_changed(tmp_path: Path, case: str, scope: str, dry: bool) -> None:
    """R-IRB-A1: no live edits until there is a plan; who set it, why, until when, and what to do next are told."""
    desk, driver = Desk(tmp_path), provider()
    domain = "example.net" if case == "domain" else "example.com"
    name = {"domain": domain, "request": "REQ-1"}.get(scope, "")
    freeze(desk, scope, **({"name": name} if name else {}))
    before = desk.events()
    kind, item = MORE[case] if case in MORE else (case, CHANGES[case])
    report = desk.run(driver, item, kind=kind, check_mode=dry)
    assert codes(report) == ["frozen"]
    error = report.failures[0].error
    for part in ("dana", "INC-1", "forwards to a stranger", ends(4), name or "acme" * (scope == "client")):
        assert part in error.message
    assert "mailops.email.freeze" in error.hint
    assert driver.calls == [] and report.results == [] and desk.events() == before


@pytest.mark.parametrize("case", [*CHANGES, *MORE])
def test_without_a_freeze_each_would_be_changed(tmp_path: Path, case: str) -> None:
    kind, item = MORE[case] if case in MORE else (case, CHANGES[case])
    report = Desk(tmp_path).run(provider(), item, kind=kind)
    assert codes(report) == [] and report.results


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("mailbox", {"address": "ann@example.com", "state": "suspended"}),
        ("mailbox", {"address": "ann@example.com", "state": "suspended", "suspend": "all"}),
        ("forward", {"address": "ann@example.com", "state": "absent"}),
        ("catch_all", {"domain": "example.com", "state": "absent"}),
    ],
)
def test_containment_goes_on(tmp_path: Path, kind: str, item: dict[str, Any]) -> None:
    desk, driver = Desk(tmp_path), provider()
    freeze(desk, "everything")
    report = desk.run(driver, item, kind=kind)
    assert codes(report) == [] and driver.calls


def test_an_invite_is_cancelled_by_hand_but_not_sent_again(tmp_path: Path) -> None:
    """Both are only recorded, and only one of them contains."""
    desk, driver = Desk(tmp_path), FakeDriver()
    assert codes(desk.run(driver, invite(), kind="invite")) == []
    freeze(desk)
    again = desk.run(driver, invite(resend=True, done_by_hand=True), kind="invite")
    ended = desk.run(driver, invite(state="absent", done_by_hand=True), kind="invite")
    assert codes(again) == ["frozen"] and codes(ended) == []


def test_containment_is_a_table_of_known_actions() -> None:
    """What the journal has no name for cannot be meant; kinds that other drivers bring may come later."""
    foreign = {"app_password", "token", "device", "delegate", "rule", "evidence"}
    assert {one for one in CONTAINMENT if one.partition(".")[0] not in foreign} <= ACTIONS
    assert not [one for one in CONTAINMENT if one.endswith((".created", ".updated", ".enabled", ".resumed", ".sent"))]


def test_it_ends_by_itself_or_is_lifted(tmp_path: Path) -> None:
    """R-IRB-A1: set with reason, who and expiry; lifted with a reason. The journal tells of all of it."""
    desk = Desk(tmp_path)
    change = CHANGES["mailbox"]
    freeze(desk)
    assert codes(desk.run(provider(), change)) == ["frozen"]
    assert codes(desk.run(provider(), change, ahead=5)) == []
    # The second controller reads the same journal, and lifts it.
    lifted = desk.run(
        JournalOnly(), {"scope": "client", "client": "acme", "state": "absent", "reason": "found and removed"},
        kind="freeze", request_id="INC-1",
    )  # fmt: skip
    assert [one.operation.action for one in lifted.results] == ["freeze.lifted"]
    assert lifted.objects == [{"key": "client:acme", "scope": "client", "name": "acme", "state": "absent"}]
    assert codes(desk.run(provider(), change)) == []
    store = FileStore(str(tmp_path / "journal"))
    assert active(store, NOW) == []
    (last,) = freezes(store, NOW)
    assert (last.state, last.reason, last.by, last.request_id) == ("lifted", "found and removed", "dana", "INC-1")
    mine = [event for event in desk.events() if event["phase"] == "outcome" and event["object"]["kind"] == "freeze"]
    assert [(event["action"], event["verb"], event["provider"]) for event in mine] == [
        ("freeze.set", "record", "journal"),
        ("freeze.lifted", "record", "journal"),
    ]
    assert mine[0]["after"] == {
        "state": "present",
        "reason": "forwards to a stranger",
        "expires_at": ends(4),
        "except_requests": [],
        "domains": [],
    }
    assert mine[0]["object"] == {"kind": "freeze", "key": "client:acme", "client": "acme"}
    desk.check_chain()


def test_some_requests_go_on(tmp_path: Path) -> None:
    """The repair is a change request like any other, and it is named."""
    desk = Desk(tmp_path)
    freeze(desk, except_requests=["INC-1", "CHG-7"])
    assert codes(desk.run(provider(), CHANGES["mailbox"], request_id="CHG-7")) == []
    assert codes(desk.run(provider(), CHANGES["mailbox"], request_id="CHG-8")) == ["frozen"]


def test_a_run_may_be_exempt_from_the_freeze_of_its_own_request_only(tmp_path: Path) -> None:
    """Rolling back freezes the request that it takes back."""
    desk = Desk(tmp_path)
    freeze(desk, "request", name="REQ-1")
    assert codes(desk.run(provider(), CHANGES["mailbox"], exempt=frozenset(["REQ-1"]))) == []
    assert codes(desk.run(provider(), CHANGES["alias"], kind="alias", exempt=frozenset(["REQ-2"]))) == ["frozen"]
    freeze(desk)
    assert codes(desk.run(provider(), CHANGES["alias"], kind="alias", exempt=frozenset(["REQ-1"]))) == ["frozen"]


def test_what_is_not_covered_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    freeze(desk, "domain", name="example.org")
    freeze(desk, "request", name="REQ-2")
    assert codes(desk.run(provider(), CHANGES["mailbox"])) == []


def test_a_domain_covers_those_below_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    freeze(desk, "domain", name="Example.COM")
    assert codes(desk.run(provider(), CHANGES["subdomain"], kind="subdomain")) == ["frozen"]


def test_a_task_that_names_no_client_does_not_slip_through(tmp_path: Path) -> None:
    """The freeze remembers the client's domains, as far as they were known."""
    desk = Desk(tmp_path)
    freeze(desk, client="globex", domains=["example.com"])
    report = desk.run(provider(), CHANGES["mailbox"])
    assert codes(report) == ["frozen"] and "the client globex" in report.failures[0].error.message


def test_setting_it_again_changes_nothing_and_another_word_is_recorded(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = freeze(desk)
    assert [one.status for one in first.results] == ["applied"]
    again = freeze(desk)
    assert again.plan.operations == []
    longer = freeze(desk, expires_at=ends(9))
    assert [(one.before or {})["expires_at"] for one in longer.plan.operations] == [ends(4)]
    dry = desk.run(
        JournalOnly(), {"scope": "client", "client": "acme", "state": "absent", "reason": "over"},
        kind="freeze", check_mode=True,
    )  # fmt: skip
    assert [one.status for one in dry.results] == ["predicted"] and dry.objects[0]["state"] == "absent"
    assert len(active(FileStore(str(tmp_path / "journal")), NOW)) == 1


def test_a_freeze_that_was_interrupted_is_set_by_the_next_run(tmp_path: Path) -> None:
    """Killed between intent and outcome: nothing holds, the next run says so and sets it."""
    desk = Desk(tmp_path)
    freeze(desk)
    path = tmp_path / "journal" / "run-1.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert active(FileStore(str(tmp_path / "journal")), NOW) == []
    assert [one.status for one in freeze(desk).results] == ["applied"]
    assert desk.phases() == ["intent", "outcome failure", "intent", "outcome success"]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("reason_missing", {"reason": " tbd "}),
        ("reason_missing", {"reason": None, "state": "absent"}),
        ("expiry_missing", {"expires_at": None}),
        ("expires_at", {"expires_at": ends(-1)}),
        ("expires_at", {"expires_at": ends(24 * 31)}),
        ("expires_at", {"expires_at": "soon"}),
        ("freeze_name", {"name": "globex"}),
        ("freeze_name", {"client": ""}),
        ("freeze_name", {"scope": "request"}),
        ("freeze_name", {"scope": "everything", "name": "acme"}),
        ("hostname_invalid", {"scope": "domain", "name": "not a domain"}),
        ("client_boundary", {"scope": "domain", "name": "example.org"}),
    ],
)
def test_what_is_no_freeze_is_refused(tmp_path: Path, code: str, more: dict[str, Any]) -> None:
    desk = Desk(tmp_path)
    item = {"client": "acme", "reason": "forwards to a stranger", "expires_at": ends(4), **more}
    report = desk.run(JournalOnly(), item, kind="freeze", client_domains=Boundary(["example.com"]))
    assert codes(report) == [code] and desk.events() == []
