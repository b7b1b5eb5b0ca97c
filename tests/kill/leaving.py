# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking away what people had, and giving it back: offboarding, and rollback from the journal."""

from __future__ import annotations

import typing as t

from sandboxlib import PASSWORD
from scenarios import REQUEST, Options, Scenario, Task, Wanted, World, allowed, forward, role


class Offboard(Scenario):
    """In the order of the role: evidence, logins, every access path, forwards, aliases."""

    name = "offboard"
    people = ("ann", "ben")

    def prepare(self, world: World) -> None:
        ids = {name: world.mailbox(name) for name in (*self.people, "old")}
        for name in ("ann", "ann", "ben", "old"):
            world.make("/mailboxes/%d/app-passwords" % ids[name], {"name": "telephone"})
        for name in ("ann", "old"):
            world.sandbox.call("POST", "/mailboxes/%d/enable-imap" % ids[name], {"password": PASSWORD})
            world.make("/mailboxes/%d/message-tokens" % ids[name], {"name": "assistant", "scopes": ["messages:read"]})
        members = [ids[name] for name in ("ann", "old")]
        shared = {
            "domain_id": world.domain_id,
            "local_part": "desk",
            "display_name": "Desk",
            "member_mailbox_ids": members,
        }
        world.make("/shared-mailboxes", shared)
        aliases = [{"address": world.at("p." + name), "mailbox": world.at(name)} for name in ("ann", "ben", "old")]
        forwards = [forward(world, "ann", "old"), forward(world, "sales-desk", "ann", "old")]
        world.do([Task("alias", {"aliases": aliases}), Task("forward", {"forwards": forwards})])

    def tasks(self, world: World) -> list[Task]:
        boxes = [world.at(name) for name in self.people]
        aliases = [{"address": "p." + box, "mailbox": box, "state": "absent"} for box in boxes]
        forwards: list[Options] = [{"address": boxes[0], "state": "absent"}, forward(world, "sales-desk", "old")]
        return [
            Task("evidence", {"objects": [{"name": box} for box in boxes]}),
            Task(
                "mailbox",
                {"mailboxes": [{"address": box, "state": "suspended", "reason": "Has left"} for box in boxes]},
            ),
            Task("mailbox_access", {"mailboxes": [{"address": box} for box in boxes], "reason": "Has left"}),
            Task("forward", {"forwards": forwards}),
            Task("alias", {"aliases": aliases}),
        ]

    def steps(self, world: World) -> list[Task | Options]:
        decided = {
            "offboarding_addresses": [world.at(name) for name in self.people],
            "offboarding_aliases": [{"address": "*", "action": "delete"}],
            # What TrekMail shows to nobody who asks by API.
            "offboarding_done_by_hand": ["token", "rule"],
        }
        sales = Task("forward", {"forwards": [forward(world, "sales-desk", "old")]})
        return [role("offboarding", offboarding_request_id=REQUEST, **decided), sales]

    def wanted(self, world: World) -> Wanted:
        old = world.at("old")
        return Wanted(
            mailboxes={**{world.at(name): "suspended" for name in self.people}, old: "open", world.at("desk"): "open"},
            aliases={world.at("p.old"): old},
            forwards={world.at("sales-desk"): [old]},
            paths=[(old, "app_password"), (old, "message_token")],
            members=[(world.at("desk"), old)],
            evidence={world.at(name) for name in self.people},
        )


class HandOver(Scenario):
    """Mailboxes of somebody who left get another owner, and a secret that only he can read."""

    name = "handover"

    def prepare(self, world: World) -> None:
        for name in ("ann", "ben", "old"):
            world.mailbox(name)
        world.do([Task("mailbox", {"address": world.at("ann"), "state": "suspended", "reason": "Has left"})])

    def tasks(self, world: World) -> list[Task]:
        new = {"owner_email": "cleo@home.example", "reason": "offboarding", "seal_to": world.seal_to}
        exception = allowed(accept_unforced_rotation=True)
        rows = [{"address": world.at(name), "exception": exception, **new} for name in ("ann", "ben")]
        return [Task("mailbox_owner", {"mailboxes": rows})]

    def wanted(self, world: World) -> Wanted:
        boxes = {world.at(name): "open" for name in ("ann", "ben")}
        return Wanted(mailboxes={**boxes, world.at("old"): "open"}, sealed=set(boxes))


