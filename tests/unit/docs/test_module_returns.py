# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RETURN tells of everything that a task returns, down to the fields of lists."""

from __future__ import annotations

import collections
import datetime
import types
import typing as t
from pathlib import Path

import pytest
import yaml
from moduledocs import MODULES, source, texts

from ansible_collections.mailops.email.plugins.module_utils.engine import events
from ansible_collections.mailops.email.plugins.module_utils.engine.observe import invite_record
from ansible_collections.mailops.email.plugins.module_utils.engine.recover import remember
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import Subject, Verdict, given_check
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Plan, Refused, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import answers as modoboa
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import ALL
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.info import INFO, INFO_MODULES
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import PROBE, result_of
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result, report_result

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
# Ansible's own; the documentation of Ansible tells of them.
COMMON = {"changed", "failed", "msg", "warnings"}
ADDRESS = "alex@example.com"
WAITING = "waiting@example.com"
INVITE = {
    "state": "pending",
    "recipient": "a@example.net",
    "quota_mb": 1,
    "expires_in_hours": 72,
    "role_account": False,
}
INVITE_EVENT = {
    "timestamp": "2026-11-01T00:00:00Z",
    "request_id": "R",
    "delivery_method": "one_time_setup_link",
    "after": {**INVITE, "id": 1, "expires_at": "2026-11-04T00:00:00Z"},
}
# One of each that the provider lists, by the driver's own readers.
RECORDS: dict[str, dict[str, Record]] = {
    "domain": {"example.com": answers.domain_record({"name": "example.com", "id": 1})},
    "mailbox": {
        ADDRESS: answers.mailbox_record({"email": ADDRESS, "id": 2}),
        # Of a provider that makes mailboxes before they have an owner.
        WAITING: {**modoboa.mailbox_record({"username": WAITING, "pk": 5, "mailbox": {}}), "claimed": False},
    },
    "alias": {
        "a@example.com": answers.alias_record({"email": "a@example.com", "id": 3}, ADDRESS, {}),
        "off@example.com": {"address": "off@example.com", "mailbox": ADDRESS, "enabled": False},
    },
    "forward": {
        ADDRESS: answers.mailbox_forward_record({"enabled": True, "targets": ["k@example.com"]}, ADDRESS) or {},
        "f@example.com": answers.address_forward_record({"email": "f@example.com", "id": 4}, "example.com"),
    },
    "catch_all": {"example.com": answers.catch_all_record({"catch_all_enabled": True}, "example.com")},
    "invite": {ADDRESS: invite_record(ADDRESS, INVITE_EVENT, NOW)},
    # Kept by the journal.
    "freeze": {
        "client:acme": {
            "state": "present",
            "reason": "r",
            "expires_at": "2026-11-04T00:00:00Z",
            "except_requests": [],
            "domains": [],
        }
    },
    "offboarding": {
        ADDRESS: {"state": "closed", "digest": "sha256:", "path": "evidence/R/acme/x.json", "counts": {"done": 1}}
    },
    "evidence": {ADDRESS: {"digest": "sha256:", "path": "evidence/R/acme/x.json", "state_digest": "sha256:"}},
    "account": {"account": answers.account_record({"plan": "agency"})},
}


class Listed(Driver):
    """A provider that only lists."""

    name = "listed"
    capabilities = frozenset(("invite.list", "domain.dns_requirements"))
    account = "listed@example"
    request_counts = collections.Counter(GET=1)

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        return dict(RECORDS[kind])

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        raise AssertionError("a task that only reads has sent %s" % operations)


class Forgetful(Listed):
    """A provider that cannot list invites, so that the journal is asked."""

    capabilities = frozenset(("domain.dns_requirements",))


