# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People leave as pseudonyms: the same for the same person of a client, and nobody's once the key is gone."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest
from desk import Spool
from receivers import HttpReceiver
from vector import journal_record

from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import renderer
from ansible_collections.mailops.email.plugins.plugin_utils.export.http_sink import Http
from ansible_collections.mailops.email.plugins.plugin_utils.export.mask import Mask
from ansible_collections.mailops.email.plugins.plugin_utils.export.privacy import Pseudonyms

THING = {
    "kind": "invite",
    "key": "alex@example.com",
    "mailbox": "alex@example.com",
    "domain": "example.com",
    "client": "acme",
}
AFTER: dict[str, Any] = {
    "recipient": "Alex.Private@home.example",
    "display_name": "Alex Private",
    "manager": "mia@other.example",
    "targets": ["lee@example.com", "alex.private@home.example"],
    "note": "asked by <sam@home.example>, then lee@example.com",
    "quota_mb": 2048,
}


def applied(folder: Path, **changes: Any) -> dict[str, Any]:
    fields = {"object": THING, "after": AFTER, **changes}
    return Pseudonyms(str(folder)).apply(journal_record(**fields)).event


def test_owners_and_contacts_leave_and_the_object_stays(tmp_path: Path) -> None:
    found = applied(tmp_path, exception={"approver": "lee@agency.example", "reason": "asked by kim@home.example"})
    after = found["after"]
    for name in ("recipient", "display_name", "manager"):
        assert re.fullmatch("h:[0-9a-f]{64}", after[name])
    assert after["targets"] == ["lee@example.com", after["recipient"]], (
        "of one person there is one, however it is spelt"
    )
    assert re.fullmatch(r"asked by <h:[0-9a-f]{64}>, then lee@example\.com", after["note"])
    assert after["quota_mb"] == 2048 and found["object"] == THING
    assert found["actor"]["human"] == "dana@agency.example", "who acted is what the trail is for"
    assert found["exception"]["approver"] == "lee@agency.example" and "kim@" not in found["exception"]["reason"]
    for form in ("runbook", "ocsf", "ecs"):
        record = Pseudonyms(str(tmp_path)).apply(journal_record(object=THING, after=AFTER))
        text = json.dumps(renderer(form)(record))
        assert "home.example" not in text and "Alex Private" not in text and "mia@" not in text
    # What it is: HMAC-SHA256 under the client's key, which anybody who holds the key can compute.
    key = (tmp_path / "acme.key").read_bytes().strip()
    wanted = hmac.new(key, b"alex.private@home.example", hashlib.sha256).hexdigest()
    assert after["recipient"] == "h:" + wanted


def test_a_key_for_each_client_apart(tmp_path: Path) -> None:
    """Another client's pseudonym is another; without the key nobody knows; a name that is no file name has a key too."""
    folder = tmp_path / "keys"
    first = applied(folder)["after"]["recipient"]
    assert applied(folder)["after"]["recipient"] == first
    other = applied(folder, object=dict(THING, client="globex"))["after"]["recipient"]
    assert other != first
    odd = applied(folder, object=dict(THING, client="../acme"))["after"]["recipient"]
    assert odd not in (first, other) and not (tmp_path / "acme.key").exists()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600} and len(list(folder.iterdir())) == 3
    (folder / "acme.key").unlink()
    assert applied(folder)["after"]["recipient"] != first


def test_nothing_leaves_without_a_key(tmp_path: Path) -> None:
    """A folder that is none, a key that is empty: the sink is degraded, and has had nothing."""
    spool = Spool(tmp_path)
    spool.write("own", 3)
    broken = tmp_path / "a-file"
    broken.write_text("")
    for folder in (broken, tmp_path / "keys"):
        if folder.name == "keys":
            folder.mkdir()
            (folder / "acme.key").write_text("\n")
        with HttpReceiver() as receiver:
            courier = spool.courier(Http(receiver.url), pseudonyms=Pseudonyms(str(folder)))
            # Only what speaks of a person needs the key.
            courier._render = renderer("runbook")
            with pytest.raises(OSError):
                Pseudonyms(str(folder)).of("acme", "alex@home.example")
            assert receiver.bodies == []


def test_a_secret_that_is_known_never_leaves() -> None:
    """Whole lines are looked through, and only those that hold one are rebuilt."""
    secret = 'tok"en-\u00e9-1234'
    mask = Mask([secret, "", "short"])
    clean = json.dumps({"a": "b", "short": 1})
    assert mask.text(clean) is clean
    found = json.loads(mask.text(json.dumps({"a": ["x " + secret + " y", {secret: 1}], "n": None})))
    assert found == {"a": ["x $REDACTED$ y", {"$REDACTED$": 1}], "n": None}
    assert "1234" not in mask.text(json.dumps({"a": secret}, ensure_ascii=False))
