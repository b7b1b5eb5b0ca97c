# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of each kind of change: disable first, never delete a mailbox or a domain, overwrite nobody (R-RBK-01, 04).

Each way is a function of what the journal says (a `Change`) and of what is there now (a `Scene`).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused, place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import invite as invites
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import KINDS, path_state
from ansible_collections.mailops.email.plugins.module_utils.resources.alias import alias_state
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.catch_all import catch_all_state
from ansible_collections.mailops.email.plugins.module_utils.resources.forward import forward_state
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox import (
    Mailbox,
    give_back,
    mailbox_state,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox_owner import MailboxOwner

# The order in which a batch is taken back: links die first, then logins, then what leads mail elsewhere; then the rest returns.
CANCEL, DISABLE, REMOVE, RESTORE, GIVE_BACK = 0, 1, 3, 4, 5

TAKEN_BACK, AS_BEFORE, CHANGED_SINCE = "taken_back", "as_before", "changed_since"
IN_DOUBT, LEFT_TO_PEOPLE, KEPT = "in_doubt", "left_to_people", "kept"
# With these a rollback is not complete: a person has to decide or to act.
OPEN_VERDICTS = frozenset((CHANGED_SINCE, IN_DOUBT, LEFT_TO_PEOPLE))


@dataclasses.dataclass
class Way:
    """What is done about one object.

    :param why: what was found, for people.
    :param next: what a person does about it; empty when nothing is left to do.
    """

    verdict: str
    why: str = ""
    next: str = ""
    operations: list[Operation] = dataclasses.field(default_factory=list)


def way_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """The way back of one object; a capability that the provider lacks leaves it to people.

    :param overwrite: somebody has decided that what others changed since is set back too.
    """
    doubt = _doubt(change, scene)
    if doubt is not None:
        return doubt
    try:
        return _WAYS.get(change.kind, _no_way)(index, change, overwrite, scene)
    except (CapabilityError, Refused) as error:
        return Way(LEFT_TO_PEOPLE, error.message, error.hint)


def _doubt(change: Change, scene: Scene) -> Way | None:
    """An intent without an outcome, settled by reading; None when the change is known."""
    if change.doubt is None:
        return None
    applied = [done for event, done in scene.open_intents if event["id"] == change.doubt["id"]]
    # What may have gone out by mail is cancelled as if it had, where that is possible at all.
    by_mail = change.kind == "invite" and scene.driver.invite_form == "recovery_link"
    if applied and (applied[0] or by_mail):
        change.add(change.doubt)
        return None
    if applied and applied[0] is False:
        return None if change.actions else Way(AS_BEFORE, "It was begun and never carried out.")
    return Way(
        IN_DOUBT,
        "Whether %s of %s was carried out cannot be read from the provider." % (change.kind, change.doubt["timestamp"]),
        "Look in the provider's control panel, and end there what is pending.",
    )


def _mailbox(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("mailbox", change.key)
    if record is None or record["state"] == "trashed":
        return _mailbox_gone(index, change, record, scene)
    if change.created:
        return _disabled(index, change, record, overwrite, scene)
    if "rotated_for" in change.after and scene.note("mailbox", change.key).get("owner") != change.before.get("owner"):
        return _handed_back(index, change, record, overwrite, scene)
    if record.get("claimed") is False and record["suspended"] and change.before.get("suspended") == "":
        return Way(TAKEN_BACK, "It waits for its owner again as soon as its invite is out.")
    operations, others = _fields_back(index, change, record, overwrite, scene)
    if others:
        return _conflict(change, others, mailbox_state(record), operations)
    if operations:
        return Way(TAKEN_BACK, operations=operations)
    return Way(AS_BEFORE)


def _mailbox_gone(index: int, change: Change, record: Record | None, scene: Scene) -> Way:
    if change.created:
        return Way(AS_BEFORE, "It is not there%s." % (" any more" if record is None else ", but in the recycle bin"))
    if record is None:
        return Way(
            LEFT_TO_PEOPLE,
            "The mailbox was deleted, and the provider has it no more.",
            "Create it anew with mailops.email.mailbox, and put its mail back from a backup.",
        )
    scene.driver.require("mailbox.restore", change.key)
    after = dict(mailbox_state(record), state="suspended" if record["suspended"] else "present")
    operations = [
        _operation(index, change, "restore", "mailbox.restored", mailbox_state(record), after, stage=RESTORE),
    ]
    if record["suspended"] and change.before.get("suspended") == "":
        operations += _resumed(index, change, dict(record, **after), scene, GIVE_BACK)
    return Way(TAKEN_BACK, operations=operations)


def _disabled(index: int, change: Change, record: Record, overwrite: bool, scene: Scene) -> Way:
    """What the batch has made is closed and kept: whoever has it by now loses nothing but the way in."""
    if record["state"] == "orphaned":
        return Way(KEPT, "Its domain was deleted without it; nobody can sign in.")
    others = _touching(change, ("state", "suspended")) if not record["suspended"] else []
    if others and not overwrite:
        return _conflict(change, others, mailbox_state(record), [])
    if record["state"] == "pending":
        # Made for an invite: nobody can sign in yet, and nobody shall once the link is dead.
        if not scene.driver.can("mailbox.pause"):
            return Way(KEPT, "It waits for its owner, whose link is cancelled.")
        after = {"state": "suspended", "suspended": "all"}
        before = {"state": "pending", "suspended": record.get("suspended", "")}
        return Way(
            TAKEN_BACK,
            operations=[_operation(index, change, "pause", "mailbox.suspended", before, after, stage=DISABLE)],
        )
    operations = Mailbox().close(index, change.key, "login", "rollback", record, scene)
    for operation in operations:
        operation.stage += DISABLE
    return Way(TAKEN_BACK, operations=operations) if operations else Way(AS_BEFORE, "It is suspended.")


def _handed_back(index: int, change: Change, record: Record, overwrite: bool, scene: Scene) -> Way:
    """Somebody else holds its secret since: the owner of before gets a new one, and until then it is closed."""
    owner = str(change.before.get("owner") or "")
    others = _touching(change, ("owner",))
    if others and not overwrite:
        return _conflict(change, others, mailbox_state(record), [])
    why = "%s holds its secret since." % change.after["owner"]
    item = {
        "key": change.key,
        "owner": owner,
        "until": "",
        "request_id": "",
        "reason": change.after["reason"],
        "role_account": bool(change.after.get("role_account")),
        "seal_to": "",
        "exception": {},
    }
    if owner:
        try:
            operations = MailboxOwner().plan(index, item, scene)
        except (CapabilityError, Refused):
            pass  # where no link can be mailed, a person has to bring the secret
        else:
            for operation in operations:
                operation.stage += RESTORE
            return Way(TAKEN_BACK, why, operations=operations)
    operations = Mailbox().close(index, change.key, "login", "rollback", record, scene)
    for operation in operations:
        operation.stage += DISABLE
    return Way(
        LEFT_TO_PEOPLE,
        why + " It is closed.",
        "Hand it to %s with mailops.email.mailbox_owner, under a request of its own."
        % (owner or "whoever owned it, whom the journal does not know,"),
        operations,
    )


_VERBS = {"display_name": "update", "note": "annotate", "quota_mb": "set_quota"}


def _fields_back(
    index: int, change: Change, record: Record, overwrite: bool, scene: Scene
) -> tuple[list[Operation], list[str]]:
    """Operations, and who else has changed the same fields since."""
    operations: list[Operation] = []
    others: list[str] = []
    if "suspended" in change.before:
        # A trashed one was closed as well; how it was then is what counts.
        wanted, now = change.before["suspended"] or "", record["suspended"]
        if wanted != now:
            by = _touching(change, ("suspended",)) or ([] if now == change.after.get("suspended", now) else [_UNKNOWN])
            if by and not overwrite:
                others += by
            elif wanted:
                operations += Mailbox().close(index, change.key, wanted, "rollback", record, scene)
            else:
                operations += _resumed(index, change, record, scene, RESTORE)
        elif not now:
            # It is open again, but an earlier try may not have come to what went off with it.
            operations += give_back(index, change.key, scene, GIVE_BACK)
    for field, verb in _VERBS.items():
        wanted, now = change.before.get(field), record.get(field)
        if field not in change.before or _same(wanted, now) or _same(wanted, change.after.get(field)):
            continue
        by = _touching(change, (field,)) or ([] if _same(now, change.after.get(field)) else [_UNKNOWN])
        if by and not overwrite:
            others += by
            continue
        scene.driver.require("mailbox." + verb, change.key)
        operations.append(
            _operation(index, change, verb, "mailbox.updated", {field: now}, {field: wanted}, stage=RESTORE)
        )
    return operations, others


def _resumed(index: int, change: Change, record: Record, scene: Scene, stage: int) -> list[Operation]:
    before = mailbox_state(record)
    after = dict(before, state=change.before.get("state") or "present", suspended="")
    request = {"suspend": record["suspended"]}
    resume = _operation(index, change, "resume", "mailbox.resumed", before, after, request, stage=stage)
    return [resume, *give_back(index, change.key, scene, stage + 1)]


def _invite(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    invite, mailbox = scene.record("invite", change.key), scene.record("mailbox", change.key)
    if change.of_handover:
        return Way(AS_BEFORE, "It goes with its mailbox.")
    if change.before.get("state") == "pending":
        return _pending_again(index, change, overwrite, scene)
    if mailbox is not None and invites.is_claimed(mailbox):
        if scene.driver.invite_form != "setup_link":
            return Way(AS_BEFORE, "It is redeemed.")
        # The mailbox came into being when its owner took the invite, and has no event of its own.
        way = _disabled(index, dataclasses.replace(change, kind="mailbox"), mailbox, overwrite, scene)
        return dataclasses.replace(
            way, why="It is redeemed. %s" % way.why if way.why else "It is redeemed; its mailbox is suspended."
        )
    if change.doubt is not None and mailbox is not None and mailbox.get("claimed") is False and not invite:
        invite = dict(change.after, state="pending")
    if invite is None or not invites.is_pending(invite):
        return Way(AS_BEFORE, "It is %s." % (invite or {}).get("state", "gone"))
    operation = invites.cancelled(index, change.key, invite, scene)
    operation.stage = CANCEL
    return Way(TAKEN_BACK, operations=[operation])


def _pending_again(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """The batch has cancelled a pending invite, or changed who gets it."""
    key, invite, mailbox = change.key, scene.record("invite", change.key), scene.record("mailbox", change.key)
    owner = str(change.before.get("recipient") or "")
    if invites.is_claimed(mailbox):
        return Way(AS_BEFORE, "Its owner has set the mailbox up.")
    if invite is not None and invites.is_pending(invite) and invite.get("recipient") == owner:
        return Way(AS_BEFORE)
    others = _touching(change, ("state", "recipient"))
    if others and not overwrite:
        return _conflict(change, others, invite or {}, [])
    item = {"key": key, "owner_email": owner, "role_account": False, "quota_mb": None, "exception": {}}
    item.update(delivery="provider_mail", expires_in_hours=scene.driver.invite_hours or invites.EXPIRES_IN_HOURS)
    operations = invites.plan_present(index, item, scene)
    for operation in operations:
        operation.stage += RESTORE
    return Way(TAKEN_BACK, operations=operations)


_State = t.Callable[[Record, Record], Record]


def _governed(
    index: int, change: Change, overwrite: bool, scene: Scene, now: Record | None, make: str, end: str, done: str
) -> Way:
    """Forwards and catch-alls: removed when the batch has made them, else as they were, unless their time is over.

    :param make, end: verbs that bring one about and remove it.
    :param done: action of bringing it about.
    """
    wanted: dict[str, t.Any] | None = None if change.created else change.before
    settled = _settled(change, now, wanted, overwrite)
    if settled is not None:
        return settled
    request = {"via": (now or change.before)["via"]} if change.kind == "forward" else {}
    if wanted is None:
        action = "%s.%s" % (change.kind, "deleted" if end == "delete" else "disabled")
        return Way(TAKEN_BACK, operations=[_operation(index, change, end, action, now, None, request, stage=REMOVE)])
    ends = str(wanted.get("expires_at") or "")
    if ends and parse_time(ends) <= scene.now:
        return Way(KEPT, "Its time was over at %s." % ends)
    scene.driver.require("%s.%s" % (change.kind, request.get("via") or make), change.key)
    mailbox = scene.record("mailbox", change.key)
    if request.get("via") == "mailbox" and (mailbox is None or mailbox["state"] == "trashed"):
        return Way(LEFT_TO_PEOPLE, "The mailbox that it belonged to is gone.", "Bring the mailbox back first.")
    verb, action = (make, done) if now is None else (make if make == "enable" else "update", change.kind + ".updated")
    if now is not None and _natively_equal(now, wanted):
        verb = "record"
    return Way(
        TAKEN_BACK, operations=[_operation(index, change, verb, action, now, dict(wanted), request, stage=GIVE_BACK)]
    )


_GOVERNANCE = frozenset(("owner", "purpose", "expires_at"))


def _natively_equal(now: Record, wanted: Record) -> bool:
    return all(now.get(name) == value for name, value in wanted.items() if name not in _GOVERNANCE)


def _forward(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("forward", change.key)
    now = None if record is None else forward_state(record, scene.note("forward", change.key))
    return _governed(index, change, overwrite, scene, now, "create", "delete", "forward.created")


def _catch_all(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("catch_all", change.key)
    on = record is not None and record.get("enabled")
    now = catch_all_state(record, scene.note("catch_all", change.key)) if record and on else None
    return _governed(index, change, overwrite, scene, now, "enable", "disable", "catch_all.enabled")


def _alias(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("alias", change.key)
    now = None if record is None else alias_state(record)
    wanted: dict[str, t.Any] | None = None if change.created else dict(change.before)
    settled = _settled(change, now, wanted, overwrite)
    if settled is not None:
        return settled
    if wanted is None:
        return Way(
            TAKEN_BACK, operations=[_operation(index, change, "delete", "alias.deleted", now, None, stage=REMOVE)]
        )
    mailbox = scene.record("mailbox", wanted["mailbox"])
    if mailbox is None or mailbox["state"] == "trashed":
        return Way(
            LEFT_TO_PEOPLE, "Its mailbox %s is gone." % wanted["mailbox"], "Bring the mailbox back, then run again."
        )
    if now is not None and now["mailbox"] == wanted["mailbox"]:
        operation = _operation(index, change, "update", "alias.updated", now, wanted, stage=GIVE_BACK)
        return Way(TAKEN_BACK, operations=[operation])
    operations = []
    if now is not None:
        # No provider moves an alias: it is taken from the one mailbox and given to the other.
        operations.append(_operation(index, change, "delete", "alias.deleted", now, None, stage=REMOVE))
    operations.append(_operation(index, change, "create", "alias.created", None, wanted, stage=GIVE_BACK))
    return Way(TAKEN_BACK, operations=operations)


def _domain(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("domain", change.key)
    if record is None:
        if change.created:
            return Way(AS_BEFORE)
        return Way(
            LEFT_TO_PEOPLE,
            "The domain was removed from the account.",
            "Add it with mailops.email.domain, publish its DNS records, then run again.",
        )
    if change.created:
        return Way(KEPT, "A domain is never removed by a rollback; without its mailboxes it lets nobody in.")
    operations, others = [], []
    for field, verb in (("mail_hosting", "set_hosting"), ("note", "annotate")):
        wanted, now = change.before.get(field), record.get(field)
        if field not in change.before or _same(wanted, now):
            continue
        by = _touching(change, (field,)) or ([] if _same(now, change.after.get(field)) else [_UNKNOWN])
        if by and not overwrite:
            others += by
            continue
        scene.driver.require("domain." + verb, change.key)
        operations.append(
            _operation(index, change, verb, "domain.updated", {field: now}, {field: wanted}, stage=RESTORE)
        )
    if others:
        return _conflict(change, others, record, operations)
    return Way(TAKEN_BACK, operations=operations) if operations else Way(AS_BEFORE)


def _administrator(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    now = {"administrators": sorted((scene.record("administrator", change.key) or {}).get("administrators") or ())}
    settled = _settled(change, now, change.before, overwrite)
    if settled is not None:
        return settled
    if not change.before.get("administrators"):
        return Way(KEPT, "Nobody has administered the domain before, and it is not left without anybody.", "")
    operation = _operation(index, change, "set", "domain.updated", now, dict(change.before), stage=RESTORE)
    return Way(TAKEN_BACK, operations=[operation])


def _access_path(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """Who may read a shared mailbox, and rules that send mail on: removed when the batch has made them, else given back."""
    place = place_of(change.kind, change.key)
    record = scene.record(change.kind, change.key)
    now = None if record is None else path_state(change.kind, record)
    wanted: dict[str, t.Any] | None = None if change.created else dict(change.before)
    settled = _settled(change, now, wanted, overwrite)
    if settled is not None:
        return settled
    if now is not None and wanted is not None:
        return Way(
            LEFT_TO_PEOPLE,
            "It is there in another form: %s." % _told(now),
            "Change it in the provider's control panel.",
        )
    verb, action = (KINDS[change.kind].verb, KINDS[change.kind].action) if wanted is None else ("create", "")
    scene.driver.require("%s.%s" % (change.kind, verb), change.key)
    if wanted is None:
        return Way(TAKEN_BACK, operations=[_operation(index, change, verb, action, now, None, stage=REMOVE)])
    for name in filter(None, (place, wanted.get("member"))):
        mailbox = scene.record("mailbox", name)
        if mailbox is None or mailbox["state"] == "trashed":
            return Way(LEFT_TO_PEOPLE, "The mailbox %s is gone." % name, "Bring it back first, then run again.")
    operation = _operation(index, change, "create", change.kind + ".created", None, wanted, stage=GIVE_BACK)
    return Way(TAKEN_BACK, operations=[operation])


def _no_way(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """What is gone for good by its nature: an ended session, a revoked or rotated secret."""
    return Way(KEPT, "%s is not brought back; whoever may have one gets a new one." % change.kind.replace("_", " "))


_WAYS: dict[str, t.Callable[[int, Change, bool, Scene], Way]] = {
    "mailbox": _mailbox,
    "invite": _invite,
    "forward": _forward,
    "alias": _alias,
    "catch_all": _catch_all,
    "domain": _domain,
    "administrator": _administrator,
    "delegate": _access_path,
    "rule": _access_path,
}

_UNKNOWN = "somebody, not by this journal"


def _settled(change: Change, now: Record | None, wanted: Record | None, overwrite: bool) -> Way | None:
    """When nothing is to be done, or somebody else has changed it; None when the way back is free."""
    if _equal(now, wanted):
        return Way(AS_BEFORE)
    others = sorted({_who(event) for event in change.later})
    if not others and not _equal(now, None if change.removed else change.after):
        others = [_UNKNOWN]
    return _conflict(change, others, now, []) if others and not overwrite else None


def _conflict(change: Change, others: t.Sequence[str], now: Record | None, operations: list[Operation]) -> Way:
    return Way(
        CHANGED_SINCE,
        "Changed since by %s; now: %s." % (" and by ".join(dict.fromkeys(others)), _told(now)),
        "Leave it so, or name %s in overwrite to set it back all the same." % change.key,
        operations,
    )


def _told(state: Record | None) -> str:
    if not state:
        return "gone"
    return ", ".join("%s %s" % (name, value) for name, value in sorted(state.items()) if value not in (None, "", []))


def _who(event: dict[str, t.Any]) -> str:
    return "%s for %s on %s" % (
        (event.get("actor") or {}).get("human") or "somebody",
        event.get("request_id"),
        event["timestamp"],
    )


def _touching(change: Change, fields: t.Sequence[str]) -> list[str]:
    """Who has changed any of these fields since, by the journal."""
    found = []
    for event in change.later:
        before, after = event.get("before") or {}, event.get("after") or {}
        if any(before.get(field) != after.get(field) for field in fields):
            found.append(_who(event))
    return found


def _same(one: t.Any, other: t.Any) -> bool:
    return (one or None) == (other or None)


def _equal(now: Record | None, state: Record | None) -> bool:
    """By the fields that the journal has of it and the provider shows."""
    if now is None or state is None:
        return now is None and state is None
    return all(_same(now[name], value) for name, value in state.items() if name in now)


def _operation(
    index: int,
    change: Change,
    verb: str,
    action: str,
    before: Record | None,
    after: Record | None,
    request: dict[str, t.Any] | None = None,
    *,
    stage: int,
) -> Operation:
    return Operation(index, change.kind, verb, change.key, action, before, after, dict(request or {}), stage=stage)