def returned(name: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", yaml.safe_load(source(name).RETURN))


def fields(name: str, *path: str) -> set[str]:
    """Documented fields of a returned value."""
    here = returned(name)
    for part in path:
        here = here[part].get("contains") or {}
    return set(here)


def context() -> Context:
    return Context("R", "acme", {"human": "a@example.net", "system": "test"}, "tool", "run", NOW)


def operation(kind: str = "mailbox") -> Operation:
    return Operation(
        0,
        kind,
        "create",
        ADDRESS,
        "mailbox.created",
        after={"state": "present"},
        delivery={"method": "one_time_setup_link", "rank": 1},
        exception={"reason": "r", "approver": "a", "expires_at": "2030-01-31T12:00:00Z"},
        collateral=[{"kind": "alias", "key": "a@example.com", "before": {}, "after": {}, "request": {}}],
    )


def item(kind: str) -> dict[str, t.Any]:
    if kind == "freeze":
        return {"key": "client:acme"}
    key = "example.com" if kind in ("domain", "subdomain", "catch_all") else ADDRESS
    return {
        "key": "a@example.com" if kind == "alias" else key,
        "mailbox": ADDRESS,
        "kinds": ALL,
        "owner": "o@example.net",
        "until": "",
    }


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_a_task_returns_what_is_documented(name: str) -> None:
    """R-LOG-10 and design §4.6: every key, and every field below it, of a plan with a failure."""
    resource = RESOURCES[name]()
    failure = Failure(0, ADDRESS, "apply", Refused("code", "message", "hint"))
    report = Report(Plan("acme", "listed@example", [operation()]), [failure], [Result(operation(), "applied")])
    result = report_result(resource, report, context())
    # This one is there only when others are not.
    assert set(result) - COMMON | {"left_out"} == set(returned(name))
    assert set(result["counts"]) == fields(name, "counts")
    assert set(result["plan"][0]) == fields(name, "plan")
    assert set(result["failed_items"][0]) == fields(name, "failed_items")
    assert set(result["audit"]) == fields(name, "audit")
    assert set(result["diff"]) == fields(name, "diff")
    assert set(result["audit"]["failures"][0]) == {"key", "phase", "code"}
    told = dict(texts(returned(name)))["audit.changes"] + str(returned(name)["audit"]["contains"]["changes"])
    for field in events.audit_changes(report)[0]:
        assert "C(%s)" % field in told, field


@pytest.mark.parametrize("name", MODULES)
def test_a_refused_task_returns_what_is_documented(name: str) -> None:
    result = failure_result(Refused("code", "message"), context() if name in RESOURCES else None, {"GET": 1})
    # Of a module that only reads these two are always empty.
    spare = {"applied", "not_attempted"} if name in INFO_MODULES else set()
    assert set(result) - COMMON - spare <= set(returned(name))
    assert set(result["failed_items"][0]) == fields(name, "failed_items")
    if name in RESOURCES:
        assert set(result["audit"]) <= fields(name, "audit")


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_fields_of_objects_are_documented(name: str) -> None:
    """As listed, as missing, and as an operation has just made them."""
    resource = RESOURCES[name]()
    documented = fields(name, resource.plural)
    listed = Scene(Listed(), {kind: dict(records) for kind, records in RECORDS.items()}, {}, NOW)
    seen = set(resource.present(item(name), listed))
    for other in ("f@example.com", "off@example.com", WAITING):
        seen |= set(resource.present({**item(name), "key": other}, listed))
    pending = Scene(Listed(), {"invite": RECORDS["invite"]}, {}, NOW)
    seen |= set(resource.present(item(name), pending))
    fresh = Scene(Listed(), {}, {}, NOW)
    seen |= set(resource.present(item(name), fresh))
    remember(fresh, operation("invite"), {**INVITE, "id": 1, "expires_at": "2026-11-04T00:00:00Z"})
    seen |= set(resource.present(item(name), fresh))
    if name == "mailbox":
        for made in _made_with_password(fresh):
            remember(fresh, made, made.after)
        seen |= set(resource.present(item(name), fresh))
    assert seen == documented


def _made_with_password(scene: Scene) -> list[Operation]:
    mailbox = RESOURCES["mailbox"]()
    wanted = {
        "address": ADDRESS,
        "credential": "generated_one_time",
        "seal_to": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "department": "Finance",
        "manager_email": "m@example.net",
        "exception": {
            "reason": "A kiosk without an owner who reads mail",
            "approver": "a@example.net",
            "expires_at": "2026-11-02T00:00:00Z",
            "accept_unforced_rotation": True,
        },
    }
    scene.records["domain"] = {"example.com": {"status": "active"}}
    return mailbox.plan(0, mailbox.normalise(wanted, NOW), scene)


def _params(tmp_path: Path, **more: t.Any) -> dict[str, t.Any]:
    return {"journal_dir": str(tmp_path), "dns_requirements": False, **more}


@pytest.mark.parametrize("driver", [Listed(), Forgetful()])
@pytest.mark.parametrize("name", sorted(set(INFO) - {"request_info"}))
def test_an_info_task_returns_what_is_documented(name: str, driver: Driver, tmp_path: Path) -> None:
    result = INFO[name](_params(tmp_path, owners=["a@example.net"], request_id="R", domains=["example.com"]), driver)
    assert set(result) - COMMON | {"failed_items", "requests"} == set(returned(name))
    for key, value in result.items():
        if str(returned(name).get(key, {}).get("description")).startswith("Items for M("):
            continue  # its fields are options of another module
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, dict) and key != "workarounds":
                assert set(row) <= fields(name, key), key


