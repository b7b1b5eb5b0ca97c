# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Freezes: while one holds, nothing is changed under it but what contains an incident (R-IRB-A1, R-RBK-02)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary

# What takes access or a way out of the house away, or only writes down what is there. By action, not by verb: a `record` may
# say that an invite was ended by hand, or that one was sent.
CONTAINMENT = frozenset(
    (
        "mailbox.suspended",
        "session.revoked",
        "app_password.revoked",
        "token.revoked",
        "device.revoked",
        "delegate.revoked",
        "rule.deleted",
        "invite.cancelled",
        "forward.deleted",
        "catch_all.disabled",
        "freeze.set",
        "freeze.lifted",
        "evidence.captured",
        "dns.checked",
        "dns.recorded",
        # The frame of a batch changes nothing itself.
        "offboarding.started",
        "offboarding.closed",
        "rollback.started",
        "rollback.closed",
    )
)

EVERYTHING = "everything"
SCOPES = ("client", "domain", "request", EVERYTHING)


@dataclasses.dataclass(frozen=True)
class Freeze:
    """One freeze as the journal has it.

    :param key: ``client:NAME``, ``domain:NAME``, ``request:ID`` or ``everything``.
    :param by: the human who set it, under the request *request_id*.
    :param state: ``active``, ``expired`` or ``lifted``.
    :param domains: of a frozen client, as far as they were known: a task that names no client does not slip through.
    """

    key: str
    reason: str
    by: str
    request_id: str
    set_at: str
    expires_at: str
    state: str = "active"
    except_requests: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        return self.key.partition(":")[0]

    @property
    def name(self) -> str:
        return self.key.partition(":")[2]

    def covers(self, client: str, request_id: str, domain: str) -> bool:
        """Whether a change for *client* under *request_id* of something on *domain* waits for its end."""
        if request_id in self.except_requests:
            return False
        if self.scope == "request":
            return request_id == self.name
        if self.scope == "domain":
            return domain in Boundary([self.name])
        if self.scope == "client":
            return client == self.name or bool(domain and domain in Boundary(self.domains))
        return True

    def to_dict(self) -> dict[str, t.Any]:
        told = {field: getattr(self, field) for field in ("key", "scope", "name", "state", "reason", "by")}
        times = {field: getattr(self, field) for field in ("request_id", "set_at", "expires_at")}
        return {**told, **times, "except_requests": list(self.except_requests)}


def contains(operation: Operation) -> bool:
    """Whether an operation may be carried out whatever is frozen."""
    return operation.action in CONTAINMENT


def told(freeze: Freeze) -> str:
    """What is frozen, by whom, why and until when."""
    return "%s is frozen until %s by %s (request %s): %s" % (
        ("the %s %s" % (freeze.scope, freeze.name)) if freeze.name else EVERYTHING,
        freeze.expires_at,
        freeze.by or "(unknown)",
        freeze.request_id,
        freeze.reason,
    )


NEXT = (
    "Only what contains an incident runs now. Wait for its end, or have it lifted with mailops.email.freeze state=absent, or have "
    "this request named in its except_requests."
)


def refusal(key: str, freeze: Freeze) -> Refused:
    """Why *key* is not changed now."""
    return Refused("frozen", "%s: %s." % (key, told(freeze).rstrip(".")), NEXT)
