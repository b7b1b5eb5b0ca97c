# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task about DNS works with: the mail provider, who publishes, and eyes; and the baselines that it makes of its options."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.fetching import fetch_text
from ansible_collections.mailops.email.plugins.module_utils.dns.line import normal_address
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import Posture
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import publisher_of
from ansible_collections.mailops.email.plugins.module_utils.dns.routes import judge, routes
from ansible_collections.mailops.email.plugins.module_utils.dns.sources import baseline_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, driver_of

Item = t.Mapping[str, t.Any]


def provider_of(params: Params, *, read_only: bool, progress: Progress) -> Driver:
    """The mail provider; without a token nobody is asked what the domains need, and the journal says ``dns`` in its place."""
    if not params.get("api_token"):
        return JournalOnly("dns")
    return driver_of(params, read_only=read_only, progress=progress)


def eyes_of(params: Params) -> WireEyes:
    """:raises Refused: ``resolver_invalid`` for a server that is no address."""
    resolver = params.get("resolver") or {}
    try:
        return WireEyes(resolver.get("servers") or None, timeout=float(resolver.get("timeout") or 5))
    except ValueError as error:
        raise Refused("resolver_invalid", "A resolver %s." % error, "Write address, or address@port.") from error


def authorities_of(params: Params) -> tuple[str, ...]:
    """Servers that are asked in place of those that the zones name.

    :raises Refused: ``resolver_invalid``; it would look like a server that does not answer.
    """
    try:
        return tuple(normal_address(one) for one in (params.get("resolver") or {}).get("authoritative") or ())
    except ValueError as error:
        raise Refused("resolver_invalid", "A name server %s." % error, "Write address, or address@port.") from error


def attach_publisher(params: Params, driver: Driver, eyes: WireEyes, *, read_only: bool, progress: Progress) -> None:
    """Let who publishes stand beside the provider, where one is named."""
    config = params.get("publisher")
    if not config:
        return
    driver.dns = publisher_of(
        config,
        read_only=read_only,
        progress=progress,
        eyes=eyes,
        driver=driver,
        timeout=float(params["timeout"]),
        validate_certs=params["validate_certs"],
        ca_path=params.get("ca_path") or "",
        wait=float(params.get("wait") or 0),
        authoritative=authorities_of(params),
    )


class Baselines:
    """The baselines of a task's items; what the provider asks for is read for all of them at once."""

    def __init__(self, driver: Driver, items: t.Sequence[Item]) -> None:
        self._driver = driver
        self._rows: dict[str, list[dict[str, t.Any]] | MailopsError] = {}
        names = [item["name"] for item in items if item.get("provider_records") is not False]
        if isinstance(driver, JournalOnly) or not names:
            return
        driver.observe("domain", ())
        with concurrent.futures.ThreadPoolExecutor(max(1, min(driver.concurrency, len(names)))) as pool:
            self._rows = dict(zip(names, pool.map(self._read, names), strict=True))

    def _read(self, name: str) -> list[dict[str, t.Any]] | MailopsError:
        try:
            return self._driver.dns_requirements(name)
        except MailopsError as error:
            return error

    def of(self, item: Item) -> Baseline:
        """:raises MailopsError: when the provider does not tell, or the options are no baseline."""
        rows = self._rows.get(item["name"], [])
        if isinstance(rows, MailopsError):
            if rows.code != "not_found":
                raise rows
            raise Refused(
                "domain_missing",
                "%s: the domain is not in this provider account (or not visible to this token)." % item["name"],
                "Add it with mailops.email.domain first, or set provider_records to false for a domain of another provider.",
            )
        return baseline_of(item, rows, item["name"])


def fetch_of(params: Params) -> t.Callable[[str], str] | None:
    """Gets the policy file of MTA-STS, where that is wanted."""
    if not (params.get("resolver") or {}).get("https", True):
        return None
    return fetch_text


def with_routes(driver: Driver, items: t.Sequence[Item], postures: t.Sequence[Posture]) -> list[Posture]:
    """Postures with what arrives elsewhere than the items say (R-PAT-15); the provider is asked where one of them says something.

    :raises ProviderError: when a listing cannot be had.
    """
    expected = {item["name"]: _expected(item) for item in items if item.get("routes")}
    if not expected or isinstance(driver, JournalOnly):
        return list(postures)
    names = set(expected)
    mailboxes = driver.observe("mailbox", names)
    named = {one.lower() for ways in expected.values() for address, ends in ways.items() for one in (address, *ends)}
    asked = names | (named & set(mailboxes))
    published = routes(
        mailboxes,
        driver.observe("alias", asked | set(mailboxes)),
        driver.observe("forward", asked),
        driver.observe("catch_all", names),
    )
    return [
        dataclasses.replace(one, findings=(*one.findings, *judge(expected.get(one.domain, {}), published)))
        for one in postures
    ]


def _expected(item: Item) -> dict[str, list[str]]:
    """:raises Refused: ``routes_invalid`` unless it is a list of addresses for each."""
    found = {}
    for address, ends in item["routes"].items():
        if not isinstance(ends, list) or not all(isinstance(one, str) and "@" in one for one in (address, *ends)):
            raise Refused(
                "routes_invalid",
                "%s: the route of %s is no list of addresses." % (item["name"], address),
                "Write routes as {sales@example.com: [ann@example.com]}.",
            )
        found[address] = ends
    return found
