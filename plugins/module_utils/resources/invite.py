# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invites: the one-time setup link by which an owner, and nobody else, comes to hold the secret (R-DELIV-01)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import check_recipient
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import (
    is_high_risk,
    normalise_contact,
    parse_address,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    exception_of,
    need_exception,
    require_domain,
)

# Options by which a mailbox's owner gets access; shared with the kind mailbox.
DELIVERY_OPTIONS: dict[str, t.Any] = {
    "owner_email": {"type": "str"},
    "expires_in_hours": {"type": "int"},
    "quota_mb": {"type": "int"},
    "delivery": {"type": "str", "choices": ["provider_mail", "sealed"], "default": "provider_mail"},
    "seal_to": {"type": "str"},
}
# The provider's default differs by the way an invite is made, so it is always sent.
EXPIRES_IN_HOURS = 72
EXPIRES_IN_HOURS_MAX = 720


class Invite(Resource):
    kind = "invite"
    plural = "invites"
    key_option = "address"
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "resend": {"type": "bool", "default": False},
        "done_by_hand": {"type": "bool", "default": False},
        "role_account": {"type": "bool", "default": False},
        **DELIVERY_OPTIONS,
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("address"):
            raise Refused("address", "An invite is named by the address of its mailbox.", "Set address.")
        address = parse_address(item["address"])
        out: Item = {
            "key": address.address,
            "domain": address.domain,
            "local_part": address.local,
            "state": item.get("state") or "present",
            "resend": bool(item.get("resend")),
            "done_by_hand": bool(item.get("done_by_hand")),
            "role_account": bool(item.get("role_account")),
            "exception": exception_of(item, now),
            "owner_email": normalise_contact(item["owner_email"]) if item.get("owner_email") else "",
        }
        out.update(normalise_delivery(item, address.address))
        return out

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items}
        return {"domain": set(), "mailbox": domains, "invite": domains}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key = item["key"]
        mailbox = scene.record("mailbox", key)
        if item["state"] == "absent":
            return [] if is_claimed(mailbox) else plan_absent(index, item, scene)
        if mailbox is not None and mailbox["state"] == "pending":
            return plan_pending(index, item, scene)
        if is_claimed(mailbox):
            return []
        if mailbox is not None and mailbox["state"] == "trashed":
            raise Refused(
                "mailbox_in_recycle_bin",
                "%s: this mailbox is in the provider's recycle bin and holds its address." % key,
                "Bring it back with restore of mailops.email.mailbox, or wait until the provider has emptied the bin.",
            )
        require_domain(scene, item["domain"], key, active=True)
        if is_high_risk(item["local_part"]):
            need_exception(item, key, "this name is high-risk and needs an approval for this very address.")
        return plan_present(index, item, scene)

    def present(self, item: Item, scene: Scene) -> Record:
        invite = scene.record("invite", item["key"])
        mailbox = scene.record("mailbox", item["key"])
        if is_claimed(mailbox):
            return dict(invite or {}, address=item["key"], state="redeemed")
        return dict(invite) if invite else {"address": item["key"], "state": "absent"}


def normalise_delivery(item: Item, address: str) -> Item:
    """Delivery options of a mailbox or an invite in normal form.

    :raises Refused: ``expires_in_hours``, ``quota_mb``, ``owner_unreachable`` (R-CSV-09), ``seal_to_missing``.
    """
    hours, quota = item.get("expires_in_hours"), item.get("quota_mb")
    if hours is not None and not 1 <= hours <= EXPIRES_IN_HOURS_MAX:
        raise Refused(
            "expires_in_hours",
            "%s: expires_in_hours is %d." % (address, hours),
            "Give 1 to %d hours." % EXPIRES_IN_HOURS_MAX,
        )
    if quota is not None and quota <= 0:
        raise Refused("quota_mb", "%s: quota_mb is %d." % (address, quota), "Give whole megabytes, or leave it out.")
    if item.get("owner_email") and str(item["owner_email"]).strip().lower() == address:
        raise Refused(
            "owner_unreachable",
            "%s: the owner cannot be reached at the mailbox that is being made." % address,
            "Give an address that the owner reads today.",
        )
    seal_to = item.get("seal_to") or ""
    if seal_to:
        check_recipient(seal_to)
    elif item.get("delivery") == "sealed":
        raise Refused(
            "seal_to_missing",
            "%s: delivery is sealed, but for nobody." % address,
            "Set seal_to to the recipient's age or ssh public key.",
        )
    return {
        "expires_in_hours": hours or EXPIRES_IN_HOURS,
        "quota_mb": quota,
        "delivery": item.get("delivery") or "provider_mail",
        "seal_to": seal_to,
    }


