# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of resource says of itself: fields, normal form, and which operations lead to what is wanted."""

from __future__ import annotations

import abc
import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.timeline import Timeline
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record

Item = dict[str, t.Any]

# Options of an item that every kind takes.
EXCEPTION_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "reason": {"type": "str", "required": True},
        "approver": {"type": "str", "required": True},
        "expires_at": {"type": "str", "required": True},
        "accept_unforced_rotation": {"type": "bool", "default": False},
    },
}


@dataclasses.dataclass(frozen=True)
class Scene:
    """What a plan is made against.

    :param records: by kind and natural key, as observed; ``invite`` comes from the provider or the journal.
    :param notes: by kind and natural key, what only the journal knows (owner, purpose, expiry of a forward).
    :param open_intents: events in doubt, each with what reading shows: applied, not applied, None when unreadable.
    :param open_batches: by idempotency key, the whole batches that these belong to.
    :param boundary: the client's domains and all below them, None when the task does not limit them (R-VAL-02).
    :param switched_off: by key, what the provider changed on the side when the object was changed (see the journal).
    :param timeline: what the journal has of the objects, for a resource that tells of it.
    """

    driver: Driver
    records: dict[str, dict[str, Record]]
    notes: dict[str, dict[str, Record]]
    now: datetime.datetime
    client: str = ""
    warnings: list[str] = dataclasses.field(default_factory=list)
    open_intents: list[tuple[dict[str, t.Any], bool | None]] = dataclasses.field(default_factory=list)
    open_batches: dict[str, list[dict[str, t.Any]]] = dataclasses.field(default_factory=dict)
    boundary: t.Container[str] | None = None
    switched_off: dict[str, list[dict[str, t.Any]]] = dataclasses.field(default_factory=dict)
    timeline: Timeline = dataclasses.field(default_factory=Timeline)

    def own_domains(self) -> set[str]:
        """Domains of this account between which mail does not leave the client."""
        return {name for name in self.records.get("domain", {}) if self.boundary is None or name in self.boundary}

    def record(self, kind: str, key: str) -> Record | None:
        return self.records.get(kind, {}).get(key)

    def note(self, kind: str, key: str) -> Record:
        return self.notes.get(kind, {}).get(key, {})


class Resource(abc.ABC):
    """One kind of resource.

    :cvar kind: name, such as ``mailbox``; also the module's name.
    :cvar plural: option that takes a list of items.
    :cvar key_option: option that names the object.
    :cvar options: Ansible options of one item, as plain data.
    :cvar journal_fields: by kind, the field that only the journal knows.
    :cvar restores: it gives back what the provider switched off on the side.
    :cvar retries: what an earlier run left in doubt may be sent once more; else a person is told of it.
    :cvar kept_in_journal: no provider has a place for it: what the journal last said of it is what there is.
    :cvar needs_provider: False when no provider is asked for anything else either.
    :cvar tells: it is told what the journal has of its objects (`Scene.timeline`).
    """

    kind: t.ClassVar[str]
    plural: t.ClassVar[str]
    key_option: t.ClassVar[str]
    options: t.ClassVar[dict[str, t.Any]]
    journal_fields: t.ClassVar[t.Mapping[str, str]] = {}
    restores: t.ClassVar[bool] = False
    retries: t.ClassVar[bool] = True
    kept_in_journal: t.ClassVar[bool] = False
    needs_provider: t.ClassVar[bool] = True
    tells: t.ClassVar[bool] = False

    @abc.abstractmethod
    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """The item in normal form, with ``key``.

        :raises Refused: naming the option and the rule.
        """

    @abc.abstractmethod
    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        """Kinds to observe, each with the domains (or keys) that matter, in the order in which to read them."""

    @abc.abstractmethod
    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        """The operations that lead from the scene to the item; none when all is as wanted.

        :raises MailopsError: when it must not or cannot be done; then nothing of the whole task is done.
        """

    def frame(self, operations: list[Operation], scene: Scene) -> list[Operation]:
        """The whole plan once more: what begins and ends it, where there is something to do at all."""
        return operations

    def keys_of(self, item: Item) -> list[str]:
        """Natural keys of the objects that an item speaks of."""
        return [t.cast(str, item["key"])]

    def remembered(self, scopes: t.Container[str]) -> list[str]:
        """Kinds of which the journal is asked what is in doubt: what this task writes, and invites."""
        kinds = {"domain" if self.kind == "subdomain" else self.kind}
        if "invite" in scopes:
            kinds.add("invite")
        return sorted(kinds)

    def touches(self, items: t.Sequence[Item]) -> t.Callable[[t.Mapping[str, t.Any]], bool]:
        """Whether an event of the journal speaks of what *items* change: what was left in doubt of that is settled."""
        keys = {key for item in items for key in self.keys_of(item)}
        return lambda event: event["object"]["key"] in keys

    def summary(self, objects: t.Sequence[Record]) -> Record:
        """What a task's result says besides its lists, made from what `present` gave for each item."""
        return {}

    def present(self, item: Item, scene: Scene) -> Record:
        """The object as it is now, for the result of the task."""
        record = scene.record(self.kind, item["key"])
        return dict(record) if record else {self.key_option: item["key"], "state": "absent"}

    def domain_of(self, item: Item) -> str:
        """The domain that decides whose client the item belongs to."""
        return t.cast(str, item["domain"])

    def domains_of(self, item: Item) -> list[str]:
        """All domains on which the item changes something; each has to be the client's."""
        return [self.domain_of(item)]


def require_domain(scene: Scene, domain: str, key: str, *, active: bool) -> Record:
    """The provider's record of a domain.

    :raises Refused: ``domain_missing`` (R-VAL-01), ``domain_not_verified`` (R-VAL-03).
    """
    record = scene.record("domain", domain)
    if record is None:
        raise Refused(
            "domain_missing",
            "%s: the domain %s is not in this provider account (or not visible to this token)." % (key, domain),
            "Add it with mailops.email.domain first, or correct the name.",
        )
    if active and record.get("status") != "active":
        raise Refused(
            "domain_not_verified",
            "%s: the domain %s is %s, not active." % (key, domain, record.get("status") or "unknown"),
            "Publish the DNS records that mailops.email.domain_info lists, wait for the check, then run again.",
        )
    return record


def exception_of(item: Item, now: datetime.datetime) -> dict[str, t.Any]:
    """The item's recorded bypass, checked; empty when there is none (R-GOAL-03)."""
    given = item.get("exception")
    if not given:
        return {}
    accept = bool(given.get("accept_unforced_rotation"))
    checked = dict(check_exception({key: given.get(key) for key in ("reason", "approver", "expires_at")}, now))
    if accept:
        checked["accept_unforced_rotation"] = True
    return checked


def need_exception(item: Item, key: str, why: str) -> None:
    """:raises Refused: ``exception_needed`` when the item has no recorded bypass."""
    if not item.get("exception"):
        raise Refused(
            "exception_needed",
            "%s: %s" % (key, why),
            "Add exception with reason, approver and expires_at, or choose the default way.",
        )


def differs(wanted: t.Any, current: t.Any) -> bool:
    """Whether a field has to change; None means that the task does not speak of it."""
    return wanted is not None and wanted != (current if current is not None else "")
