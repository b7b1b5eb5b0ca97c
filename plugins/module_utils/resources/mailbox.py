# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes: created by invite unless an exception says otherwise, suspended before they are ever deleted."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import (
    is_high_risk,
    normalise_contact,
    parse_address,
)
from ansible_collections.mailops.email.plugins.module_utils.policy.display_names import check_display_name
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import invite as invites
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    differs,
    exception_of,
    need_exception,
    require_domain,
)

# R-PWD-03: how long a temporary password may be good for at most.
TEMPORARY_PASSWORD_MAX_HOURS = 72

_FIELDS = ("display_name", "note", "quota_mb")


class Mailbox(Resource):
    kind = "mailbox"
    plural = "mailboxes"
    key_option = "address"
    journal_fields: t.ClassVar[dict[str, str]] = {"mailbox": "credential"}
    restores = True
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "local_part": {"type": "str"},
        "domain": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "suspended", "absent"]},
        "display_name": {"type": "str"},
        "note": {"type": "str"},
        "role_account": {"type": "bool", "default": False},
        "owner_confirmed": {"type": "bool", "default": False},
        "restore": {"type": "bool", "default": False},
        "credential": {
            "type": "str",
            "choices": ["invite", "generated_one_time"],
            "default": "invite",
            "no_log": False,
        },
        "suspend": {"type": "str", "choices": ["login", "all"], "default": "login"},
        "reason": {"type": "str"},
        "department": {"type": "str"},
        "manager_email": {"type": "str"},
        **invites.DELIVERY_OPTIONS,
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        address = parse_address(address_of(item))
        role = bool(item.get("role_account"))
        out: Item = {
            "key": address.address,
            "domain": address.domain,
            "local_part": address.local,
            "state": item.get("state") or "present",
            "role_account": role,
            "credential": item.get("credential") or "invite",
            "suspend": item.get("suspend") or "login",
            "owner_confirmed": bool(item.get("owner_confirmed")),
            "restore": bool(item.get("restore")),
            "reason": item.get("reason") or "",
            "exception": exception_of(item, now),
            "note": item.get("note"),
            "display_name": None,
            "contacts": {},
            "owner_email": normalise_contact(item["owner_email"]) if item.get("owner_email") else "",
        }
        if item.get("department"):
            out["contacts"]["department"] = item["department"].strip()
        if item.get("manager_email"):
            out["contacts"]["manager_email"] = normalise_contact(item["manager_email"])
        if item.get("display_name") is not None:
            out["display_name"] = check_display_name(item["display_name"], role)
        out.update(invites.normalise_delivery(item, address.address))
        return out

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items}
        scope = {"domain": set(), "mailbox": domains, "invite": domains}
        closing = {item["key"] for item in items if item["state"] == "suspended"}
        if closing and driver.can("session.list"):
            scope["session"] = closing
        return scope

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("mailbox", item["key"])
        if item["state"] == "absent":
            return self._absent(index, item, record, scene)
        require_domain(scene, item["domain"], key, active=record is None)
        if item["state"] == "suspended":
            return self._suspended(index, item, record, scene)
        if record is not None and record["state"] == "trashed":
            return self._restore(index, item, record, scene)
        if record is None:
            return self._create(index, item, scene)
        if record["state"] == "orphaned":
            raise Refused(
                "orphaned_account",
                "%s: an account without a mailbox holds this name; its domain was deleted without it." % key,
                "Remove it by state=absent with an exception, then run again.",
            )
        if record["state"] == "pending":
            confirmed = self._confirmed(index, item, scene, stage=0)
            return confirmed or invites.plan_pending(index, item, scene)
        if record.get("claimed") is False:
            return invites.plan_present(index, item, scene)
        return self._change(index, item, record, scene)

    def _restore(self, index: int, item: Item, record: Record, scene: Scene) -> list[Operation]:
        """Out of the recycle bin it comes as it was put there: closed, as far as the bin's listing tells.

        It never happens by itself: whoever gets the address now would get the mail of whoever had it.
        """
        key = item["key"]
        if not item["restore"]:
            raise Refused(
                "mailbox_in_recycle_bin",
                "%s: the mailbox lies in the provider's recycle bin, with its mail." % key,
                "Set restore to get it back as it was, wait until it is purged, or choose another address.",
            )
        scene.driver.require("mailbox.restore", key)
        after = dict(mailbox_state(record), state="suspended" if record["suspended"] else "present")
        restore = Operation(index, "mailbox", "restore", key, "mailbox.restored", mailbox_state(record), after)
        return [restore] + self._change(index, item, dict(record, **after), scene, stage=1)

    def _create(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        if is_high_risk(item["local_part"]):
            need_exception(item, item["key"], "this name is high-risk and needs an approval for this very address.")
        if item["credential"] == "invite":
            return invites.plan_present(index, item, scene)
        return self._create_with_password(index, item, scene)

    def _create_with_password(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        """R-CREATE-06, R-DELIV-03: the exception path, sealed and short-lived."""
        key, exception = item["key"], item["exception"]
        need_exception(item, key, "a password made by the operator is an exception.")
        check_temporary_password(key, item, scene)
        delivery = {"method": "temporary_password", "rank": 3, "seal_to": item["seal_to"]}
        after = {
            "state": "present",
            "suspended": "",
            "quota_mb": item["quota_mb"],
            "role_account": item["role_account"],
            "credential": "temporary",
            **item["contacts"],
        }
        create = Operation(
            index,
            "mailbox",
            "create",
            key,
            "mailbox.created",
            None,
            after,
            request={"credential": "generated", "owner": item["owner_email"]},
            delivery=delivery,
            exception=exception,
        )
        return [create] + self._fields(index, item, {}, scene, stage=1)

    def _change(self, index: int, item: Item, record: Record, scene: Scene, stage: int = 0) -> list[Operation]:
        operations = []
        if record["suspended"]:
            request = {"suspend": record["suspended"]}
            after = dict(mailbox_state(record), state="present", suspended="")
            resume = Operation(
                index,
                "mailbox",
                "resume",
                item["key"],
                "mailbox.resumed",
                mailbox_state(record),
                after,
                request,
                stage=stage,
            )
            operations.append(resume)
            stage += 1
        operations.extend(give_back(index, item["key"], scene, stage))
        operations.extend(self._confirmed(index, item, scene, stage))
        return operations + self._fields(index, item, record, scene, stage)

    def _confirmed(self, index: int, item: Item, scene: Scene, stage: int) -> list[Operation]:
        """The provider cannot tell whether its owner has set a password, so a person's word is recorded."""
        known = scene.note("mailbox", item["key"]).get("credential")
        if not item["owner_confirmed"] or known not in ("temporary", "discarded"):
            return []
        before, after = {"credential": known}, {"credential": "owner_held"}
        return [Operation(index, "mailbox", "record", item["key"], "mailbox.updated", before, after, stage=stage)]

    def _fields(self, index: int, item: Item, record: Record, scene: Scene, stage: int) -> list[Operation]:
        operations = []
        told = ""
        if record and differs(item["quota_mb"], record.get("quota_mb")):
            now = "%d MB" % record["quota_mb"] if record.get("quota_mb") else "pooled"
            told = "Its storage is %s now, wanted are %d MB." % (now, item["quota_mb"])
        changes = [("update", "display_name"), ("annotate", "note")]
        # A new mailbox is made with its quota.
        for verb, field in [*changes, ("set_quota", "quota_mb")] if told else changes:
            if differs(item[field], record.get(field)):
                scene.driver.require("mailbox." + verb, item["key"], told if verb == "set_quota" else "")
                before, after = {field: record.get(field)}, {field: item[field]}
                operations.append(
                    Operation(index, "mailbox", verb, item["key"], "mailbox.updated", before, after, stage=stage)
                )
        return operations

    def _suspended(self, index: int, item: Item, record: Record | None, scene: Scene) -> list[Operation]:
        key = item["key"]
        if record is None or record["state"] in ("trashed", "pending"):
            raise Refused(
                "mailbox_missing",
                "%s: there is no mailbox to suspend." % key,
                "A pending invite is ended with mailops.email.invite state=absent.",
            )
        return self.close(index, key, item["suspend"], item["reason"], record, scene)

    def close(self, index: int, key: str, way: str, reason: str, record: Record, scene: Scene) -> list[Operation]:
        """Operations until nobody can sign in to a mailbox that is there, and nobody is signed in.

        :param way: ``login``, or ``all`` to close it for mail too.
        """
        # A paused mailbox is closed for login too; making it less closed is never what suspend asks for.
        if record["suspended"] in (way, "all"):
            return self._end_sessions(index, key, scene, open_only=True)
        if way == "login" and not scene.driver.can("mailbox.suspend") and scene.driver.can("mailbox.pause"):
            way = "all"
            scene.warnings.append(
                "%s: the provider %s cannot close the login alone; mail for it is no longer taken either."
                % (key, scene.driver.name)
            )
        verb = "suspend" if way == "login" else "pause"
        scene.driver.require("mailbox." + verb, key)
        after = dict(mailbox_state(record), state="suspended", suspended=way)
        request = {"reason": reason}
        suspend = Operation(index, "mailbox", verb, key, "mailbox.suspended", mailbox_state(record), after, request)
        return [suspend, *self._end_sessions(index, key, scene, open_only=False)]

    def _end_sessions(self, index: int, key: str, scene: Scene, *, open_only: bool) -> list[Operation]:
        """Whoever is logged in stays so until the session is ended, where the provider does not do that itself."""
        driver = scene.driver
        if driver.can("session.revoke"):
            if open_only and scene.record("session", key) is None:
                return []
            before = {"state": "open"}
            return [Operation(index, "session", "revoke", key, "session.revoked", before, None, stage=1)]
        if not open_only and not driver.suspend_ends_sessions:
            scene.warnings.append(
                "%s: sessions that are open stay open until they end by themselves; set doveadm_url to have them ended."
                % key
            )
        return []

    def _absent(self, index: int, item: Item, record: Record | None, scene: Scene) -> list[Operation]:
        if record is None or record["state"] == "pending":
            # A link that still works would make the mailbox come into being later.
            return invites.plan_absent(index, item, scene)
        if record["state"] == "trashed":
            return []
        if record["state"] not in ("suspended", "orphaned"):
            raise Refused(
                "disable_first",
                "%s: only a suspended mailbox may be deleted." % item["key"],
                "Suspend it, wait as long as your retention says, then delete it with an exception.",
            )
        need_exception(item, item["key"], "deleting a mailbox destroys mail.")
        return [
            Operation(
                index,
                "mailbox",
                "delete",
                item["key"],
                "mailbox.deleted",
                mailbox_state(record),
                None,
                exception=item["exception"],
            )
        ]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("mailbox", item["key"])
        if record:
            return dict(record)
        invite = scene.record("invite", item["key"])
        if invite and invite["state"] == "pending":
            return {"address": item["key"], "state": "pending", "invite": dict(invite)}
        return {"address": item["key"], "state": "absent"}


def address_of(item: Item) -> str:
    """The address that an item names, either whole or in two parts (R-FORM-11)."""
    local, domain, address = item.get("local_part"), item.get("domain"), item.get("address")
    if address and not (local or domain):
        return t.cast(str, address)
    if local and domain and not address:
        if "@" in local:
            raise Refused("local_part", "local_part %r holds an @." % local, "Give what stands before the @ only.")
        return "%s@%s" % (local, domain)
    raise Refused(
        "address", "A mailbox is named by address, or by local_part and domain.", "Give exactly one of the two."
    )


def check_temporary_password(key: str, item: Item, scene: Scene) -> None:
    """R-PWD-03, R-PWD-04: sealed for one person, to be changed at the first login or accepted otherwise, and short-lived.

    :raises Refused: ``seal_to_missing``, ``rotation_not_guaranteed``, ``exception_too_long``.
    """
    exception = item["exception"]
    if not item["seal_to"]:
        raise Refused(
            "seal_to_missing",
            "%s: a generated password is only ever written sealed for its recipient." % key,
            "Set seal_to to the owner's age or ssh public key.",
        )
    if not scene.driver.can("mailbox.forced_change") and not exception.get("accept_unforced_rotation"):
        raise Refused(
            "rotation_not_guaranteed",
            "%s: the provider %s cannot force a change at first login." % (key, scene.driver.name),
            "Use an invite, or record that this is accepted: exception.accept_unforced_rotation.",
        )
    expires = datetime.datetime.fromisoformat(exception["expires_at"].replace("Z", "+00:00"))
    if expires - scene.now > datetime.timedelta(hours=TEMPORARY_PASSWORD_MAX_HOURS):
        raise Refused(
            "exception_too_long",
            "%s: a temporary password may be good for %d hours at most." % (key, TEMPORARY_PASSWORD_MAX_HOURS),
            "Bring exception.expires_at nearer.",
        )


def give_back(index: int, key: str, scene: Scene, stage: int) -> list[Operation]:
    """Operations for what the provider switched off together with this mailbox and does not switch on again by itself."""
    operations = []
    for entry in scene.switched_off.get(key, ()):
        kind, other = entry["kind"], entry["key"]
        record = scene.record(kind, other)
        if record is None or any(record.get(name) != value for name, value in entry["after"].items() if name in record):
            continue  # somebody has changed it since
        verb, action = ("enable", "catch_all.enabled") if kind == "catch_all" else ("update", kind + ".updated")
        request = dict(entry["request"], given_back=True)
        operations.append(
            Operation(index, kind, verb, other, action, entry["after"], entry["before"], request, stage=stage)
        )
    return operations


def mailbox_state(record: Record) -> Record:
    """What goes into the journal of a mailbox's state."""
    return {name: record.get(name) for name in ("state", "suspended", *_FIELDS)}
