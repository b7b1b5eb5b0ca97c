# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain types that every floor shares. Knows neither Ansible, nor HTTP, nor a provider."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import typing as t

State: t.TypeAlias = "dict[str, t.Any] | None"

# Objects that only the journal has; they belong to no domain, but where their key says so.
JOURNAL_KINDS = frozenset(("freeze", "offboarding", "rollback"))
OPERATION_DIGEST_DOMAIN = b"mailops-op-v1\n"
PLAN_DIGEST_DOMAIN = b"mailops-plan-v1\n"


class MailopsError(Exception):
    """A failure that a person can act on.

    :param code: stable machine name, such as ``client_boundary``.
    :param message: what is wrong, naming the object; never holds a secret.
    :param hint: what to do next.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def to_dict(self) -> dict[str, t.Any]:
        return {"code": self.code, "message": self.message, "hint": self.hint}


class Refused(MailopsError):
    """A policy or guard says no (R-GOAL-02, R-VAL-10)."""


class JournalError(MailopsError):
    """The journal cannot be written or read; nothing may be changed (R-LOG-18)."""


class ProviderError(MailopsError):
    """The provider refused, failed, or could not be understood.

    :param status: HTTP status, 0 when there was no answer.
    :param provider_request_id: the provider's own id of the failing request.
    :param in_doubt: the request may have been carried out although its answer was lost.
    :param stop: nothing else of this run can succeed (bad token, plan gate): do not go on trying.
    :param retryable: False when the provider says that trying again is of no use.
    :param retry_after: seconds that the provider asks to wait, None when it does not say.
    :param attempts: how many times the request was sent.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        status: int = 0,
        provider_request_id: str = "",
        in_doubt: bool = False,
        stop: bool = False,
        retryable: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.provider_request_id = provider_request_id
        self.in_doubt = in_doubt
        self.stop = stop
        self.retryable = retryable
        self.retry_after = retry_after
        self.attempts = 1


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that an audit or a check found (design: ``{code, severity, object, evidence, next}``)."""

    code: str
    severity: str
    object: str
    evidence: str
    next: str

    def to_dict(self) -> dict[str, str]:
        return dataclasses.asdict(self)


@dataclasses.dataclass
class Operation:
    """One provider call that a run would make.

    :param index: position of the item in the task's list.
    :param kind: kind of resource, such as ``mailbox``.
    :param verb: what is done to it, such as ``create``; ``(kind, verb)`` is the capability it needs.
    :param key: natural key, such as ``ann@example.com``.
    :param action: past-tense name for the journal, such as ``mailbox.created``.
    :param before: normal form now, None when absent; no secrets.
    :param after: normal form afterwards, None when removed; no secrets.
    :param request: what the driver needs beyond *after*; natural keys only, no secrets.
    :param delivery: rank and method by which the owner gets access, empty when no credential is made (R-DELIV-04).
    :param exception: reason, approver and expiry of a recorded bypass (R-GOAL-03).
    :param stage: operations of a lower stage are finished before those of a higher one start.
    :param retry_of: intent and idempotency key of an earlier run whose answer was lost.
    :param collateral: what the provider changes on the side, each with ``kind``, ``key``, ``before`` and ``after``.
    :param secret: a secret made on the controller for this operation; never serialised.
    :param document: what the journal keeps beside its lines, under the ``path`` that *after* names.
    :param op_id: what joins its events, set when the first of them is made.
    """

    index: int
    kind: str
    verb: str
    key: str
    action: str
    before: State = None
    after: State = None
    request: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    delivery: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    exception: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    stage: int = 0
    retry_of: dict[str, str] = dataclasses.field(default_factory=dict)
    collateral: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    secret: str = dataclasses.field(default="", repr=False)
    document: bytes = dataclasses.field(default=b"", repr=False)
    op_id: str = dataclasses.field(default="", repr=False)

    @property
    def place(self) -> str:
        """The mailbox, or the domain, on which something changes: an access path has a key below that of its mailbox."""
        return place_of(self.kind, self.key)

    @property
    def domain(self) -> str:
        """The domain on which it changes something; empty when it is about no single domain."""
        if self.kind in JOURNAL_KINDS:
            return self.key.removeprefix("domain:") if self.key.startswith("domain:") else ""
        return self.place.rsplit("@", 1)[-1]

    @property
    def mailbox(self) -> str:
        """The address on which it changes something; empty when it is about none."""
        return self.place if "@" in self.place and self.kind not in JOURNAL_KINDS else ""

    def summary(self) -> dict[str, t.Any]:
        """The part of an operation that is shown, approved and digested."""
        row: dict[str, t.Any] = {
            "kind": self.kind,
            "verb": self.verb,
            "key": self.key,
            "before": self.before,
            "after": self.after,
        }
        if self.delivery:
            # Where the secret was sealed is known only afterwards; what was approved must stay the same.
            row["delivery"] = {name: value for name, value in self.delivery.items() if name != "file"}
        if self.exception:
            row["exception"] = self.exception
        if self.collateral:
            row["collateral"] = self.collateral
        if "at" in self.request:
            # Equal records of two zones, or of two hosts, are two plans; so are those of two versions (G3).
            row["at"] = self.request["at"]
        return row


def place_of(kind: str, key: str) -> str:
    """What stands before ``/<kind>/`` in the key of an access path; the whole key of everything else."""
    return key.partition("/%s/" % kind)[0]


@dataclasses.dataclass
class Plan:
    """The exact list of provider calls that a run would make (design §4.3)."""

    client: str
    provider: str
    operations: list[Operation]
    warnings: list[str] = dataclasses.field(default_factory=list)

    @functools.cached_property
    def digest(self) -> str:
        """``sha256:…`` over client, provider and all operations; equal plans have equal digests.

        Taken once, before anything is carried out: what an operation learns on the way is no part of what was planned.
        """
        document = {
            "client": self.client,
            "provider": self.provider,
            "operations": [operation.summary() for operation in self.operations],
        }
        return digest(PLAN_DIGEST_DOMAIN, document)


@dataclasses.dataclass
class Result:
    """What became of one operation.

    :param status: ``predicted`` (a dry run), ``applied``, ``failed``, ``unverified`` (done, but reading back did not show it)
        or ``in_doubt`` (the answer was lost and nothing can be read back).
    :param after: normal form as the provider answered it; no secrets.
    :param secret: what the provider handed out once; goes to the sealer and nowhere else.
    """

    operation: Operation
    status: str
    after: State = None
    secret: str = dataclasses.field(default="", repr=False)
    error: MailopsError | None = None
    http: dict[str, t.Any] = dataclasses.field(default_factory=dict)


def canonical_json(value: t.Any) -> bytes:
    """Canonical bytes of RFC 8785 for the subset this collection writes.

    :param value: dict with ASCII keys, list, str, int, bool, None; a float or another type is refused, so
        that sorting keys by code point is the same as by UTF-16 unit and no number has two spellings.
    :raises TypeError, ValueError: for anything outside the subset, lone surrogates included.
    """
    _refuse_outside_subset(value)
    return _ENCODER.encode(value).encode("utf-8")


def digest(domain: bytes, value: t.Any) -> str:
    """``sha256:<hex>`` of *domain* (a separation prefix) and the canonical bytes of *value*."""
    return "sha256:" + hashlib.sha256(domain + canonical_json(value)).hexdigest()


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


_SCALARS = frozenset((str, int, bool, type(None)))


def _refuse_outside_subset(value: t.Any) -> None:
    """Scalars of the very types are passed over in the loops: a call for each would take as long as the encoding."""
    if isinstance(value, dict):
        try:
            plain = "".join(value).isascii()
        except TypeError:
            plain = False
        if not plain:
            raise TypeError("canonical JSON takes ASCII keys, not those of %r" % (sorted(map(str, value)),))
        entries: t.Iterable[t.Any] = value.values()
    elif isinstance(value, (list, tuple)):
        entries = value
    elif value is None or isinstance(value, (str, bool, int)):
        return
    else:
        raise TypeError("canonical JSON takes no %s" % type(value).__name__)
    for entry in entries:
        if type(entry) not in _SCALARS:
            _refuse_outside_subset(entry)
