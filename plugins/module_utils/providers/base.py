# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a driver is: listings, operations, batches where the provider has them, and honest capabilities."""

from __future__ import annotations

import abc
import collections
import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.records import RecordWriter

Record = dict[str, t.Any]


class CapabilityError(MailopsError):
    """The provider cannot do what was asked (design §4.9)."""


@dataclasses.dataclass(frozen=True)
class Connection:
    """How to reach a provider's account.

    :param timeout: seconds for one answer.
    :param deadline: seconds for one request with all its retries and waits.
    :param requests_per_minute: pace over all forks of all runs on this controller; 0 is as fast as the provider lets us.
    :param concurrency: independent requests at a time.
    :param pace_dir: folder in which forks share what the provider said about waiting; empty for none.
    :param doveadm_url: Dovecot's doveadm over HTTP, empty when sessions cannot be seen or ended there.
    """

    api_url: str
    api_token: str = dataclasses.field(repr=False)
    timeout: float = 30.0
    deadline: float = 300.0
    validate_certs: bool = True
    ca_path: str = ""
    requests_per_minute: int = 0
    concurrency: int = 8
    pace_dir: str = ""
    doveadm_url: str = ""
    doveadm_key: str = dataclasses.field(default="", repr=False)


class Progress:
    """Where long work reports to; this one is silent."""

    def start(self, what: str, total: int) -> None:
        """A phase of *total* steps begins."""

    def advance(self, count: int) -> None:
        """*count* steps are done."""

    def waiting(self, why: str, seconds: float) -> None:
        """Nothing happens for *seconds*, because of *why*."""

    def note(self, text: str) -> None:
        """Something a person should see now."""


class Port(t.Protocol):
    """What the engine reads from and writes to: a driver, or what stands beside it for one kind of object."""

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]: ...

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]: ...


class Sessions(Port, t.Protocol):
    """Open mail sessions of addresses, where a platform lets us see and end them; the kind is ``session``."""

    capabilities: t.ClassVar[frozenset[str]]

    @property
    def request_counts(self) -> collections.Counter[str]: ...

    def close(self) -> None: ...


class DnsHost(Port, t.Protocol):
    """Who publishes record sets: a publisher of ``dns/publishers``, which stands beside the mail provider; the kind is ``record_set``.

    :cvar capabilities: ``record_set.set`` and ``record_set.remove`` where it can write.
    :ivar account: ``<publisher>@<host>``.
    :ivar lands_within: as of `Driver`.
    """

    capabilities: t.ClassVar[frozenset[str]]
    lands_within: float

    @property
    def account(self) -> str: ...

    @property
    def request_counts(self) -> collections.Counter[str]: ...

    def zone_of(self, domain: str) -> str: ...

    def batch_key(self, operation: Operation) -> t.Hashable | None: ...

    def batch_size(self, kind: str, verb: str) -> int: ...

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]: ...

    def close(self) -> None: ...


