# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where mail of an address comes to rest (R-PAT-15: a route to the wrong mailbox)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.routes import judge, routes

MAILBOXES: dict[str, Any] = {"ann@a.test": {"state": "active"}, "bob@a.test": {}, "old@a.test": {"state": "trashed"}}
ALIASES: dict[str, Any] = {
    "sales@a.test": {"mailbox": "ann@a.test"},
    "out@a.test": {"mailbox": "ann@a.test", "can_receive": False},
}
FORWARDS: dict[str, Any] = {
    "bob@a.test": {"state": "present", "targets": ["ann@a.test", "x@other.test"], "keep_copy": True},
    "info@a.test": {"state": "present", "targets": ["sales@a.test"]},
    "off@a.test": {"state": "paused", "targets": ["ann@a.test"]},
    "one@a.test": {"state": "present", "targets": ["two@a.test"]},
    "two@a.test": {"state": "present", "targets": ["one@a.test"]},
}
REST: dict[str, Any] = {"a.test": {"enabled": True, "destination": "bob@a.test"}}


@pytest.mark.parametrize(
    "address, targets, code",
    [
        ("ann@a.test", ["ann@a.test"], ""),
        ("Sales@A.test", ["ann@a.test"], ""),
        ("sales@a.test", ["bob@a.test"], "route_wrong_mailbox"),
        ("info@a.test", ["ann@a.test"], ""),
        ("bob@a.test", ["bob@a.test", "ann@a.test", "x@other.test"], ""),
        ("bob@a.test", ["bob@a.test"], "route_wrong_mailbox"),
        ("off@a.test", ["ann@a.test"], "route_missing"),
        ("out@a.test", ["ann@a.test"], "route_missing"),
        ("old@a.test", ["old@a.test"], "route_missing"),
        ("nobody@a.test", ["ann@a.test"], "route_missing"),
        ("one@a.test", ["ann@a.test"], "route_missing"),
        ("nobody@a.test", [], ""),
    ],
)
def test_where_mail_comes_to_rest(address: str, targets: list[str], code: str) -> None:
    found = judge({address: targets}, routes(MAILBOXES, ALIASES, FORWARDS))
    assert [one.code for one in found] == ([code] if code else [])
    for one in found:
        assert one.object == address and (targets[0] in one.next or address in one.next)


def test_a_catch_all_is_no_route_of_its_own() -> None:
    known = routes(MAILBOXES, ALIASES, FORWARDS, REST)
    whole = ["bob@a.test", "ann@a.test", "x@other.test"]
    assert [one.code for one in judge({"nobody@a.test": whole}, known)] == ["route_catch_all"]
    assert [one.code for one in judge({"nobody@a.test": ["ann@a.test"]}, known)] == ["route_wrong_mailbox"]
