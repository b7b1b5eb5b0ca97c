# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes that go from task to task in a file: the same ones, or none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.shell.handover import discard, leave, take
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import resource_spec

OPTION = resource_spec("mailbox")["argument_spec"]["mailboxes"]
ITEMS = [{"address": "zoë@example.com", "role_account": False, "expires_in_hours": 72}]


def refused(path: Path, digest: str) -> str:
    with pytest.raises(Refused) as caught:
        take(str(path), digest, OPTION)
    assert caught.value.hint and str(path) in caught.value.message
    return caught.value.code


def test_what_was_left_is_what_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    digest = leave(str(path), ITEMS)
    assert digest.startswith("sha256:") and path.stat().st_mode & 0o777 == 0o600
    assert take(str(path), digest, OPTION) == ITEMS == take(str(path), digest, OPTION)
    path.write_bytes(path.read_bytes() + b" ")
    assert refused(path, digest) == "mailboxes_file_changed"
    discard(str(path))
    discard(str(path))
    assert refused(path, digest) == "mailboxes_file_unreadable"


@pytest.mark.parametrize("content", ["{", '[{"exception": {}}]', '[{"ghost": "x"}]', "[1]", "\\xff"])
def test_a_digest_does_not_make_nonsense_a_list(content: str, tmp_path: Path) -> None:
    """Somebody who gives both by hand is told, and nothing is taken for what it is not."""
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    assert refused(path, digest) == "mailboxes_file_changed"


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused) as caught:
        leave(str(tmp_path / "file" / "x.json"), ITEMS)
    assert caught.value.code == "mailboxes_file_not_writable"


def test_items_are_validated_like_those_of_a_list(tmp_path: Path) -> None:
    exception = {"reason": "r", "approver": "a", "expires_at": "2030-01-31T12:00:00Z"}
    digest = leave(str(tmp_path / "x"), [*ITEMS, {"address": "admin@example.com", "exception": exception}])
    first, second = take(str(tmp_path / "x"), digest, OPTION)
    assert {name: value for name, value in first.items() if value is not None} == ITEMS[0]
    assert second["exception"] == {**exception, "accept_unforced_rotation": False}
