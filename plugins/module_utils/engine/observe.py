# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a plan is made against: the provider's listings, and what only the journal knows."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine import snapshot as snapshots
from ansible_collections.mailops.email.plugins.module_utils.engine.recover import settle, under_way
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import (
    Memory,
    last_holding,
    remember,
    switched_off,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.journal.timeline import timeline
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene

# A mailbox that this long after its own event seems to be made later is another one.
_CLOCKS_DIFFER = datetime.timedelta(minutes=5)


def observe(
    resource: Resource,
    driver: Driver,
    wanted: t.Sequence[Item],
    context: Context,
    store: Store,
    snapshot: str = "",
    outwait: t.Callable[[float], bool] = lambda seconds: False,
) -> Scene:
    """The scene for *wanted*: each listing is read once, in the order that the resource gives.

    :param outwait: waits so many seconds, until a killed run's requests have landed or never will; says whether it has.
    :raises ProviderError: when a listing cannot be had; a plan is never made on half a picture.
    :raises JournalError: when a journal is damaged.
    """
    known = snapshots.load(snapshot, driver.account, context.now) if snapshot else {}
    scene = Scene(driver, {}, {}, context.now, context.client, boundary=context.client_domains)
    scopes = resource.scope(wanted, driver)
    memories = {kind: remember(store, kind, driver.account) for kind in resource.remembered(scopes)}
    if outwait(under_way(memories, resource.touches(wanted), driver, context.now)):
        known = {}  # of before
    for kind, scope in scopes.items():
        if kind == "invite" and not driver.can("invite.list"):
            scene.records[kind] = invites_from(memories[kind], context.now)
        elif snapshots.covers(known, kind, scope):
            scene.records[kind] = known[kind]["records"]
            driver.adopt(kind, scene.records[kind])
        else:
            records = driver.port(kind).observe(kind, scope)
            # What this token is not shown is not known to be absent.
            if kind not in driver.unseen:
                scene.records[kind] = records
    held = {kind: last_holding(store, kind, driver.account, field) for kind, field in resource.journal_fields.items()}
    if resource.kept_in_journal:
        scene.records[resource.kind] = {key: dict(event["after"]) for key, event in held[resource.kind].items()}
    for kind, events in held.items():
        scene.notes[kind] = {key: dict(event["after"]) for key, event in events.items()}
    if "mailbox" in scene.records and "invite" in scene.records:
        words = held.get("mailbox") if resource.journal_fields.get("mailbox") == "credential" else None
        claim(driver, scene.records["mailbox"], scene.records["invite"], store, words)
    keys = {key for item in wanted for key in resource.keys_of(item)}
    if resource.tells:
        told = timeline(store, keys, driver.account)
        scene.timeline.rows.update(told.rows)
        scene.timeline.changed_at.update(told.changed_at)
    _observe_switched_off(resource, scene, store, keys)
    for memory in memories.values():
        scene.open_batches.update(memory.open_batches)
    scene.open_intents.extend(settle(scene, memories, resource.touches(wanted)))
    return scene


def _observe_switched_off(resource: Resource, scene: Scene, store: Store, wanted: t.Container[str]) -> None:
    """What the provider switched off together with the *wanted* objects, and how that stands today."""
    if not resource.restores:
        return
    for key, entries in switched_off(store, scene.driver.account).items():
        if key in wanted:
            scene.switched_off[key] = entries
    keys: dict[str, set[str]] = {}
    for entries in scene.switched_off.values():
        for entry in entries:
            keys.setdefault(entry["kind"], set()).add(
                entry["key"] if entry["kind"] != "alias" else entry["after"]["mailbox"]
            )
    for kind, scope in sorted(keys.items()):
        scene.records.setdefault(kind, {}).update(scene.driver.observe(kind, scope))


def claim(
    driver: Driver,
    mailboxes: dict[str, Record],
    invites: t.Mapping[str, Record],
    store: Store,
    words: t.Mapping[str, Event] | None = None,
) -> None:
    """Tell mailboxes that wait for their owner from those that have one, where the provider makes them at once.

    Signs of an owner are a login after the link went out, which is all that the provider shows, or a person's word.

    :param words: what the journal last said of each mailbox's credential, where that was read already.
    """
    if driver.invite_form != "recovery_link":
        return
    if words is None:
        words = last_holding(store, "mailbox", driver.account, "credential")
    waiting = {key: str(invite["sent_at"]) for key, invite in invites.items() if invite["state"] != "redeemed"}
    for key, event in words.items():
        if event["after"]["credential"] == "discarded":
            # Made, but its link may never have gone out.
            waiting.setdefault(key, event["timestamp"])
    for key, since in waiting.items():
        mailbox = mailboxes.get(key)
        if mailbox is None or mailbox.get("state") not in ("present", "suspended"):
            continue
        if parse_time(mailbox.get("created_at") or since) > parse_time(since) + _CLOCKS_DIFFER:
            continue  # made anew by somebody else since
        if _has_owner(mailbox, words.get(key), since):
            if key in invites and invites[key]["state"] in ("pending", "expired"):
                invites[key]["state"] = "redeemed"
            continue
        mailboxes[key] = dict(mailbox, claimed=False)
        if mailbox["state"] == "present":
            mailboxes[key]["state"] = "pending"


def _has_owner(mailbox: Record, word: Event | None, since: str) -> bool:
    if word is not None and word["after"]["credential"] == "owner_held" and word["timestamp"] > since:
        return True
    return bool(mailbox.get("last_login")) and parse_time(mailbox["last_login"]) > parse_time(since)


def invites_from(memory: Memory, now: datetime.datetime) -> dict[str, Record]:
    """Invites as the journal knows them, for a provider that cannot list its own."""
    return {key: invite_record(key, event, now) for key, event in memory.last.items()}


def invite_record(key: str, event: Event, now: datetime.datetime) -> Record:
    """One invite in normal form; a pending one is expired when its time is over."""
    after = event.get("after") or {}
    state = after.get("state") or "cancelled"
    expires = after.get("expires_at") or _reckoned_end(event, after)
    if state == "pending" and expires and parse_time(expires) <= now:
        state = "expired"
    return {
        "address": key,
        "state": state,
        "recipient": after.get("recipient"),
        "expires_at": expires,
        "sent_at": event.get("timestamp"),
        "request_id": event.get("request_id"),
        "id": after.get("id"),
        "delivery_method": event.get("delivery_method", ""),
        "link": after.get("link", ""),
        "source": "journal",
    }


def _reckoned_end(event: Event, after: dict[str, t.Any]) -> str:
    """When an invite ends of which only its mailbox told that it went out: no later than this."""
    if not after.get("expires_in_hours"):
        return ""
    end = parse_time(event["timestamp"]) + datetime.timedelta(hours=after["expires_in_hours"])
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")
