# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence over the sandbox: all that is there is kept before anything is changed, once, and without a secret (R-OFF-07)."""

from __future__ import annotations

import json

import pytest
from plays import actions, last, plays, refusals, soon
from project import ACTOR, Project
from test_mailbox_access import ANN, BOB, HOSTILE, Paths, seeded

from ansible_collections.mailops.email.plugins.module_utils.journal import evidence
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

OBJECTS = {"client": "acme", "objects": [{"name": ANN}, {"name": "example.com"}]}
GOVERNED = {"owner": "ann@home.example", "purpose": "Cover during leave", "expires_at": soon(24 * 30)}


@pytest.fixture
def paths(project: Project) -> Paths:
    return seeded(project)


def test_what_is_there_is_kept_once(project: Project, paths: Paths) -> None:
    """R-OFF-07: three parts, its event before the suspension, the digest of the document in the event."""
    assert project.task("forward", {**GOVERNED, "address": ANN, "targets": [BOB], "request_id": "REQ-OLD"}).rc == 0
    paths.app_password(ANN, HOSTILE)
    paths.token(ANN, "script")
    paths.device(ANN, "phone")
    before = project.sandbox.writes()
    task = plays(("evidence", OBJECTS))
    predicted, applied, again = project.run(task, "--check", "--diff"), project.run(task, "--diff"), project.run(task)
    assert (predicted.rc, applied.rc, again.rc) == (0, 0, 0), predicted.output + applied.output + again.output
    assert predicted.plans == applied.plans and not again.changed and project.sandbox.writes() == before
    (path,) = (project.journal / "evidence").rglob("*.json")
    entry = last(applied)["objects"][0]
    assert entry["path"] == path.relative_to(project.journal).as_posix() and entry["path"].startswith(
        "evidence/REQ-2026-001/acme/"
    )
    assert path.stat().st_mode & 0o777 == 0o600
    document = evidence.read(FileStore(str(project.journal)), entry)
    bundle = document["objects"][ANN]
    assert set(bundle) == {"state", "last_login", "logs", "admin_actions"}
    assert bundle["state"]["mailbox"]["state"] == "present"
    assert bundle["state"]["forward"][ANN]["targets"] == [BOB] and bundle["state"]["forward"][ANN]["purpose"]
    found = {kind: len(bundle["state"][kind]) for kind in ("app_password", "token", "device")}
    assert found == {"app_password": 3, "token": 2, "device": 2}
    assert [(row["action"], row["by"], row["request_id"]) for row in bundle["logs"]] == [
        ("forward.created", ACTOR, "REQ-OLD")
    ]
    assert [(row["by"], row["action"], row["count"]) for row in bundle["admin_actions"]] == [
        (ACTOR, "forward.created", 1)
    ]
    assert "last_login" in {row["kind"] for row in document["not_available"]}
    assert set(document["objects"]["example.com"]["state"]["mailboxes"]) >= {ANN, BOB}
    text = path.read_text()
    assert not [secret for secret in paths.secrets if secret in text]

    # What the request itself changes is no reason to capture once more; another request is.
    closed = project.run(plays(("mailbox", {"address": ANN, "state": "suspended"}), ("evidence", OBJECTS)))
    assert closed.rc == 0 and last(closed)["plan"] == [] and last(closed)["objects"] == last(applied)["objects"]
    assert actions(project) == ["forward.created", "evidence.captured", "evidence.captured", "mailbox.suspended"]
    other = project.run(plays(("evidence", {**OBJECTS, "request_id": "REQ-2026-002"})))
    assert other.rc == 0 and len(last(other)["applied"]) == 2
    document = evidence.read(FileStore(str(project.journal)), last(other)["objects"][0])
    assert document["objects"][ANN]["state"]["mailbox"]["state"] == "suspended"
    assert [row["action"] for row in document["objects"][ANN]["logs"]][-1] == "mailbox.suspended"

    path.write_text(json.dumps(dict(json.loads(text), client="globex")))
    with pytest.raises(MailopsError) as error:
        evidence.read(FileStore(str(project.journal)), entry)
    assert error.value.code == "evidence_damaged"


def test_another_state_before_anything_is_changed_is_captured(project: Project, paths: Paths) -> None:
    """Somebody else was at work between the evidence and the first change: that belongs into it."""
    task = plays(("evidence", {"name": ANN}))
    assert project.run(task).rc == 0
    paths.app_password(ANN, "laptop")
    again = project.run(task)
    assert last(again)["applied"] == [ANN] and actions(project) == ["evidence.captured"] * 2
    assert not project.run(task).changed


def test_what_is_no_object_is_refused(project: Project) -> None:
    refusals(
        project,
        ("evidence", {"name": "not an address@example.com"}, "local_part_invalid"),
        ("evidence", {"name": "ann@example.org", "client_domains": ["example.com"]}, "client_boundary"),
        ("evidence", {"name": ""}, "name"),
    )