def test_rows_of_info_tasks_are_documented_completely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is documented that no row has."""
    monkeypatch.setattr(Listed, "dns_requirements", lambda self, domain: [])
    for name, key in (
        ("domain_info", "domains"),
        ("mailbox_info", "mailboxes"),
        ("invite_info", "invites"),
        ("forward_info", "forwards"),
    ):
        result = INFO[name](_params(tmp_path, dns_requirements=True), Listed())
        assert {field for row in result[key] for field in row} == fields(name, key), name


def test_a_request_returns_what_is_documented(tmp_path: Path) -> None:
    """A request that is not there has findings like any other that is wrong."""
    params = _params(
        tmp_path,
        path=str(tmp_path / "none"),
        offline=True,
        alias_check_limit=1,
        max_batch=1,
        review_threshold=1,
        high_risk_local_parts=[],
        role_local_parts=[],
    )
    result = INFO["request_info"](params, Listed())
    assert result["failed"]
    assert set(result) - COMMON | {"failed_items", "requests"} == set(returned("request_info"))
    assert set(result["request"]) == fields("request_info", "request")
    assert set(result["findings"][0]) == fields("request_info", "findings")


def test_a_verification_returns_what_is_documented() -> None:
    """R-LOG-10: every key, of a domain that failed, with what the audit file is told."""
    made = operation()
    subject = Subject(
        "example.com", ADDRESS, checks=[given_check({"domain": "example.com", "check": "dns", "passed": False})]
    )
    report = Report(Plan("acme", "listed@example", [made]), [], [Result(made, "applied")])
    settings = types.SimpleNamespace(seed="s", sample_size=1)
    verdict = Verdict([subject], report.plan, [report], "journal")
    result = result_of(verdict, context(), t.cast(t.Any, settings), lambda: {"GET": 1})
    assert set(result) - COMMON == set(returned(PROBE))
    for key in ("domains", "plan", "failed_items", "audit", "diff"):
        row = result[key][0] if isinstance(result[key], list) else result[key]
        assert set(row) == fields(PROBE, key), key
    for field in result["domains"][0]["checks"][0]:
        assert "C(%s)" % field in str(returned(PROBE)["domains"]["contains"]["checks"]), field
    for change in result["audit"]["changes"]:
        for field in change:
            assert "C(%s)" % field in str(returned(PROBE)["audit"]["contains"]["changes"]), field
    assert set(result["audit"]["failures"][0]) == {"key", "phase", "code"}


def _bare(value: t.Any) -> t.Any:
    """Documentation without its samples, which differ from module to module."""
    if isinstance(value, dict):
        return {key: _bare(entry) for key, entry in value.items() if key != "sample"}
    return value


def test_what_modules_share_is_told_alike() -> None:
    """RETURN has no fragments, so a test keeps the copies equal."""
    shared = [
        {
            key: _bare(value)
            for key, value in returned(name).items()
            if key != resource.plural and key not in resource().summary([])
        }
        for name, resource in sorted(RESOURCES.items())
    ]
    assert all(one == shared[0] for one in shared)
    shared = [{key: _bare(returned(name)[key]) for key in ("failed_items", "requests")} for name in sorted(INFO)]
    assert all(one == shared[0] for one in shared)


@pytest.mark.parametrize("name", MODULES)
def test_every_returned_value_is_explained(name: str) -> None:
    """Whole sentences, a sample for each value, and samples that hold only what is documented."""
    for place, line in texts(returned(name)):
        assert line.strip().endswith("."), "%s: %r" % (place, line)
    for key, value in returned(name).items():
        assert "sample" in value, key
        contains = value.get("contains")
        if contains:
            rows = value["sample"] if value["type"] == "list" else [value["sample"]]
            assert all(set(row) <= set(contains) for row in rows), key
