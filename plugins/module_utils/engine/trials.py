# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that a verification makes of one domain, while its probe mailbox is open and once it is closed."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import Subject
from ansible_collections.mailops.email.plugins.module_utils.probe import checks
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint, ProbeError
from ansible_collections.mailops.email.plugins.module_utils.probe.imap import ImapSession
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account
from ansible_collections.mailops.email.plugins.module_utils.probe.mx import mail_servers
from ansible_collections.mailops.email.plugins.module_utils.probe.run import Task

# A report of failed delivery comes from the platform's own server, and soon or never.
BOUNCE_SECONDS = 15.0
# How long a server may go on remembering a login that was good.
CACHE_SECONDS = 15.0
# A provider that sets a password later is asked so often.
_SLOW_POLL_SECONDS = 3.0


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where and how to try.

    :param inbound: where the domains' mail goes in; None for each domain's own MX.
    :param inbound_mx: the endpoint of an MX, but for its host.
    :param outbound: an address elsewhere that mail is sent to.
    :param proof: ``accepted`` or ``echo``, see the check ``outbound``.
    :param wait: seconds to wait for a message.
    """

    imap: Endpoint
    submission: Endpoint
    inbound: Endpoint | None
    inbound_mx: t.Callable[[str], Endpoint]
    outbound: str
    proof: str
    sender: str
    seed: str
    lmtp: bool = False
    local_part: str = "mailops-probe"
    sample_size: int = 1
    wait: float = checks.WAIT_SECONDS
    concurrency: int = 8


class Trials:
    """Makes the tasks of all checks.

    :param can_end: whether the platform can end open sessions.
    :param about: a line in each message, for a person who finds it.
    """

    def __init__(self, settings: Settings, can_end: bool, about: str) -> None:
        self._settings = settings
        self._can_end = can_end
        self._about = about

    def while_open(self, subjects: list[Subject]) -> list[Task]:
        tasks = []
        for one in subjects:
            if one.account is None:
                continue
            for name, call in (
                ("login", self._login),
                ("submission", self._submission),
                ("outbound", self._outbound),
                ("inbound", self._inbound),
                ("recipients", self._recipients),
            ):
                tasks.append(_task(one, name, call))
        return tasks

    def once_closed(self, subjects: list[Subject]) -> list[Task]:
        tasks = []
        for one in subjects:
            if one.account is None:
                continue
            for name, call in (
                ("login_refused", self._login_refused),
                ("submission_refused", self._submission_refused),
                ("session_ended", self._session_ended),
            ):
                tasks.append(_task(one, name, call))
        return tasks

    def _login(self, one: Subject, account: Account) -> Check:
        ends = time.monotonic() + (self._settings.wait if one.slow else 0)
        while True:
            check = checks.login(one.domain, self._settings.imap, account)
            if check.passed or time.monotonic() > ends:
                break
            time.sleep(_SLOW_POLL_SECONDS)
        if check.passed:
            # Kept, to see it die; what fails here is told by the check of that
            with contextlib.suppress(ProbeError):
                one.session = ImapSession(self._settings.imap, account)
        return check

    def _submission(self, one: Subject, account: Account) -> Check:
        return checks.submission(one.domain, self._settings.submission, account, about=self._about)

    def _outbound(self, one: Subject, account: Account) -> Check:
        wait = self._settings.wait
        return checks.outbound(
            one.domain,
            self._settings.submission,
            account,
            self._settings.outbound,
            proof=self._settings.proof,
            imap=self._settings.imap,
            wait=wait if self._settings.proof == "echo" else min(wait, BOUNCE_SECONDS),
            about=self._about,
        )

    def _inbound(self, one: Subject, account: Account) -> Check:
        def ask(endpoint: Endpoint) -> Check:
            settings = self._settings
            return checks.inbound(
                one.domain,
                endpoint,
                settings.sender,
                account,
                settings.imap,
                wait=settings.wait,
                lmtp=settings.lmtp,
                about=self._about,
            )

        return self._by_mx(one, ask)

    def _recipients(self, one: Subject, account: Account) -> Check:
        def ask(endpoint: Endpoint) -> Check:
            return checks.recipients(one.domain, endpoint, one.sample, self._settings.sender, lmtp=self._settings.lmtp)

        return self._by_mx(one, ask)

    def _by_mx(self, one: Subject, ask: t.Callable[[Endpoint], Check]) -> Check:
        """The next server is asked only when one cannot be reached at all (RFC 5321 section 5.1).

        :raises ProbeError: when the domain's MX cannot be found.
        """
        if self._settings.inbound is not None:
            return ask(self._settings.inbound)
        found: Check | None = None
        for host in mail_servers(one.domain, self._settings.imap.timeout):
            found = ask(self._settings.inbound_mx(host))
            if found.diagnosis.kind not in ("network", "dns"):
                break
        if found is None:
            raise ProbeError(outcome("dns_not_found"))
        return found

    def _login_refused(self, one: Subject, account: Account) -> Check:
        return checks.login_refused(one.domain, self._settings.imap, account, self._short())

    def _submission_refused(self, one: Subject, account: Account) -> Check:
        return checks.submission_refused(one.domain, self._settings.submission, account, self._short())

    def _session_ended(self, one: Subject, account: Account) -> Check:
        if one.session is None:
            said = outcome("nothing_to_check", "no session was open")
            return Check(one.domain, "session_ended", None, self._settings.imap.target, said.code, said)
        return checks.session_ended(one.domain, one.session, self._can_end, self._short() if self._can_end else 0)

    def _short(self) -> float:
        return min(self._settings.wait, CACHE_SECONDS)


def _task(one: Subject, name: str, call: t.Callable[[Subject, Account], Check]) -> Task:
    account = t.cast(Account, one.account)
    return Task(one.domain, name, lambda: call(one, account))
