# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts, their events, and the states that are kept; no server."""

from __future__ import annotations

import datetime
import json
import types
import typing as t
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils.engine import verification
from ansible_collections.mailops.email.plugins.module_utils.engine.state import observed_state
from ansible_collections.mailops.email.plugins.module_utils.engine.trials import Settings
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import (
    NEEDED,
    Subject,
    given_check,
    results_of,
    told,
    verification_event,
)
from ansible_collections.mailops.email.plugins.module_utils.journal import known_good
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import last_holding, remember
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import (
    JournalError,
    MailopsError,
    Operation,
    Plan,
    Refused,
    Result,
    canonical_json,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress
from ansible_collections.mailops.email.plugins.plugin_utils.verdict_table import verdict_lines

DOMAIN, ADDRESS, ACCOUNT = "example.com", "mailops-probe@example.com", "trekmail@host"
CONTEXT = Context("REQ-1", "acme", {}, "tool", "run", datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))


def made(name: str, passed: bool | None, **evidence: t.Any) -> Check:
    return Check(DOMAIN, name, passed, "", "OK", outcome("passed"), evidence)


def subject(*more: Check, without: str = "") -> Subject:
    found = [made(name, True) for name in sorted(NEEDED - {without})]
    return Subject(DOMAIN, ADDRESS, ["ann@example.com"], [*found, *more], touched=True)


def test_a_domain_passes_only_with_every_check() -> None:
    """R-SMTP-06: one that is missing, or that did not pass, is enough; what cannot be shown is no failure."""
    assert subject().passed is True
    assert subject(made("session_ended", None)).passed is True
    for name in NEEDED:
        assert subject(without=name).passed is False, name
        assert subject(made(name, None), without=name).passed is False, name
    assert subject(made("dns", False)).passed is False
    assert Subject(DOMAIN, ADDRESS).passed is None
    assert Subject(DOMAIN, ADDRESS, checks=[made("dns", False)]).passed is False


def test_results_by_name() -> None:
    """A check that came more than once passed when each did."""
    assert results_of(Subject(DOMAIN, ADDRESS)) == {"dns": None}
    many = Subject(DOMAIN, ADDRESS, checks=[made("dns", one) for one in (True, False, True)])
    assert results_of(many) == {"dns": False}
    assert results_of(Subject(DOMAIN, ADDRESS, checks=[made("dns", True), made("dns", None)])) == {"dns": True}


def test_an_account_is_not_shown() -> None:
    """R-CREATE-04."""
    shown = repr(Subject(DOMAIN, ADDRESS, account=Account(ADDRESS, "Secret-Of-The-Run-1")))
    assert "Secret" not in shown and ADDRESS in shown


def test_the_event_takes_whatever_was_found() -> None:
    """R-LOG-09: fractions, other types and non-ASCII keys of others' evidence are canonical too; steps of what passed are left out."""
    odd = given_check(
        {"domain": DOMAIN, "check": "dns", "passed": False, "code": "x", "evidence": {"ä": 0.5, "b": {1}}}
    )
    one = subject(odd, made("outbound", True, steps=[1], tls={}, token="t"), made("inbound", False, steps=[1]))
    event = verification_event(CONTEXT, one, "seed", 2)
    canonical_json(event)
    checks = event["verification_result"]["checks"]
    assert json.loads(checks[-3]["evidence"]["json"])["given"]["ä"] == 0.5
    assert checks[-2]["evidence"] == {"token": "t"} and checks[-1]["evidence"] == {"steps": [1]}
    assert told(one.checks[-2])["evidence"]["steps"] == [1]
    assert event["outcome"] == "failure" and "last_known_good" not in event
    assert event["object"] == {"kind": "domain", "key": DOMAIN, "domain": DOMAIN, "client": "acme"}
    assert (event["verification_result"]["seed"], event["verification_result"]["sample_size"]) == ("seed", 2)


def write(folder: Path, *events: dict[str, t.Any], account: str = ACCOUNT) -> None:
    writer = JournalWriter(str(folder), "run-%d" % len(list(folder.glob("*.jsonl"))), {"provider": account})
    writer.append(events)
    writer.close()


