# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is killed: operations of several objects, what stands before them, and what has to be there in the end.

To add one, write a class and put it in SCENARIOS: `prepare` makes what is there before, behind the collection's back or by
`world.do`, which is never killed; `tasks` is what is killed, and run again; `wanted` is the truth that has to come of it.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime
import typing as t

from sandboxlib import Sandbox

Options = dict[str, t.Any]
REQUEST = "REQ-2026-001"


@dataclasses.dataclass(frozen=True)
class Task:
    """One task of a play: a module of the collection and its options."""

    module: str
    options: Options


@dataclasses.dataclass
class Wanted:
    """What the provider has to hold of a trial's domain, all of it and nothing else, when everything is done.

    :param invites: addresses with a pending invite. Each got exactly one mail.
    :param mailboxes: address -> ``open``, ``suspended``, ``paused`` or ``trashed``.
    :param sealed: addresses whose password is sealed for their owner and lets him in.
    :param aliases: address -> mailbox.
    :param forwards: address -> targets.
    :param names: of these mailboxes display name and note.
    :param paths: of mailboxes the app passwords and tokens that still open them.
    :param members: shared mailbox and member.
    :param evidence: what the journal has evidence of, in the documents that it names.
    :param rollbacks: by id, how far the journal says they have come.
    """

    invites: set[str] = dataclasses.field(default_factory=set)
    mailboxes: dict[str, str] = dataclasses.field(default_factory=dict)
    sealed: set[str] = dataclasses.field(default_factory=set)
    aliases: dict[str, str] = dataclasses.field(default_factory=dict)
    forwards: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    names: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    paths: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    members: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    evidence: set[str] = dataclasses.field(default_factory=set)
    rollbacks: dict[str, str] = dataclasses.field(default_factory=dict)


def _in_a_month() -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).strftime("%Y-%m-%d")


class World:
    """A domain of a trial's own, at a sandbox that serves many, with a token that sees nothing else.

    :param do: runs tasks with the collection, without killing them.
    """

    def __init__(self, sandbox: Sandbox, name: str, seal_to: str) -> None:
        self.sandbox = sandbox
        self.domain = name + ".example.com"
        self.seal_to = seal_to
        self.domain_id = sandbox.ours("POST", "/seed", {"domains": [self.domain]})["domains"][self.domain]
        minted = sandbox.ours("POST", "/tokens", {"domains": [self.domain]})
        self.token, self.token_id = minted["token"], minted["id"]
        self.in_a_month = _in_a_month()
        self.do: t.Callable[[list[Task]], None] = lambda tasks: None

    def at(self, name: str) -> str:
        return "%s@%s" % (name, self.domain)

    def mailbox(self, name: str) -> int:
        """A mailbox that somebody made before us, with the password PASSWORD; returns its id."""
        return int(self.sandbox.mailbox(self.domain_id, name)["id"])

    def make(self, path: str, body: t.Any) -> None:
        """Make something by the API, behind the collection's back."""
        answer = self.sandbox.call("POST", path, body)
        if answer.status_code != 201:
            raise RuntimeError("%s: %s" % (path, answer.text))

    def state(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.sandbox.ours("GET", "/state?domain=" + self.domain))

    def history(self) -> list[dict[str, t.Any]]:
        """Changes that the collection made here."""
        return t.cast("list[dict[str, t.Any]]", self.sandbox.ours("GET", "/history?token=%d" % self.token_id)["data"])

    def mails(self) -> list[dict[str, t.Any]]:
        sent = self.sandbox.ours("GET", "/outbox")["data"]
        return [mail for mail in sent if mail["subject"].endswith("@" + self.domain)]


class Scenario(abc.ABC):
    name: t.ClassVar[str]

    def prepare(self, world: World) -> None:
        """Make what is there before."""

    @abc.abstractmethod
    def tasks(self, world: World) -> list[Task]:
        """What is run, killed, and run again."""

    def steps(self, world: World) -> list[Task | Options]:
        """The same for the real ansible-playbook, where it can have a role do it; a dict is a task of the play as it is."""
        return list(self.tasks(world))

    @abc.abstractmethod
    def wanted(self, world: World) -> Wanted:
        """What has to be there in the end."""


