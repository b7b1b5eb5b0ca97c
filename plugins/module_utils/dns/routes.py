# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where mail for an address arrives, held against where it should (R-PAT-15: a route to the wrong mailbox). Asks nobody."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding

Records: t.TypeAlias = "t.Mapping[str, t.Mapping[str, t.Any]]"
# An alias of an alias, and so on, before it is called a circle.
HOPS = 10


def routes(
    mailboxes: Records,
    aliases: Records | None = None,
    forwards: Records | None = None,
    catch_alls: Records | None = None,
) -> Routes:
    """The routes at the provider, of its records in normal form, as a driver's listings give them: by address, or by domain.

    :param aliases: each with ``mailbox``.
    :param forwards: each with ``targets``, ``state`` and, of a mailbox, ``keep_copy``.
    :param catch_alls: each with ``enabled`` and ``destination``.
    """
    own = {address.lower() for address, one in mailboxes.items() if one.get("state") != "trashed"}
    ways = {
        address.lower(): {str(one["mailbox"]).lower()}
        for address, one in (aliases or {}).items()
        if one.get("can_receive") is not False
    }
    for key, one in (forwards or {}).items():
        address = key.lower()
        if one.get("state", "present") != "present":
            # A paused address bounces; the mailbox behind it, if there is one, takes its mail.
            continue
        kept = {address} if one.get("keep_copy") and address in own else set()
        ways[address] = {str(target).lower() for target in one.get("targets") or ()} | kept
    rests = {
        domain.lower(): str(one["destination"]).lower()
        for domain, one in (catch_alls or {}).items()
        if one.get("enabled", True) and one.get("destination")
    }
    return Routes(own, ways, rests)


class Routes:
    """Where mail goes."""

    def __init__(self, mailboxes: set[str], ways: dict[str, set[str]], rests: dict[str, str]) -> None:
        self._mailboxes, self._ways, self._rests = mailboxes, ways, rests
        self._domains = {address.rpartition("@")[2] for address in (*mailboxes, *ways)} | set(rests)

    def ends(self, address: str, hops: int = HOPS) -> set[str]:
        """The addresses at which mail for *address* comes to rest, those of other providers among them."""
        address = address.lower()
        if address not in self._ways:
            outside = address.rpartition("@")[2] not in self._domains
            return {address} if outside or address in self._mailboxes else set()
        found_ones: set[str] = set()
        for one in self._ways[address] if hops else ():
            found_ones |= {one} if one == address else self.ends(one, hops - 1)
        return found_ones

    def rest(self, address: str) -> str:
        """Where the catch-all of its domain takes it."""
        return self._rests.get(address.lower().rpartition("@")[2], "")


def judge(expected: t.Mapping[str, t.Collection[str]], published: Routes) -> list[DnsFinding]:
    """What arrives elsewhere than approved.

    :param expected: by address, where its mail should come to rest.
    """
    findings = []
    for address, targets in sorted(expected.items()):
        wanted = {target.lower() for target in targets}
        ends, rest = published.ends(address), published.rest(address)
        if ends == wanted:
            continue
        code, evidence = "route_wrong_mailbox", "It arrives at %s." % ", ".join(sorted(ends))
        if not ends:
            caught = published.ends(rest) if rest else set()
            code = "route_missing" if not rest else "route_catch_all" if caught == wanted else "route_wrong_mailbox"
            evidence = "Nothing but the catch-all takes it, to %s." % rest if rest else "It leads nowhere."
        shown = ", ".join(sorted(wanted)) or "nowhere"
        findings.append(found(code, address, "%s Approved is %s." % (evidence, shown), expected=shown))
    return findings