def test_the_last_good_state_outlives_a_failure(tmp_path: Path) -> None:
    """R-LOG-09: what failed keeps the earlier one, other accounts have their own, and other readers pass over these events."""
    kept = known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, {"mailboxes": []})
    good, bad = subject(), subject(made("dns", False))
    good.known_good = kept
    assert known_good.verifications(FileStore(str(tmp_path)), ACCOUNT) == {}
    write(tmp_path, verification_event(CONTEXT, bad, "s", 1))
    assert known_good.verifications(FileStore(str(tmp_path)), ACCOUNT) == {
        DOMAIN: {"verified": False, "verified_at": None, "last_known_good": None}
    }
    write(tmp_path, verification_event(CONTEXT, good, "s", 1))
    first = known_good.verifications(FileStore(str(tmp_path)), ACCOUNT)[DOMAIN]
    assert first["verified"] and first["verified_at"] and first["last_known_good"] == kept
    write(tmp_path, verification_event(CONTEXT, bad, "s", 1))
    assert known_good.verifications(FileStore(str(tmp_path)), ACCOUNT)[DOMAIN] == {**first, "verified": False}
    assert known_good.verifications(FileStore(str(tmp_path)), "modoboa@host") == {}
    assert last_holding(FileStore(str(tmp_path)), "domain", ACCOUNT, "status") == {}
    assert remember(FileStore(str(tmp_path)), "domain", ACCOUNT).last == {}


def test_a_kept_state_is_what_was_recorded(tmp_path: Path) -> None:
    """Equal states share a file, others never overwrite it, and a changed or missing one is refused."""
    state = {"mailboxes": [{"address": "ann@example.com", "display_name": "Änn"}]}
    kept = known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, state)
    path = tmp_path / kept["path"]
    assert known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, state) == kept
    assert known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, {})["path"] != kept["path"]
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert known_good.read(FileStore(str(tmp_path)), kept)["state"] == state
    path.write_text(path.read_text().replace("ann@", "eve@"))
    for spoil in (lambda: None, lambda: path.write_text("{"), path.unlink):
        spoil()
        with pytest.raises(JournalError, match="cannot be used"):
            known_good.read(FileStore(str(tmp_path)), kept)
    with pytest.raises(JournalError, match="cannot be written"):
        known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, {"half": 0.5})
    (tmp_path / "known-good").rename(tmp_path / "away")
    (tmp_path / "known-good").write_text("a file")
    with pytest.raises(JournalError, match="cannot be kept"):
        known_good.keep(FileStore(str(tmp_path)), ACCOUNT, DOMAIN, state)
    odd = known_good.keep(FileStore(str(tmp_path / "other")), "trekmail@../..", "../x", {})
    assert not [part for part in Path(odd["path"]).parts if part == ".."]


class Listed:
    """A provider that lists, and counts what it was asked for."""

    rows: t.ClassVar[dict[str, dict[str, dict[str, t.Any]]]] = {
        "domain": {DOMAIN: {"name": DOMAIN, "id": 1, "status": "active"}, "other.example": {"name": "other.example"}},
        "mailbox": {
            "b@example.com": {"address": "b@example.com", "id": 2, "state": "present", "used_mb": 5, "last_login": "x"},
            "a@example.com": {"address": "a@example.com", "id": 3, "state": "suspended", "created_at": "x"},
            "gone@example.com": {"address": "gone@example.com", "state": "trashed"},
        },
        "alias": {
            "al@example.com": {"address": "al@example.com", "mailbox": "x@other.example"},
            "al@other.example": {"address": "al@other.example", "mailbox": "a@example.com"},
            "al@far.example": {"address": "al@far.example", "mailbox": "x@other.example"},
        },
        "forward": {"f@example.com": {"address": "f@example.com", "targets": ["k@example.net"]}},
        "catch_all": {DOMAIN: {"domain": DOMAIN, "enabled": False}},
    }

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, dict[str, t.Any]]:
        return dict(self.rows[kind])


def test_a_state_holds_what_lasts() -> None:
    """Ids, sizes and logins change by themselves; what lies in the bin is gone; an alias is part of both its domains."""
    state = observed_state(t.cast(t.Any, Listed()), [DOMAIN])[DOMAIN]
    assert state["domain"] == {"name": DOMAIN, "status": "active"}
    assert state["mailboxes"] == [
        {"address": "a@example.com", "state": "suspended"},
        {"address": "b@example.com", "state": "present"},
    ]
    assert [one["address"] for one in state["aliases"]] == ["al@example.com", "al@other.example"]
    assert [one["address"] for one in state["forwards"]] == ["f@example.com"]
    assert state["catch_all"] == {"domain": DOMAIN, "enabled": False}