class Driver(abc.ABC):
    """One provider.

    Made with a `Connection` and, by keyword, ``read_only`` (check mode), ``progress`` and ``user_agent``.

    Operations name objects by natural key; the driver finds the provider's ids, from its listings and from what it
    has created itself. An operation's capability is ``<kind>.<verb>``; one with the verb ``record`` is the journal's own
    and never reaches a driver.

    :cvar default_api_url: where the API is when nobody says otherwise; empty where everybody has an installation.
    :cvar capabilities: what the provider can do by API.
    :cvar workarounds: capability -> what an operator can do instead, for those that people will look for.
    :cvar invite_form: how an owner gets in first: ``setup_link`` (the provider's invite, the mailbox comes into being when
        it is redeemed), ``recovery_link`` (the mailbox is made with a secret that nobody keeps, and the platform's own
        recovery mails a link to the owner), or empty when there is no such way.
    :cvar invite_hours: how long a link is good for where the provider alone decides, None where we say.
    :cvar reads_back: a good answer does not prove the state, so the engine reads every write back.
    :cvar suspend_ends_sessions: the provider ends open sessions itself when it suspends a login.
    :cvar suspend_revokes: kinds of access paths that are gone for good when it suspends a login.
    :cvar suspension_feeds_catch_all: mail for a suspended mailbox goes to the catch-all of its domain, whoever has that.
    :cvar no_such_paths: kinds of access paths that the platform does not have at all, so that nobody need look for them.
    :cvar keeps_last_member: a shared mailbox cannot lose the last of its members.
    :ivar record_writer: where the provider itself writes into connected DNS hosts.
    :ivar unseen: by kind, why this token is not shown the access paths of a kind; filled by `observe`.
    :ivar lands_within: seconds in which a request that nobody waits for any more may still be carried out.
    :cvar new_domain_status: status of a domain that was just added.
    :cvar alias_flags: ``can_receive`` and ``can_send`` of every alias where the provider does not let us choose.
    """

    name: t.ClassVar[str]
    default_api_url: t.ClassVar[str] = ""
    capabilities: t.ClassVar[frozenset[str]]
    workarounds: t.ClassVar[t.Mapping[str, str]] = {}
    invite_form: t.ClassVar[str] = ""
    invite_hours: t.ClassVar[t.Optional[int]] = None
    reads_back: t.ClassVar[bool] = False
    suspend_ends_sessions: t.ClassVar[bool] = False
    suspend_revokes: t.ClassVar[frozenset[str]] = frozenset()
    suspension_feeds_catch_all: t.ClassVar[bool] = False
    no_such_paths: t.ClassVar[frozenset[str]] = frozenset()
    keeps_last_member: t.ClassVar[bool] = False
    new_domain_status: t.ClassVar[str] = "active"
    alias_flags: t.ClassVar[t.Optional[t.Mapping[str, bool]]] = None
    concurrency: int = 1
    lands_within: float = 0.0
    record_writer: t.Optional[RecordWriter] = None
    sessions: t.Optional[Sessions] = None
    dns: t.Optional[DnsHost] = None
    unseen: t.Mapping[str, str] = {}

    def can(self, capability: str) -> bool:
        return capability in self.all_capabilities

    @property
    def all_capabilities(self) -> frozenset[str]:
        """The provider's own, and those of what stands beside it."""
        beside = [one.capabilities for one in (self.sessions, self.dns) if one]
        return self.capabilities.union(*beside)

    def port(self, kind: str) -> Port:
        """Who lists and changes objects of *kind*."""
        return self._dns_for(kind) or (self.sessions if kind == "session" else None) or self

    def _dns_for(self, kind: str) -> DnsHost | None:
        return self.dns if kind == "record_set" else None

    def shared_call(self, operation: Operation) -> t.Hashable | None:
        """`batch_key`, asked of whoever carries *operation* out."""
        return (self._dns_for(operation.kind) or self).batch_key(operation)

    def call_size(self, kind: str, verb: str) -> int:
        """`batch_size`, asked in the same way."""
        return (self._dns_for(kind) or self).batch_size(kind, verb)

    def settles_within(self, kind: str) -> float:
        """`lands_within`, asked in the same way."""
        return (self._dns_for(kind) or self).lands_within

    def foreseen(self, operations: t.Sequence[Operation]) -> list[str]:
        """`foresee`, asked in the same way."""
        warnings = self.foresee([one for one in operations if one.kind != "record_set"])
        records = [one for one in operations if one.kind == "record_set"]
        return warnings + (self.dns.foresee(records) if self.dns and records else [])

    def require(self, capability: str, key: str, detail: str = "") -> None:
        """Refuse what the provider cannot do, and say what can be done instead.

        :raises CapabilityError:
        """
        if self.can(capability):
            return
        raise CapabilityError(
            "capability_missing",
            "%s: the provider %s has no %s by API.%s" % (key, self.name, capability, " " + detail if detail else ""),
            self.workarounds.get(capability, "Leave the option out, or do it in the provider's own control panel."),
        )

    @property
    @abc.abstractmethod
    def account(self) -> str:
        """``<driver>@<host>``: which account's objects a journal line speaks of."""

    @property
    @abc.abstractmethod
    def request_counts(self) -> collections.Counter[str]:
        """Requests sent so far, by method."""

    @abc.abstractmethod
    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        """Records of *kind* in normal form, by natural key.

        :param kind: ``domain``, ``mailbox``, ``alias``, ``forward``, ``catch_all``, ``account``, or where the provider has
            them ``invite``, ``app_password``, ``token``, ``delegate``, ``device`` and ``rule``.
        :param scope: domains, or for ``alias`` and the access paths addresses of mailboxes; for ``domain`` and ``account``
            it is ignored.
        """

    def adopt(self, kind: str, records: t.Mapping[str, Record]) -> None:
        """Learn provider ids from records that were observed a moment ago by another task."""

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        """What the provider will do on the side: fills `Operation.collateral` and returns warnings for the plan.

        Reads only; called after planning, in a dry run as well.

        :raises MailopsError: when the provider's settings make an operation unsafe.
        """
        return []

    @abc.abstractmethod
    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        """Carry out operations of one batch, or a single one; one result each, in order. Raises nothing of its own."""

    def dns_requirements(self, domain: str) -> list[dict[str, t.Any]]:
        """DNS records that the provider wants for a domain, in the provider's own form.

        :raises CapabilityError: when it does not tell.
        """
        self.require("domain.dns_requirements", domain)
        return []

    def batch_key(self, operation: Operation) -> t.Hashable | None:
        """Operations with an equal key may share a call; None means a call of its own."""
        return None

    def batch_size(self, kind: str, verb: str) -> int:
        """How many operations one call takes."""
        return 1

    def replay_hours(self) -> int:
        """For how long the provider knows an idempotency key; 0 when it knows none."""
        return 0

    def requests(self) -> dict[str, int]:
        """Requests sent so far, by method, those of what stands beside the provider too."""
        total = collections.Counter(self.request_counts)
        for one in (self.sessions, self.dns):
            total += one.request_counts if one else collections.Counter()
        return dict(total)

    def close(self) -> None:
        """Let go of connections."""
        for one in (self.sessions, self.dns):
            if one:
                one.close()