def _changed(world: World) -> list[Task]:
    """A request's changes: of what was there, and of what was not."""
    return [
        Task("mailbox", {"mailboxes": [
            {"address": world.at("ann"), "state": "suspended", "reason": "By mistake"},
            {"address": world.at("ben"), "state": "suspended", "reason": "By mistake"},
            {"address": world.at("cleo"), "display_name": "Cleo New", "note": "Moved"},
        ]}),
        Task("forward", {"forwards": [
            forward(world, "old", "cleo"), {"address": world.at("sales-desk"), "state": "absent"}, forward(world, "fair", "old")]}),
        Task("alias", {"aliases": [
            {"address": world.at("p.ann"), "mailbox": world.at("ann"), "state": "absent"},
            {"address": world.at("p.old"), "mailbox": world.at("old"), "can_send": True},
            {"address": world.at("p.cleo"), "mailbox": world.at("cleo")},
        ]}),
    ]  # fmt: skip


class TakeBack(Scenario):
    """A request is frozen and taken back, and the record closed."""

    name = "rollback"
    of: t.ClassVar[str] = ""
    number: t.ClassVar[int] = 1

    def prepare(self, world: World) -> None:
        for name in ("ann", "ben", "cleo", "old"):
            world.mailbox(name)
        before = {"request_id": "REQ-2025-900"}
        aliases = [{"address": world.at("p." + name), "mailbox": world.at(name)} for name in ("ann", "old")]
        forwards = [forward(world, "old", "ann"), forward(world, "sales-desk", "old")]
        world.do([
            Task("mailbox", {**before, "address": world.at("cleo"), "display_name": "Cleo", "note": "First"}),
            Task("alias", {**before, "aliases": aliases}),
            Task("forward", {**before, "forwards": forwards}),
            *_changed(world),
        ])  # fmt: skip

    def tasks(self, world: World) -> list[Task]:
        freeze = {"scope": "request", "name": REQUEST, "reason": "It is taken back.", "expires_at": world.in_a_month}
        names = [world.at(name) for name in ("ann", "ben", "cleo")]
        return [
            Task("freeze", freeze),
            Task("evidence", {"objects": [{"name": name, "rollback_id": self.rollback_id} for name in names]}),
            Task("rollback", {}),
            self.closed(),
        ]

    def steps(self, world: World) -> list[Task | Options]:
        return [role("rollback", rollback_request_id=REQUEST, rollback_unverified_because="No mail servers here.")]

    @property
    def rollback_id(self) -> str:
        return "%s/acme/%d" % (REQUEST, self.number)

    def closed(self) -> Task:
        return Task("rollback", {"state": "closed", "rollback_id": self.rollback_id, "verified": True})

    def wanted(self, world: World) -> Wanted:
        return Wanted(
            mailboxes={world.at(name): "open" for name in ("ann", "ben", "cleo", "old")},
            names={world.at("cleo"): ("Cleo", "First")},
            aliases={world.at("p." + name): world.at(name) for name in ("ann", "old")},
            forwards={world.at("old"): [world.at("ann")], world.at("sales-desk"): [world.at("old")]},
            evidence={world.at(name) for name in ("ann", "ben", "cleo")},
            rollbacks={self.rollback_id: "closed"},
        )


class Redo(TakeBack):
    """The rollback is taken back: the request's state is there again."""

    name = "redo"
    number = 2

    def prepare(self, world: World) -> None:
        super().prepare(world)
        first = TakeBack()
        world.do(first.tasks(world))

    def tasks(self, world: World) -> list[Task]:
        return [Task("rollback", {"rollback_id": "%s/acme/1" % REQUEST}), self.closed()]

    def steps(self, world: World) -> list[Task | Options]:
        again = {"rollback_of": "%s/acme/1" % REQUEST, "rollback_unverified_because": "No mail servers here."}
        return [role("rollback", rollback_request_id=REQUEST, **again)]

    def wanted(self, world: World) -> Wanted:
        return Wanted(
            mailboxes={
                world.at(name): "suspended" if name in ("ann", "ben") else "open"
                for name in ("ann", "ben", "cleo", "old")
            },
            names={world.at("cleo"): ("Cleo New", "Moved")},
            aliases={world.at("p." + name): world.at(name) for name in ("cleo", "old")},
            forwards={world.at("old"): [world.at("cleo")], world.at("fair"): [world.at("old")]},
            evidence={world.at(name) for name in ("ann", "ben", "cleo")},
            rollbacks={"%s/acme/1" % REQUEST: "closed", self.rollback_id: "closed"},
        )


LEAVING: tuple[Scenario, ...] = (Offboard(), TakeBack(), Redo(), HandOver())