def allowed(**more: t.Any) -> Options:
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=48)
    said = {"reason": "Asked for by the client", "approver": "lee@agency.example"}
    return {**said, "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}


def role(name: str, **variables: t.Any) -> Options:
    """A task that runs a role of the collection."""
    return {"name": name, "ansible.builtin.include_role": {"name": "mailops.email." + name}, "vars": variables}


def forward(world: World, name: str, *targets: str, **more: t.Any) -> Options:
    whole = {"address": world.at(name), "targets": [world.at(one) for one in targets], **more}
    return {"owner": "ann@home.example", "purpose": "Cover during leave", "expires_at": world.in_a_month, **whole}


class Onboard(Scenario):
    """Mailboxes by invite, in two batches, and by sealed password; then forwards and aliases."""

    name = "onboard"
    hours: t.ClassVar[dict[str, int]] = {"ann": 24, "ben": 24, "cleo": 24, "dan": 48, "eve": 48}

    def prepare(self, world: World) -> None:
        world.mailbox("old")

    def tasks(self, world: World) -> list[Task]:
        rows: list[Options] = [
            {"address": world.at(name), "owner_email": name + "@home.example", "expires_in_hours": hours}
            for name, hours in self.hours.items()
        ]
        exception = allowed(accept_unforced_rotation=True)
        sealed = {"credential": "generated_one_time", "seal_to": world.seal_to, "exception": exception}
        rows += [
            {"address": world.at(name), "owner_email": name + "@home.example", **sealed} for name in ("pia", "quin")
        ]
        aliases = [{"address": world.at("p." + name), "mailbox": world.at(name)} for name in ("pia", "quin", "old")]
        return [
            Task("mailbox", {"mailboxes": rows}),
            Task("forward", {"forwards": [forward(world, "sales-desk", "pia", "quin"), forward(world, "old", "pia")]}),
            Task("alias", {"aliases": aliases}),
        ]

    def wanted(self, world: World) -> Wanted:
        boxes = [world.at(name) for name in ("pia", "quin", "old")]
        return Wanted(
            invites={world.at(name) for name in self.hours},
            mailboxes=dict.fromkeys(boxes, "open"),
            sealed=set(boxes[:2]),
            aliases={world.at("p." + one.partition("@")[0]): one for one in boxes},
            forwards={world.at("sales-desk"): boxes[:2], world.at("old"): boxes[:1]},
        )


class Close(Scenario):
    """People leave: logins and mailboxes are closed, forwards and aliases go."""

    name = "close"
    people = ("ann", "ben", "cleo", "dan")

    def prepare(self, world: World) -> None:
        for name in (*self.people, "old"):
            world.mailbox(name)
        aliases = [{"address": world.at("p." + name), "mailbox": world.at(name)} for name in ("ann", "ben", "old")]
        forwards = [forward(world, "ann", "old"), forward(world, "sales-desk", "ann", "old")]
        world.do([Task("alias", {"aliases": aliases}), Task("forward", {"forwards": forwards})])

    def tasks(self, world: World) -> list[Task]:
        rows = [{"address": world.at(name), "state": "suspended", "reason": "Has left"} for name in self.people]
        rows[3]["suspend"] = "all"
        gone = [{"address": world.at(name), "state": "absent"} for name in ("ann", "sales-desk")]
        aliases = [
            {"address": world.at("p." + name), "mailbox": world.at(name), "state": "absent"} for name in ("ann", "ben")
        ]
        return [
            Task("mailbox", {"mailboxes": rows}),
            Task("forward", {"forwards": gone}),
            Task("alias", {"aliases": aliases}),
        ]

    def wanted(self, world: World) -> Wanted:
        boxes = {world.at(name): "suspended" for name in self.people}
        return Wanted(
            mailboxes={**boxes, world.at("dan"): "paused", world.at("old"): "open"},
            aliases={world.at("p.old"): world.at("old")},
        )


class Reopen(Scenario):
    """They come back, under changed names; forwards and aliases are changed, with and without an idempotency key."""

    name = "reopen"
    people = ("ann", "ben", "cleo")

    def prepare(self, world: World) -> None:
        for name in (*self.people, "old"):
            world.mailbox(name)
        rows = [{"address": world.at(name), "state": "suspended", "reason": "Has left"} for name in self.people]
        forwards = [forward(world, "old", "ann"), forward(world, "sales-desk", "old")]
        aliases = [{"address": world.at("p.old"), "mailbox": world.at("old")}]
        world.do(
            [
                Task("mailbox", {"mailboxes": rows}),
                Task("forward", {"forwards": forwards}),
                Task("alias", {"aliases": aliases}),
            ]
        )

    def tasks(self, world: World) -> list[Task]:
        rows = [{"address": world.at(name), "display_name": name.title(), "note": "Back"} for name in self.people]
        forwards = [forward(world, "old", "ann", "ben"), forward(world, "sales-desk", "cleo")]
        aliases = [
            {"address": world.at("p.old"), "mailbox": world.at("old"), "can_send": True},
            {"address": world.at("p.ann"), "mailbox": world.at("ann")},
        ]
        return [
            Task("mailbox", {"mailboxes": rows}),
            Task("forward", {"forwards": forwards}),
            Task("alias", {"aliases": aliases}),
        ]

    def wanted(self, world: World) -> Wanted:
        return Wanted(
            mailboxes={world.at(name): "open" for name in (*self.people, "old")},
            aliases={world.at("p.old"): world.at("old"), world.at("p.ann"): world.at("ann")},
            forwards={world.at("old"): [world.at("ann"), world.at("ben")], world.at("sales-desk"): [world.at("cleo")]},
        )


class Remove(Scenario):
    """The separate, later step: closed mailboxes are deleted, which takes the provider two requests each."""

    name = "remove"
    people = ("ann", "ben", "cleo")

    def prepare(self, world: World) -> None:
        for name in (*self.people, "old"):
            world.mailbox(name)
        rows = [{"address": world.at(name), "state": "suspended", "reason": "Has left"} for name in self.people]
        world.do([Task("mailbox", {"mailboxes": rows})])

    def tasks(self, world: World) -> list[Task]:
        rows = [{"address": world.at(name), "state": "absent", "exception": allowed()} for name in self.people]
        return [Task("mailbox", {"mailboxes": rows})]

    def wanted(self, world: World) -> Wanted:
        return Wanted(mailboxes={**{world.at(name): "trashed" for name in self.people}, world.at("old"): "open"})


BASIC: tuple[Scenario, ...] = (Onboard(), Close(), Reopen(), Remove())
