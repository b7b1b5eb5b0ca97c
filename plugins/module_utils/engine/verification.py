# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies domains: opens their probe mailboxes, tries mail both ways, closes them, and proves that they are closed.

R-SCOPE-09, R-DNS-25, R-SMTP-05, R-SMTP-06, R-RBK-06. The mailboxes are opened and closed by the engine and its journal
like anything else; the secret is in memory only, and whatever happens in between they are closed again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine import verdict
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.state import observed_state
from ansible_collections.mailops.email.plugins.module_utils.engine.trials import Settings, Trials
from ansible_collections.mailops.email.plugins.module_utils.engine.turn import Desk, turn_of
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import Subject, Verdict
from ansible_collections.mailops.email.plugins.module_utils.journal import known_good
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Plan, Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import lookup_imap
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account
from ansible_collections.mailops.email.plugins.module_utils.probe.run import Task, run_all
from ansible_collections.mailops.email.plugins.module_utils.probe.sample import sample
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.resources.probe_mailbox import ProbeMailbox

_CLOSE_TRIES = 3
_NOT_SENT = MailopsError("not_sent", "The probe mailbox was not opened, because the run was stopped.", "Verify again.")


class Verification:
    """One run over the domains of a client.

    :param store: the journal; snapshots of what passed are kept beside it.
    """

    def __init__(
        self, driver: Driver, context: Context, settings: Settings, *, store: Store, progress: Progress
    ) -> None:
        self._driver = driver
        self._context = context
        self._settings = settings
        self._progress = progress
        self._reports: list[Report] = []
        can_end = driver.can("session.revoke") or driver.suspend_ends_sessions
        self._trials = Trials(settings, can_end, "Request %s." % context.request_id)
        self._desk = Desk(ProbeMailbox(), driver, context, store, None, progress)

    def run(self, domains: t.Sequence[str], given: t.Iterable[Check] = ()) -> Verdict:
        """Verify *domains*; in a dry run say what would be changed.

        :param given: what other modules found of these domains.
        :raises MailopsError: before anything was changed, or when the events cannot be written.
        """
        subjects = [Subject(name, "%s@%s" % (self._settings.local_part, name)) for name in domains]
        try:
            self._try_all(subjects)
        finally:
            self._forget(subjects)
        by_domain = {one.domain: one for one in subjects}
        for check in given:
            by_domain[check.domain].checks.append(check)
        operations = [operation for report in self._reports for operation in report.plan.operations]
        warnings = [text for report in self._reports for text in report.plan.warnings]
        plan = Plan(self._context.client, self._driver.account, operations, list(dict.fromkeys(warnings)))
        journal = turn_of(self._desk).note(lambda: self._events(subjects), plan.digest)
        return Verdict(subjects, plan, self._reports, journal)

    # ---- the order of things

    def _try_all(self, subjects: list[Subject]) -> None:
        opening = True
        try:
            self._open(subjects)
            opening = False
            self._collect(self._trials.while_open(subjects), subjects)
        except BaseException as error:
            # Nobody waits for proof any more, but what was opened is closed; a refusal has opened nothing
            if not (opening and isinstance(error, MailopsError)):
                self._surely("close", subjects)
                self._surely("discard", subjects)
            raise
        self._surely("close", subjects)
        try:
            self._collect(self._trials.once_closed(subjects), subjects)
        finally:
            # Ends the secret that this run had, too
            self._surely("discard", subjects)
        for one in subjects:
            if one.touched:
                one.checks.append(_closed(one))

    def _open(self, subjects: list[Subject]) -> None:
        """Domains of which the probe mailbox is refused are left out; any other refusal ends the task unchanged."""
        report = self._phase("open", subjects, self._context)
        wrong = [failure.error for failure in report.failures if failure.phase == "validate"]
        if wrong:
            raise Refused(wrong[0].code, " ".join(error.message for error in wrong), wrong[0].hint)
        refused = {failure.key: failure.error for failure in report.failures if failure.phase == "plan"}
        if refused:
            self._reports.pop()
            for one in subjects:
                if one.address in refused:
                    one.refused = True
                    one.checks.append(verdict.refusal(one.domain, "probe_mailbox", one.address, refused[one.address]))
            left = [one for one in subjects if not one.refused]
            if not left:
                return
            report = self._phase("open", left, self._context)
        self._take_accounts(report, subjects)

    def _take_accounts(self, report: Report, subjects: list[Subject]) -> None:
        """The secrets of what was opened whole. The rest fails, and is closed like all."""
        secrets = {
            result.operation.key: result for result in report.results if result.operation.secret and not result.error
        }
        errors = {failure.key: failure.error for failure in report.failures}
        # What was never sent, because of the others, has their reason
        for operation in report.not_attempted:
            errors.setdefault(operation.key, report.fatal or next(iter(errors.values()), _NOT_SENT))
        tried = {result.operation.key for result in report.results if result.status != "predicted"}
        objects = {one["address"]: one for one in report.objects}
        for one in subjects:
            found = objects.get(one.address, {})
            one.state = str(found.get("state", ""))
            one.sample = sample(
                found.get("candidates", ()), self._settings.sample_size, self._settings.seed, one.domain
            )
            one.touched = one.address in tried
            if one.address in errors:
                error = errors[one.address]
                one.checks.append(verdict.refusal(one.domain, "probe_mailbox", one.address, error))
            elif one.address in secrets:
                result = secrets[one.address]
                one.account = Account(one.address, result.operation.secret)
                one.slow = result.http.get("status") == 202

    def _surely(self, step: str, subjects: list[Subject]) -> None:
        """Never raises for a failure: each subject keeps its own, and the others are closed all the same."""
        mine = [one for one in subjects if not one.refused]
        if not mine:
            return
        # A limit that let them be opened must not keep them from being closed
        context = dataclasses.replace(self._context, max_changes=None)
        try:
            report = self._phase(step, mine, context, _CLOSE_TRIES)
        except MailopsError as error:
            for one in mine:
                one.fault = one.fault or error
            return
        failures = {failure.key: failure.error for failure in report.failures}
        for one in mine:
            one.fault = one.fault or failures.get(one.address) or report.fatal

    def _phase(self, step: str, subjects: list[Subject], context: Context, tries: int = 1) -> Report:
        desk = self._desk
        engine = Engine(desk.resource, self._driver, context, store=desk.store, progress=self._progress, snapshot="")
        while True:
            tries -= 1
            try:
                report = engine.run([{"address": one.address, "step": step} for one in subjects])
                break
            except Refused as error:
                if error.code != "locked_by" or tries <= 0:
                    raise
        self._reports.append(report)
        return report

    def _forget(self, subjects: list[Subject]) -> None:
        for one in subjects:
            if one.session is not None:
                with contextlib.suppress(Exception):
                    one.session.close()
            one.session = one.account = None
        for report in self._reports:
            for operation in report.plan.operations:
                operation.secret = ""

    def _collect(self, tasks: list[Task], subjects: list[Subject]) -> None:
        by_domain = {one.domain: one for one in subjects}
        for check in run_all(tasks, self._settings.concurrency, self._progress):
            by_domain[check.domain].checks.append(check)

    # ---- the record

    def _events(self, subjects: list[Subject]) -> list[dict[str, t.Any]]:
        """A snapshot is kept of what passed only, and what cannot be kept has not passed."""
        passed = [one for one in subjects if one.passed]
        if passed:
            try:
                states = observed_state(self._driver, [one.domain for one in passed])
                for one in passed:
                    one.known_good = known_good.keep(
                        self._desk.store, self._driver.account, one.domain, states[one.domain]
                    )
            except MailopsError as error:
                for one in passed:
                    one.known_good = None
                    one.checks.append(verdict.refusal(one.domain, "known_good", "", error))
        size = self._settings.sample_size
        return [verdict.verification_event(self._context, one, self._settings.seed, size) for one in subjects]


def _closed(one: Subject) -> Check:
    if one.fault is None:
        said = dataclasses.replace(lookup_imap("OK"), code="OK")
        return Check(one.domain, "closed", True, one.address, said.code, said)
    error = MailopsError(
        one.fault.code,
        "The probe mailbox may still be open, though nobody knows its secret: %s" % one.fault.message,
        "Verify again, which closes it first, or suspend it with mailops.email.mailbox. %s" % one.fault.hint,
    )
    return verdict.refusal(one.domain, "closed", one.address, error)
