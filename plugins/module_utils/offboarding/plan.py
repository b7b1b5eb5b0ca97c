# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do about each thing of those who leave: items for the modules that do it, and a report, item by item.

The lists are made anew from what is there at each run; what is done already is in none of them (R-OFF-10, R-OFF-11).
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.owners import Owned
from ansible_collections.mailops.email.plugins.module_utils.offboarding.decisions import Decision, Decisions
from ansible_collections.mailops.email.plugins.module_utils.offboarding.doubts import settling
from ansible_collections.mailops.email.plugins.module_utils.offboarding.selection import Selection
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import identity
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import external_targets
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import is_claimed, is_pending

Item = dict[str, t.Any]
DONE, TO_DO, OPEN, CONFIRMED = "done", "to_do", "open", "confirmed"
_GOVERNED = ("owner", "purpose", "expires_at")


@dataclasses.dataclass
class Facts:
    """What is there.

    :param records: as observed, by kind.
    :param notes: of forwards and catch-alls, who answers for them, why and until when.
    :param owned: by address of a mailbox, its owner.
    :param handed: by address, what a hand-over under this very request has recorded.
    :param doubts: intents of this very request of which nobody knows yet what became of them.
    :param roles: role accounts as the inventory knows them: ``address``, ``members``, ``shared``, ``critical``.
    """

    driver: Driver
    records: dict[str, dict[str, Record]]
    notes: dict[str, dict[str, Record]]
    owned: t.Mapping[str, Owned]
    handed: t.Mapping[str, Record]
    roles: t.Sequence[Record]
    own_domains: t.Collection[str]
    now: datetime.datetime
    doubts: t.Sequence[Event] = ()

    def record(self, kind: str, key: str) -> Record | None:
        return self.records.get(kind, {}).get(key)


