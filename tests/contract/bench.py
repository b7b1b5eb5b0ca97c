# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the engine over a driver as tasks do, one after the other, and looks at what came of it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fakes import RECIPIENT, Desk, exception
from grounds import Ground
from normal_forms import wrong

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Report
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record

KINDS = ("alias", "forward", "catch_all")
PATHS = ("app_password", "token", "delegate", "device", "rule")
Item = dict[str, Any]


class Bench:
    """``secrets`` holds every secret that passed by; ``sent`` the operations of the last run, in the order of the calls."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self.ground = ground
        self.folder = folder
        self.desk = Desk(folder)
        self.secrets: set[str] = set()
        self.sent: list[list[Operation]] = []
        self._open: list[Driver] = []
        self._names = 0

    def close(self) -> None:
        for driver in self._open:
            driver.close()

    def connect(self, **options: Any) -> Driver:
        """A fresh driver, which listens for secrets."""
        driver = self.ground.connect(**options)
        self._open.append(driver)
        apply = driver.apply

        def listening(operations: Sequence[Operation], key: str) -> list[Result]:
            self.sent.append(list(operations))
            self.secrets.update(one.secret for one in operations if one.secret)
            results = apply(operations, key)
            self.secrets.update(one.secret for one in results if one.secret)
            return results

        driver.apply = listening  # type: ignore[method-assign]
        return driver

    def can(self, capability: str) -> bool:
        return self.connect().can(capability)

    # running

    def attempt(self, kind: str, *items: Item, driver: Driver | None = None, **context: Any) -> Report:
        """One task, whatever comes of it."""
        self.sent = []
        return self.desk.run(driver or self.connect(), *items, kind=kind, **context)

    def run(self, kind: str, *items: Item, **more: Any) -> Report:
        """One task that has to succeed."""
        report = self.attempt(kind, *items, **more)
        assert [failure.to_dict() for failure in report.failures] == []
        assert report.fatal is None and report.not_attempted == []
        assert [result.status for result in report.results] == ["applied"] * len(report.plan.operations)
        return report

    def settle(self, kind: str, *items: Item) -> Report:
        """One task that has something to do and does what its dry run said, and a second one that sends nothing."""
        foretold = self.run_dry(kind, *items)
        report = self.run(kind, *items)
        assert report.plan.operations
        assert [one.summary() for one in foretold.plan.operations] == [one.summary() for one in report.plan.operations]
        again = self.connect()
        second = self.run(kind, *items, driver=again)
        assert second.plan.operations == [] and writes(again) == 0
        return report

    def run_dry(self, kind: str, *items: Item) -> Report:
        """The same in check mode, in which nothing may be sent."""
        driver = self.connect(read_only=True)
        report = self.attempt(kind, *items, driver=driver, check_mode=True)
        assert [failure.to_dict() for failure in report.failures] == [] and writes(driver) == 0
        return report

    def refused(self, kind: str, *items: Item) -> Report:
        """A task that must be refused before anything is sent."""
        driver = self.connect()
        report = self.attempt(kind, *items, driver=driver)
        assert report.failures and report.results == [] and writes(driver) == 0
        return report

    # looking

    def seen(self, kind: str, *scope: str) -> dict[str, Record]:
        """What a task that comes anew would observe, in normal form."""
        driver = self.connect()
        # as the resources do: domains first, then mailboxes, whose ids some providers need for the rest
        if kind in (*KINDS, "administrator", *PATHS):
            driver.observe("domain", set())
            driver.observe("mailbox", {one.rpartition("@")[2] for one in scope})
        records = driver.port(kind).observe(kind, set(scope))
        found = {key: wrong(kind, key, record) for key, record in records.items()}
        assert {key: what for key, what in found.items() if what} == {}
        return records

    def box_record(self, address: str) -> Record | None:
        return self.seen("mailbox", address.rpartition("@")[2]).get(address)

    def around(self, domain: str, *mailboxes: str) -> dict[tuple[str, str], Record]:
        """All that stands round mailboxes, by kind and key."""
        scope = {domain, *mailboxes}
        return {(kind, key): record for kind in KINDS for key, record in self.seen(kind, *scope).items()}

    # making

    def box(self, domain: str = "", local: str = "") -> str:
        """A mailbox that somebody owns, made by nobody's code but the provider's."""
        self._names += 1
        address = "%s@%s" % (local or "box%d" % self._names, domain or self.ground.domain())
        self.ground.mailbox(address)
        return address

    def made_box(self, domain: str, local: str, **more: Any) -> Item:
        """An item that makes a mailbox without an invite."""
        allowed = exception()
        if not self.can("mailbox.forced_change"):
            allowed["accept_unforced_rotation"] = True  # type: ignore[assignment]
        made = {"address": "%s@%s" % (local, domain), "owner_email": local + "@home.example", "seal_to": RECIPIENT}
        return {**made, "credential": "generated_one_time", "exception": allowed, **more}

    def change(self, kind: str, verb: str, key: str) -> Operation:
        """A change of a mailbox, as a plan would hold it."""
        after = {
            "suspend": {"state": "suspended", "suspended": "login"},
            "pause": {"state": "suspended", "suspended": "all"},
        }.get(verb, {"display_name": "Ann"})
        return operation(kind, verb, key, after)

    def invited(self, domain: str, local: str, **more: Any) -> Item:
        return {"address": "%s@%s" % (local, domain), "owner_email": local + "@home.example", **more}

    def last_state(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.rglob("*.jsonl")))


def writes(driver: Driver) -> int:
    """Changes that a driver has sent; one that only asks by POST, as doveadm does, is none."""
    return sum(count for method, count in driver.request_counts.items() if method not in ("GET", "HEAD"))


def governed(**more: Any) -> Item:
    return {"owner": "mira@agency.example", "purpose": "a move", "expires_at": in_days(30), **more}


def in_days(days: int) -> str:
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return end.strftime("%Y-%m-%dT00:00:00Z")


def operation(kind: str, verb: str, key: str, after: Record | None = None, before: Record | None = None) -> Operation:
    return Operation(0, kind, verb, key, "%s.changed" % kind, before, after)


def new_key() -> str:
    """An idempotency key: never the same twice, whichever test asks."""
    return str(uuid.uuid4())


def codes(results: Sequence[Result]) -> list[str]:
    return [result.error.code if result.error else "" for result in results]


def stops(result: Result) -> bool:
    return isinstance(result.error, ProviderError) and result.error.stop
