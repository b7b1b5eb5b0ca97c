# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the bench gives to its runs: a change request in a git repository, an inventory, and the two small plays."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.mailops.email.plugins.module_utils.intake.approval import request_digest

DOMAINS = [f"d{number:02d}.example.com" for number in range(1, 51)]
COLUMNS = "request_id domain local_part display_name owner_email role_account department manager_email".split()
REQUEST_ID = "REQ-2026-900"
GIVEN = "Ada Bea Cleo Dora Edda Fay Gwen Hope Ines June".split()
FAMILY = "Ash Birch Cedar Dale Elm Field Grove Heath Isle Joy".split()


def rows(size: int) -> list[dict[str, str]]:
    """Rows of the table, the domains taking turns."""
    return [
        {
            "request_id": REQUEST_ID,
            "domain": DOMAINS[number % len(DOMAINS)],
            "local_part": f"user{number:05d}",
            "display_name": f"{GIVEN[number % 10]} {FAMILY[number // 10 % 10]}",
            "owner_email": f"owner{number:05d}@people.example.net",
            "role_account": "false",
            "department": "Sales",
            "manager_email": f"lead{number % 20:02d}@people.example.net",
        }
        for number in range(size)
    ]


def write_request(folder: Path, size: int) -> Path:
    """A request of *size* rows over all domains, approved as it is and committed; returns its folder."""
    request = folder / "requests" / REQUEST_ID
    request.mkdir(parents=True)
    with open(request / "mailboxes.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(size))
    head: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "requested_by": {"human": "sam@agency.example", "system": "bench"},
        "business_purpose": "onboarding",
        "client": "acme",
        "domains": DOMAINS,
        "mailboxes": "mailboxes.csv",
    }
    path = request / "request.yml"
    path.write_text(yaml.safe_dump(head, sort_keys=False), encoding="utf-8")
    approval = {
        "id": "APR-2026-900",
        "approved_by": "dana@client.example",
        "reviewed_by": "mira@client.example",
        "approved_at": "2026-01-12T09:30:00Z",
        "expires_at": "2035-12-31T23:59:59Z",
        "digest": request_digest(str(request)),
        "rows": size,
    }
    with open(path, "a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"approval": approval}, sort_keys=False))
    _commit(request)
    return request


def _commit(folder: Path) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Ask for the mailboxes"]):
        subprocess.run([*git, *arguments], check=True)


def write_inventory(folder: Path) -> None:
    """One client with all domains; where the provider is comes from the environment."""
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "mailops_domains": [{"name": name} for name in DOMAINS],
        # What is measured is the provider's side.
        "deliverability_baseline_exception": {
            "reason": "the bench has no name server",
            "approver": "lee@agency.example",
            "expires_at": "2035-12-31T23:59:59Z",
        },
    }
    document = {"clients": {"hosts": {"acme": host}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(document), encoding="utf-8")


def write_empty_play(folder: Path) -> Path:
    """A play that does nothing: ansible's own start."""
    path = folder / "empty.yml"
    path.write_text(yaml.safe_dump([{"name": "Nothing", "hosts": "acme", "gather_facts": False}]), encoding="utf-8")
    return path


def write_uri_play(folder: Path, size: int, ids: dict[str, int]) -> Path:
    """What people write without a collection: ``uri`` in a loop, an invite an item."""
    loop = [
        {"domain_id": ids[row["domain"]], "local_part": row["local_part"], "recipient_email": row["owner_email"]}
        for row in rows(size)
    ]
    task = {
        "name": "Invite",
        "ansible.builtin.uri": {
            "url": "{{ lookup('ansible.builtin.env', 'MAILOPS_API_URL') }}/mailboxes/invites",
            "method": "POST",
            "body_format": "json",
            "body": "{{ item }}",
            "status_code": [200, 201],
            "headers": {
                "Authorization": "Bearer {{ lookup('ansible.builtin.env', 'MAILOPS_API_TOKEN') }}",
                "Idempotency-Key": "{{ item.local_part | ansible.builtin.to_uuid }}",
            },
        },
        "loop": loop,
        "loop_control": {"label": "{{ item.local_part }}"},
    }
    path = folder / "uri.yml"
    play = {"name": "Invite by uri", "hosts": "acme", "gather_facts": False, "tasks": [task]}
    path.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return path