class Offboarding:
    """The plan of one client's part.

    :ivar lists: by the name of the result, items for a module.
    :ivar items: one row for each thing: ``item``, ``kind``, ``key``, ``state``, ``what``, ``next``.
    :ivar rules: how many rules are deleted with the access paths; each is a removal.
    """

    def __init__(self, selection: Selection, decisions: Decisions, facts: Facts, reason: str) -> None:
        self._selection, self._decisions, self._facts, self._reason = selection, decisions, facts, reason
        names = (
            "evidence", "suspend", "invites", "access", "forwards", "catch_alls", "aliases_absent", "aliases_present", "owners",
        )  # fmt: skip
        self.lists: dict[str, list[Item]] = {name: [] for name in names}
        self.items: list[Item] = []
        self.rules = 0
        self._closed = set(selection.mailboxes)
        self._roles()
        for address in selection.mailboxes:
            self._mailbox(address)
        self._forwards()
        self._aliases()
        self._catch_alls()
        self._people_work()
        self._doubts()
        objects = sorted({*selection.mailboxes, *(item["address"] for item in self.lists["suspend"])})
        self.lists["evidence"] = [{"name": one} for one in [*objects, *selection.domains]]

    def _doubts(self) -> None:
        """Whatever is done already still has to be told as done (R-OFF-10)."""
        for event in self._facts.doubts:
            kind, key = event["object"]["kind"], event["object"]["key"]
            found = settling(event, self._facts.record(kind, key), self._reason)
            if found is None:
                continue
            name, item = found
            mark = "domain" if "domain" in item else "address"
            if item[mark] not in [one[mark] for one in self.lists[name]]:
                self.lists[name].append(item)
            self._row(kind, key, TO_DO, "settle what a run that was killed left in doubt")

    # ---- mailboxes

    def _mailbox(self, address: str) -> None:
        record, invite = self._facts.record("mailbox", address), self._facts.record("invite", address)
        kept = self._decisions.of("keep", address)
        if kept and kept["key"] == address:
            self._hand_over("mailbox", address, kept, kept["new_owner"])
            return
        if (is_pending(invite) and not is_claimed(record)) or (record is not None and record["state"] == "pending"):
            self._invite(address)
            return
        if record is None or record["state"] in ("trashed", "orphaned"):
            self._row("mailbox", address, DONE, "there is none")
            return
        self._close("mailbox", address, record)

    def _close(self, kind: str, address: str, record: Record) -> None:
        self._closed.add(address)
        if record["suspended"]:
            self._row(kind, address, DONE, "suspended")
        else:
            self.lists["suspend"].append({"address": address, "state": "suspended", "reason": self._reason})
            self._row(kind, address, TO_DO, "suspend")
        self._access(address)

    def _invite(self, address: str) -> None:
        """A link that is out is a way in, too."""
        if self._facts.driver.can("invite.cancel"):
            self.lists["invites"].append({"address": address, "state": "absent"})
            self._row("invite", address, TO_DO, "cancel")
        elif "invite" in self._decisions.by_hand:
            self.lists["invites"].append({"address": address, "state": "absent", "done_by_hand": True})
            self._row("invite", address, TO_DO, "record that it was cancelled by hand")
        else:
            said = access_paths.sentence(self._facts.driver, "invite.cancel")
            self._row("invite", address, OPEN, "cancel the invite", said + " Then name invite in done_by_hand.")

    def _access(self, address: str) -> None:
        """Whatever lets somebody in; what the login's end closes by itself is not counted while that is still to come."""
        found = [
            access_paths.row_of(kind, address, key, record, self._facts.driver)
            for kind in access_paths.LETS_IN
            for key, record in access_paths.mine(kind, address, self._facts.records).items()
        ]
        by_api = [row for row in found if row["by"] == "api"]
        self.rules += len([row for row in by_api if row["kind"] == "rule"])
        for row in found:
            if row["by"] == "human":
                self._by_hand(row["kind"], row["key"], row["next"])
        if by_api:
            self.lists["access"].append({"address": address})
            self._row("access", address, TO_DO, "revoke %d access paths" % len(by_api))
        else:
            self._row("access", address, DONE, "no access path that can be seen is open")

    def _hand_over(self, kind: str, address: str, decision: Decision, new_owner: str) -> None:
        """Closed first, whatever comes after: sessions and app passwords of whoever leaves end with it."""
        record = self._facts.record("mailbox", address)
        if record is None or record["state"] not in ("present", "suspended"):
            self._row(kind, address, OPEN, "hand over", "There is no mailbox to hand over: correct the decision.")
            return
        marker = self._facts.handed.get(address, {})
        self._closed.discard(address)
        if marker.get("owner") == new_owner and marker.get("until", "") == decision["until"]:
            self._row(kind, address, DONE, "handed over to %s" % new_owner)
            return
        ready = self._facts.driver.invite_form == "recovery_link" or bool(decision["seal_to"] and decision["exception"])
        if ready or kind == "mailbox":
            # What is a leaver's own is closed in any case; a role account only when somebody else can have it at once.
            if not record["suspended"]:
                self.lists["suspend"].append({"address": address, "state": "suspended", "reason": self._reason})
            self._access(address)
        if not ready:
            told = "Give seal_to and an exception with its decision: the new secret is only ever written sealed."
            self._row(kind, address, OPEN, "hand over to %s" % new_owner, told)
            return
        item: Item = {"address": address, "owner_email": new_owner, "reason": "offboarding"}
        item["role_account"] = kind == "role_account"
        more = {"until": decision["until"], "seal_to": decision["seal_to"], "exception": decision["exception"]}
        self.lists["owners"].append({**item, **{name: value for name, value in more.items() if value}})
        self._row(kind, address, TO_DO, "suspend, set a new secret, hand over to %s" % new_owner)

    # ---- role accounts

    def _roles(self) -> None:
        """R-OFF-05, R-ROLE-01: each that somebody who leaves can use has a decision; where a secret is shared it is rotated."""
        listed = {str(role["address"]).lower(): role for role in self._facts.roles}
        leaving = {identity(one) for one in self._selection.people} | set(self._selection.mailboxes)
        named = {
            address: "member"
            for address, role in listed.items()
            if leaving & {identity(str(one)) for one in role.get("members") or ()}
        }
        named.update(dict.fromkeys(self._selection.roles, "owner"))
        for address, why in sorted(named.items()):
            if address not in self._selection.mailboxes:
                self._role(address, why, listed.get(address, {}))

    def _role(self, address: str, why: str, role: Record) -> None:
        decision = self._decisions.of("role_accounts", address)
        must = why == "owner" or bool(role.get("shared"))
        if not decision:
            told = "rotate, or suspend" if must else "rotate, suspend, or keep with a reason"
            self._row("role_account", address, OPEN, "review: %s" % why, "Decide in role_account_decisions: %s." % told)
        elif decision["action"] == "keep" and must:
            told = "Whoever leaves knows its secret or answers for it: rotate it to somebody else, or suspend it."
            self._row("role_account", address, OPEN, "review: %s" % why, told)
        elif decision["action"] == "keep":
            self._row("role_account", address, DONE, "kept: %s" % decision["reason"])
        elif decision["action"] == "suspend":
            record = self._facts.record("mailbox", address)
            if record is None:
                self._row("role_account", address, DONE, "there is none")
            else:
                self._close("role_account", address, record)
        else:
            self._rotate(address, why, decision)
        if role.get("critical"):
            self._by_hand(
                "recovery", address, "Review its recovery addresses and enrolled devices, and change what is theirs."
            )

    def _rotate(self, address: str, why: str, decision: Decision) -> None:
        owner = decision["new_owner"]
        known = self._facts.owned.get(address)
        if not owner and why == "member" and known:
            owner = known.owner
        if not owner or identity(owner) in {identity(one) for one in self._selection.people}:
            told = "Name new_owner in its decision: somebody who stays."
            self._row("role_account", address, OPEN, "rotate", told)
            return
        self._hand_over("role_account", address, decision, owner)

    # ---- forwards, aliases, catch-alls

    def _forwards(self) -> None:
        """Those that leave a closed mailbox, those that they answer for, and those that end in a closed mailbox."""
        for address, record in sorted(self._facts.records.get("forward", {}).items()):
            mine = address in self._closed or address in self._selection.forwards
            mine = mine or address.rpartition("@")[2] in self._selection.domains
            rest = [one for one in record["targets"] if one not in self._closed]
            if mine or not rest:
                self._forward(address, record)
            elif len(rest) < len(record["targets"]):
                self._fewer_targets(address, record, rest)
        for address in self._selection.forwards:
            if self._facts.record("forward", address) is None:
                self._row("forward", address, DONE, "there is none")

    def _forward(self, address: str, record: Record) -> None:
        decision = self._decisions.of("forwards", address)
        if not decision or decision["action"] == "end":
            self.lists["forwards"].append({"address": address, "state": "absent"})
            self._row("forward", address, TO_DO, "end, it goes to %s" % ", ".join(record["targets"]))
            return
        note = self._facts.notes.get("forward", {}).get(address, {})
        wanted = {"owner": decision["new_owner"], "expires_at": decision["until"]}
        wanted["purpose"] = decision["purpose"] or note.get("purpose") or self._reason
        if all(note.get(name) == value for name, value in wanted.items()):
            self._row("forward", address, DONE, "taken over by %s until %s" % (note["owner"], note["expires_at"]))
            return
        item = {"address": address, "state": "present", "targets": record["targets"], **wanted}
        self._governed(item, record, decision)
        self._row("forward", address, TO_DO, "%s takes it over until %s" % (wanted["owner"], wanted["expires_at"]))

    def _fewer_targets(self, address: str, record: Record, rest: list[str]) -> None:
        note = self._facts.notes.get("forward", {}).get(address, {})
        what = "take out %s" % ", ".join(sorted(set(record["targets"]) - set(rest)))
        if not all(note.get(name) for name in _GOVERNED):
            told = "Nobody answers for it: record owner, purpose and end with mailops.email.forward, or end it by a decision."
            self._row("forward", address, OPEN, what, told)
            return
        item = {"address": address, "state": "present", "targets": rest, **{name: note[name] for name in _GOVERNED}}
        self._governed(item, record, self._decisions.of("forwards", address))
        self._row("forward", address, TO_DO, what)

    def _governed(self, item: Item, record: Record, decision: Decision) -> None:
        if "keep_copy" in record:
            item["keep_copy"] = record["keep_copy"]
        if external_targets(item["targets"], self._facts.own_domains) and decision.get("exception"):
            item["exception"] = decision["exception"]
        self.lists["forwards"].append(item)

    def _aliases(self) -> None:
        """R-OFF-04: removed, moved, or kept for a time with somebody who answers for it."""
        for address, record in sorted(self._facts.records.get("alias", {}).items()):
            if record["mailbox"] not in self._closed:
                continue
            decision = self._decisions.of("aliases", address)
            here = {"address": address, "mailbox": record["mailbox"], "state": "absent"}
            if not decision:
                told = "Decide in aliases: delete, move to another mailbox, or keep with new_owner and until."
                self._row("alias", address, OPEN, "of %s" % record["mailbox"], told)
            elif decision["action"] == "keep":
                said = "kept for %s until %s" % (decision["new_owner"], decision["until"])
                self._row("alias", address, DONE, said)
            else:
                self.lists["aliases_absent"].append(here)
                said = "delete"
                if decision["action"] == "move":
                    flags: Record = {name: record[name] for name in ("can_receive", "can_send") if name in record}
                    moved: Item = {"address": address, "mailbox": decision["mailbox"], "state": "present", **flags}
                    if decision["exception"]:
                        moved["exception"] = decision["exception"]
                    self.lists["aliases_present"].append(moved)
                    said = "move to %s" % decision["mailbox"]
                self._row("alias", address, TO_DO, said)

    def _catch_alls(self) -> None:
        falling = self._falling()
        for domain, record in sorted(self._facts.records.get("catch_all", {}).items()):
            ends_in = {one.strip() for one in str(record.get("destination") or "").split(",")}
            mine = domain in self._selection.catch_alls or bool(ends_in & self._closed)
            feeds = not mine and domain in falling
            if not record.get("enabled") or not (mine or feeds):
                if domain in self._selection.catch_alls:
                    self._row("catch_all", domain, DONE, "off")
                continue
            decision = self._decisions.of("catch_alls", domain)
            if feeds and not decision:
                what = "mail for %s goes to %s" % (", ".join(falling[domain]), record.get("destination"))
                told = "Decide in catch_alls: end it, or reown it, so that somebody answers for what is read there."
                self._row("catch_all", domain, OPEN, what, told)
                continue
            if not decision or decision["action"] == "end":
                self.lists["catch_alls"].append({"domain": domain, "state": "absent"})
                self._row("catch_all", domain, TO_DO, "switch off, it goes to %s" % record.get("destination"))
                continue
            note = self._facts.notes.get("catch_all", {}).get(domain, {})
            wanted: Record = {
                "owner": decision["new_owner"],
                "expires_at": decision["until"],
                "destination": decision["destination"] or record.get("destination"),
                "purpose": decision["purpose"] or note.get("purpose") or self._reason,
            }
            now: Record = {**note, "destination": record.get("destination")}
            if all(now.get(name) == value for name, value in wanted.items()):
                self._row("catch_all", domain, DONE, "taken over by %s until %s" % (note["owner"], note["expires_at"]))
                continue
            item = {"domain": domain, "state": "present", **wanted}
            if decision["exception"]:
                item["exception"] = decision["exception"]
            self.lists["catch_alls"].append(item)
            self._row("catch_all", domain, TO_DO, "%s takes it over until %s" % (wanted["owner"], wanted["expires_at"]))

    def _falling(self) -> dict[str, list[str]]:
        """By domain, closed mailboxes whose mail the provider hands to the domain's catch-all (R-OFF-04)."""
        found: dict[str, list[str]] = {}
        if self._facts.driver.suspension_feeds_catch_all:
            for address in sorted(self._closed):
                if self._facts.record("mailbox", address) is not None:
                    found.setdefault(address.rpartition("@")[2], []).append(address)
        return found

    # ---- what people do

    def _people_work(self) -> None:
        """What the provider shows to nobody who asks by API; a person looks, and says so in done_by_hand (R-OFF-09)."""
        there = sorted(one for one in self._closed if self._facts.record("mailbox", one))
        left = access_paths.left_to_people(access_paths.LETS_IN, there, self._as_if_closed(there), self._facts.driver)
        for row in left if there else ():
            self._by_hand(row["kind"], "of %d mailboxes" % len(row["addresses"]), row["next"])

    def _as_if_closed(self, there: t.Iterable[str]) -> dict[str, Record]:
        """What a suspension ends by itself is no work for people, before it either."""
        boxes = self._facts.records.get("mailbox", {})
        return {one: dict(boxes[one], suspended=boxes[one].get("suspended") or "login") for one in there}

    def _by_hand(self, kind: str, key: str, told: str) -> None:
        if kind in self._decisions.by_hand or "%s %s" % (kind, key) in self._decisions.by_hand:
            self._row(kind, key, CONFIRMED, "done by hand")
        else:
            self._row(kind, key, OPEN, "by hand", told + " Then name %s in done_by_hand." % kind)

    def _row(self, kind: str, key: str, state: str, what: str, following: str = "") -> None:
        self.items.append(
            {"item": "%s %s" % (kind, key), "kind": kind, "key": key, "state": state, "what": what, "next": following}
        )
