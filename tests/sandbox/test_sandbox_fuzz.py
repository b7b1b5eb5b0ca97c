# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Odd input to every route: taken, or refused in the envelope, never a defect."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest
from sandboxlib import ENVELOPE, SERVE, Sandbox

sys.path.insert(0, str(SERVE.parent))

from mailops_sandbox.routes import ROUTES

FIELDS = (
    "name", "domains", "mail_hosting", "enabled", "destination", "note", "domain_id", "local_part", "items", "password_mode",
    "password", "storage_allocation_mb", "expires_in_hours", "recipient_email", "targets", "keep_copy", "recipients", "is_active",
    "mailbox_ids", "all", "login_suspended", "mode", "drive_access", "display_name", "conversation_view", "member_mailbox_ids",
    "member_mailbox_id", "can_send", "can_receive", "scopes", "expires_in", "client_auth_mode", "new_mailbox_client_auth_mode",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, 2**70, 1.5, "", "x", "a" * 70000, "\x00", "é", "a@b.example", "'; --", [], [None], [[]], [{}],
    ["x"], [1], [2**70], [True], {}, {"a": 1}, [{"domain_id": 1}], [{"local_part": []}], [{"domain_id": {}, "local_part": 3}],
    "generated_one_time", "full", "trekmail",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_odd_bodies(sandbox: Sandbox, seed: int) -> None:
    """Seeded, so that a failure comes again: pytest prints the seed in the name of the test."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    for row in ROUTES:
        for dummy in range(6):
            number = rng.choice((box["id"], domain["id"], 10**9))
            path = row.path.replace("{id:int}", str(number))
            for name in ("aid", "fid", "mid"):
                path = path.replace(f"{{{name}:int}}", "1")
            body = {name: rng.choice(VALUES) for name in rng.sample(FIELDS, 8)}
            body["domain_id"] = rng.choice((domain["id"], body.get("domain_id", "none")))
            if row.method == "GET":
                path += "?" + "&".join(f"{n}={rng.choice(('', '0', '1', '-1', 'x', '9' * 30, '%00', '%ff', '²'))}" for n in
                                       rng.sample(("page", "per_page", "domain_id", "status", "search", "limit", "type"), 3))  # fmt: skip
            answer = sandbox.call(row.method, path, None if row.method == "GET" else body)
            assert answer.status_code < 500, (row.name, path, body, answer.text)
            if answer.status_code >= 400 and "results" not in answer.json():
                assert set(answer.json()["error"]) >= ENVELOPE, (row.name, body)