def link_lost(key: str, cause: str) -> Refused:
    """An invite that is out while nobody holds the link that was to be sealed."""
    return Refused(
        "link_lost",
        "%s: the invite is out, but %s" % (key, cause),
        "The provider shows a link only once. Cancel the invite in its control panel, record that with state=absent and "
        "done_by_hand of mailops.email.invite, then run again.",
    )


def is_claimed(mailbox: Record | None) -> bool:
    """It has an owner who could log in."""
    return mailbox is not None and mailbox["state"] in ("present", "suspended") and mailbox.get("claimed") is not False


def is_pending(invite: Record | None) -> bool:
    return invite is not None and invite["state"] == "pending"


def plan_absent(index: int, item: Item, scene: Scene) -> list[Operation]:
    """Operations until no link for an address works any more.

    :raises CapabilityError: with all that the operator needs to end it by hand.
    """
    key, invite = item["key"], scene.record("invite", item["key"])
    mailbox = scene.record("mailbox", key)
    waits = scene.driver.invite_form == "recovery_link" and mailbox is not None and mailbox["state"] == "pending"
    if invite is None or not (is_pending(invite) or waits):
        return []
    operations = [_change(index, item, scene, "cancel", "invite.cancelled", invite, state="cancelled")]
    if waits and mailbox is not None:
        # The mailbox is there already; without its link nobody can open it, and nobody shall.
        before = {"state": "pending", "suspended": mailbox.get("suspended", "")}
        after = {"state": "suspended", "suspended": "all"}
        close = Operation(index, "mailbox", "pause", key, "mailbox.suspended", before, after, stage=1)
        operations.append(close)
    return operations


def _change(index: int, item: Item, scene: Scene, verb: str, action: str, invite: Record, **after: str) -> Operation:
    """A change of a pending invite. What an operator has done by hand, because the provider cannot, is only recorded:
    else the journal would go on calling a dead link pending."""
    request: dict[str, t.Any] = {}
    if item.get("done_by_hand") and not scene.driver.can("invite." + verb):
        verb, request = "record", {"by_hand": True}
    else:
        scene.driver.require("invite." + verb, item["key"], described(invite))
        if scene.driver.invite_form == "recovery_link":
            # Another secret that nobody keeps ends every link that is out.
            request = {"credential": "discarded"}
    wanted = dict(_plain(invite), id=invite.get("id"), **after)
    return Operation(index, "invite", verb, item["key"], action, _plain(invite), wanted, request)


def plan_pending(index: int, item: Item, scene: Scene) -> list[Operation]:
    """Operations for an address that the provider's listing shows as waiting for its owner."""
    invite = scene.record("invite", item["key"])
    if scene.driver.invite_form == "recovery_link" or is_pending(invite):
        return plan_present(index, item, scene)
    scene.warnings.append("%s: waits for its owner by an invite that this journal does not know." % item["key"])
    return []


def plan_present(index: int, item: Item, scene: Scene) -> list[Operation]:
    """Operations until an invite is out, for an address that has no mailbox yet."""
    key, owner = item["key"], item["owner_email"]
    invite = scene.record("invite", key)
    if invite and invite["state"] == "pending":
        if owner and invite.get("recipient") and invite["recipient"] != owner:
            action = "invite.recipient_changed"
            return [_change(index, item, scene, "change_recipient", action, invite, recipient=owner)]
        if item.get("resend"):
            return [_change(index, item, scene, "resend", "invite.resent", invite)]
        if invite.get("link") == "lost" and item["delivery"] == "sealed":
            raise link_lost(key, "its link was never sealed.")
        return []
    if not owner:
        raise Refused(
            "owner_missing",
            "%s: nobody is named to receive the setup link." % key,
            "Set owner_email: every mailbox has an owner (R-OWN-06).",
        )
    if scene.driver.invite_form == "recovery_link":
        return _by_recovery(index, item, scene, invite)
    return [_create(index, item, scene, invite)]


