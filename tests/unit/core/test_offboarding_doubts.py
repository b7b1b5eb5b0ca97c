# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a killed run left in doubt comes to a module again, whose task changes nothing and settles it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.offboarding.doubts import settling

GOVERNED = {"owner": "ben@home.example", "purpose": "Cover", "expires_at": "2027-01-31T00:00:00Z"}


def intent(kind: str, key: str, verb: str, after: Any = None, before: Any = None, **more: Any) -> dict[str, Any]:
    thing = {"kind": kind, "key": key, "mailbox": "ann@example.com"}
    return {"object": thing, "verb": verb, "after": after, "before": before, **more}


@pytest.mark.parametrize(
    ("event", "record", "wanted"),
    [
        (
            intent("mailbox", "ann@example.com", "suspend", {"state": "suspended"}),
            {"state": "suspended"},
            ("suspend", {"address": "ann@example.com", "state": "suspended", "reason": "Left"}),
        ),
        (intent("token", "ann@example.com/token/9", "revoke"), None, ("access", {"address": "ann@example.com"})),
        (
            intent("forward", "ann@example.com", "delete"),
            None,
            ("forwards", {"address": "ann@example.com", "state": "absent"}),
        ),
        (
            intent("alias", "a@example.com", "delete", None, {"mailbox": "ann@example.com"}),
            None,
            ("aliases_absent", {"address": "a@example.com", "mailbox": "ann@example.com", "state": "absent"}),
        ),
        (
            intent("catch_all", "example.com", "disable"),
            {"enabled": False},
            ("catch_alls", {"domain": "example.com", "state": "absent"}),
        ),
        (
            intent("forward", "fair@example.com", "update", {"targets": ["b@example.com"], **GOVERNED}),
            {"targets": ["b@example.com"]},
            (
                "forwards",
                {"address": "fair@example.com", "targets": ["b@example.com"], "state": "present", **GOVERNED},
            ),
        ),
        (
            intent("alias", "a@example.com", "create", {"mailbox": "ben@example.com", "can_send": True}),
            {"mailbox": "ben@example.com", "can_send": True},
            (
                "aliases_present",
                {"address": "a@example.com", "mailbox": "ben@example.com", "state": "present", "can_send": True},
            ),
        ),
    ],
)
def test_what_was_done_is_named_as_it_is(event: dict[str, Any], record: Any, wanted: Any) -> None:
    assert settling(event, record, "Left") == wanted


@pytest.mark.parametrize(
    ("event", "record"),
    [
        (intent("forward", "ann@example.com", "delete"), {"targets": ["b@example.com"]}),
        (intent("alias", "a@example.com", "create", {"mailbox": "ben@example.com"}), {"mailbox": "cleo@example.com"}),
        (intent("catch_all", "example.com", "disable"), {"enabled": True}),
        (
            intent("forward", "fair@example.com", "update", {"targets": ["b@example.com"]}),
            {"targets": ["b@example.com"]},
        ),
        (intent("mailbox", "gone@example.com", "suspend", {"state": "suspended"}), None),
    ],
)
def test_what_was_not_done_is_never_done_by_it(event: dict[str, Any], record: Any) -> None:
    """It is in its list when it is still wanted; when a decision keeps it, it is kept."""
    assert settling(event, record, "Left") is None
