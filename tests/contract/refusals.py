# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What asking for a capability looks like at a driver that does not declare it; only those that a task can ask for so."""

from __future__ import annotations

from collections.abc import Callable

from bench import Bench, Item, exception, governed

Asked = tuple[str, Item]


def _domain(**more: object) -> Callable[[Bench], Asked]:
    return lambda bench: ("domain", {"name": bench.ground.domain(), **more})


def _box(**more: object) -> Callable[[Bench], Asked]:
    return lambda bench: ("mailbox", {"address": bench.box(), **more})


def _administrator(bench: Bench) -> Asked:
    address = bench.box()
    return "domain", {"name": address.partition("@")[2], "administrators": [address]}


def _invite(bench: Bench) -> Asked:
    return "mailbox", bench.invited(bench.ground.domain(), "ann")


def _sealed(bench: Bench) -> Asked:
    return "mailbox", dict(bench.made_box(bench.ground.domain(), "ann"), credential="invite", delivery="sealed")


def _pending(**more: object) -> Callable[[Bench], Asked]:
    def asked(bench: Bench) -> Asked:
        item = bench.invited(bench.ground.domain(), "ann")
        bench.run("invite", item)
        return "invite", {**item, **more}

    return asked


def _forward(bench: Bench) -> Asked:
    item = {"address": "sales@" + bench.ground.domain(), "targets": ["ann@home.example"], **governed()}
    return "forward", dict(item, exception=exception())


UNDECLARED: dict[str, Callable[[Bench], Asked]] = {
    "domain.annotate": _domain(note="contract 4711"),
    "domain.set_hosting": _domain(mail_hosting="external", exception=exception()),
    "administrator.set": _administrator,
    "mailbox.annotate": _box(note="second floor"),
    "mailbox.set_quota": _box(quota_mb=512),
    "mailbox.pause": _box(state="suspended", suspend="all"),
    "invite.create": _invite,
    "invite.link": _sealed,
    "invite.cancel": _pending(state="absent"),
    "invite.resend": _pending(resend=True),
    "invite.change_recipient": _pending(owner_email="other@home.example"),
    "forward.address": _forward,
}
# Nothing can ask for these before something else is declared.
NEEDS = {
    "invite.cancel": "invite.create",
    "invite.resend": "invite.create",
    "invite.change_recipient": "invite.create",
    "invite.link": "invite.create",
}
