# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/sandbox.md says what the code does, and every route keeps the contract's rules for keys and scopes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sandboxlib import SERVE

sys.path.insert(0, str(SERVE.parent))

from mailops_sandbox import plans, switches, tables
from mailops_sandbox.routes import ROUTES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"
# contract 5: the official client sends no key with these
WITHOUT_KEY = {
    "PATCH /domains/{id}/catch-all",
    "PATCH /domains/{id}/mail-hosting",
    "PATCH /domains/{id}/note",
    "PATCH /domains/{id}/forwarding-addresses/{fid}",
    "PATCH /mailboxes/{id}/note",
    "PATCH /mailboxes/{id}/aliases/{aid}",
    "PATCH /mailboxes/{id}/members/{mid}",
    "PATCH /mailboxes/{id}/rules/reorder",
    "POST /cloudflare/validate-token",
    "POST /cloudflare/zones",
    "POST /cloudflare/preview",
}


def test_the_page_is_up_to_date() -> None:
    """Renew it with: PYTHONPATH=extensions/sandbox python -m mailops_sandbox.tables docs/sandbox.md"""
    text = PAGE.read_text(encoding="utf-8")
    assert tables.renewed(text) == text


def test_keys_and_scopes_of_every_route() -> None:
    assert len({row.name for row in ROUTES}) == len(ROUTES)
    for row in ROUTES:
        expected = "" if row.method == "GET" else "optional" if row.name in WITHOUT_KEY else "required"
        assert row.key == expected, row.name
        assert row.scope in plans.SCOPES or row.name == "GET /messages/_me", row.name
    assert WITHOUT_KEY <= {row.name for row in ROUTES}


def test_every_switch_has_a_good_default_and_is_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in SERVE.parent.joinpath("mailops_sandbox").rglob("*.py")
        if path.name != "switches.py"
    )
    for row in switches.TABLE:
        assert switches.check(row.name, row.default) == row.default
        assert switches.check(row.name, str(row.default)) == row.default
        assert f'"{row.name}"' in code, row.name


@pytest.mark.parametrize("value", ["maybe", "", "2x", -1, None, [], 1.5])
def test_values_of_the_wrong_kind(value: object) -> None:
    for name in ("empty_delete", "wrap_objects", "rate_limit_per_minute", "retry_after_body"):
        with pytest.raises(switches.SwitchError):
            switches.check(name, value)