def test_the_table() -> None:
    """One line a domain, and what did not pass with its next step; nothing of others moves a terminal's cursor."""
    assert verdict_lines({"plan": []}) == []
    bad = given_check({"domain": DOMAIN, "check": "dns", "passed": False, "code": "spf\x1b[2J", "next": "Publish it."})
    rows = [
        {
            "domain": DOMAIN,
            "passed": one.passed,
            "checks": [told(check) for check in one.checks],
            "results": results_of(one),
        }
        for one in (subject(made("session_ended", None)), subject(bad))
    ]
    result = {"verified": False, "domains": rows, "seed": "s", "sample_size": 1, "audit": {"request_id": "REQ-1"}}
    lines = verdict_lines(result)
    assert lines[0].startswith("VERIFICATION REQ-1  client -  1 of 2 domains verified")
    assert "verified" in lines[1] and "login" in lines[1] and "(dns not checked)" in lines[1]
    assert lines[2].split()[:3] == ["session_ended", "not", "shown"]
    assert "NOT VERIFIED" in lines[3] and lines[4].split()[:3] == ["dns", "FAILED", "spf"]
    assert lines[5].strip() == "next: Publish it." and "\x1b" not in "".join(lines)
    many = {**result, "domains": rows * 200}
    assert len(verdict_lines(many)) == 201


class Steps:
    """An engine that opens, closes and discards without a provider."""

    taken: t.ClassVar[list[str]] = []
    made: t.ClassVar[list[Operation]] = []
    busy: t.ClassVar[int] = 0

    def __init__(self, *args: object, **more: object) -> None:
        """Takes what an engine takes."""

    def run(self, items: t.Sequence[dict[str, t.Any]]) -> Report:
        step = items[0]["step"]
        self.taken.append(step)
        if step == "close" and Steps.busy:
            Steps.busy -= 1
            raise Refused("locked_by", "Another run changes the same client.")
        results = []
        for item in items:
            operation = Operation(0, "mailbox", "set_password", item["address"], "mailbox.reset", secret="s" * 32)
            self.made.append(operation)
            results.append(Result(operation, "applied"))
        return Report(Plan("acme", ACCOUNT, [one.operation for one in results]), results=results)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> type[Steps]:
    Steps.taken, Steps.made, Steps.busy = [], [], 0
    monkeypatch.setattr(verification, "Engine", Steps)
    return Steps


def run(folder: Path) -> verification.Verdict:
    driver = types.SimpleNamespace(can=lambda name: True, suspend_ends_sessions=True, account=ACCOUNT)
    server = Endpoint("127.0.0.1", 9)
    settings = Settings(server, server, server, lambda host: server, "a@b.example", "accepted", "a@b.example", "seed")
    made = verification.Verification(
        t.cast(t.Any, driver), CONTEXT, settings, store=FileStore(str(folder)), progress=Progress()
    )
    return made.run([DOMAIN])


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError, MailopsError("code", "message")])
def test_whatever_happens_it_is_closed(
    steps: type[Steps], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, raised: t.Any
) -> None:
    """Interrupted, or broken by a defect: closed, the secret replaced, and nothing in memory knows it any more."""

    def stop(*args: object) -> list[Check]:
        raise raised

    monkeypatch.setattr(verification, "run_all", stop)
    with pytest.raises(raised if isinstance(raised, type) else type(raised)):
        run(tmp_path)
    assert steps.taken == ["open", "close", "discard"]
    assert not [one for one in steps.made if one.secret]


def test_another_run_does_not_keep_it_open(steps: type[Steps], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A lock that somebody else holds is waited for more than once; then it is a failure that says so."""
    monkeypatch.setattr(verification, "run_all", lambda tasks, *more: [made(task.check, True) for task in tasks])
    monkeypatch.setattr(verification, "observed_state", lambda driver, domains: dict.fromkeys(domains, {}))
    steps.busy = 2
    assert run(tmp_path).subjects[0].passed is True
    assert steps.taken == ["open", "close", "close", "close", "discard"]
    steps.busy = 3
    (failed,) = run(tmp_path).subjects[0].failed
    assert (failed.check, failed.code) == ("closed", "locked_by") and "still be open" in failed.diagnosis.meaning