def _by_recovery(index: int, item: Item, scene: Scene, ended: Record | None) -> list[Operation]:
    """A mailbox that nobody can open, and the platform's own recovery link to its owner (R-DELIV-01, R-RESET-06)."""
    key, mailbox = item["key"], scene.record("mailbox", item["key"])
    send = _create(index, item, scene, ended)
    send.stage, send.delivery = 1, {"method": "recovery_link", "rank": 1}
    if mailbox is not None:
        send.request = {"credential": "discarded", "renew": True}
        if not mailbox.get("suspended"):
            return [send]
        before = {"state": "suspended", "suspended": mailbox["suspended"]}
        after = {"state": "present", "suspended": ""}
        request = {"suspend": mailbox["suspended"]}
        return [Operation(index, "mailbox", "resume", key, "mailbox.resumed", before, after, request), send]
    scene.driver.require("mailbox.create", key)
    after = {
        "state": "pending",
        "suspended": "",
        "quota_mb": item["quota_mb"],
        "role_account": item["role_account"],
        "credential": "discarded",
    }
    if item.get("display_name") and scene.driver.can("mailbox.update"):
        after["display_name"] = item["display_name"]
    made = Operation(
        index,
        "mailbox",
        "create",
        key,
        "mailbox.created",
        None,
        after,
        request={"credential": "discarded", "owner": item["owner_email"]},
        delivery=dict(send.delivery),
        exception=item["exception"],
    )
    return [made, send]


def cancelled(index: int, key: str, invite: Record, scene: Scene) -> Operation:
    """The operation by which a pending invite's link dies.

    :raises CapabilityError: with all that an operator needs to end it by hand.
    """
    return _change(index, {"key": key}, scene, "cancel", "invite.cancelled", invite, state="cancelled")


def _hours(item: Item, scene: Scene) -> int:
    fixed = scene.driver.invite_hours
    if fixed and item["expires_in_hours"] != fixed:
        scene.warnings.append(
            "%s: the provider %s alone decides how long a link is good for: %d hours, not %d."
            % (item["key"], scene.driver.name, fixed, item["expires_in_hours"])
        )
    return fixed or t.cast(int, item["expires_in_hours"])


def _create(index: int, item: Item, scene: Scene, expired: Record | None) -> Operation:
    key = item["key"]
    scene.driver.require("invite.create", key)
    delivery: dict[str, t.Any] = {"method": "one_time_setup_link", "rank": 1}
    if item["delivery"] == "sealed":
        scene.driver.require("invite.link", key)
        need_exception(item, key, "a link out of band is rank 2 and needs a reason (R-DELIV-04).")
        delivery = {"method": "one_time_token_oob", "rank": 2, "seal_to": item["seal_to"]}
    after = {
        "state": "pending",
        "recipient": item["owner_email"],
        "quota_mb": item["quota_mb"],
        "expires_in_hours": _hours(item, scene),
        "role_account": item["role_account"],
        # Who to ask when the owner does not answer: the journal is the only place that keeps it.
        **item.get("contacts", {}),
    }
    return Operation(
        index,
        "invite",
        "create",
        key,
        "invite.sent",
        _plain(expired) if expired else None,
        after,
        delivery=delivery,
        exception=item["exception"],
    )


def described(invite: Record) -> str:
    """What is known of a pending invite, for a message to an operator who has to act by hand."""
    return "Pending: invite %s to %s, sent %s by request %s, expires %s." % (
        invite.get("id") or "(id unknown)",
        invite.get("recipient") or "(recipient unknown)",
        invite.get("sent_at") or "(unknown)",
        invite.get("request_id") or "(unknown)",
        invite.get("expires_at") or "(unknown)",
    )


def _plain(invite: Record) -> Record:
    return {name: invite.get(name) for name in ("state", "recipient", "expires_at")}
