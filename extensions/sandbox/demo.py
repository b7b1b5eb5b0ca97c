# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job on the local sandbox, as an operator would see it: dry run, apply, again, closed, taken back, and the record of it.

Every command is a real one and is printed before it runs. The demo ends by itself, leaves no process, and fails when
anything is not as it says.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "demo"
REQUEST = "REQ-2026-001"
DOMAINS = ("example.com", "example.net", "example.org", "support.example.com")
OWNERS_ADDRESS = "alex.personal@example.org"
OWNER, PASSWORD = "alex@example.com", "A-phrase-only-Alex-knows-7"

sys.path.insert(0, str(ROOT / ".cache" / "tree"))


class DemoError(Exception):
    """The demo did not show what it says."""


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    started = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "extensions/sandbox/serve.py"), "--data", str(FOLDER / "sandbox"), "--port", "0",
         "--ready-file", str(FOLDER / "ready.json")],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        show(wait_until_ready(server))
    except (DemoError, OSError) as error:
        print("\nThe demo stopped: %s" % error, file=sys.stderr)
        return 1
    finally:
        server.terminate()
        server.wait(10)
    print(
        "\nDone in %.0f s. Everything lies in .cache/demo: journal, audit, the sandbox's data."
        % (time.monotonic() - started)
    )
    return 0


def show(sandbox: dict[str, Any]) -> None:
    environment = prepare(sandbox)
    title("1  The clients' domains", "Two clients are hosts of the inventory; what they own is data.")
    playbook(environment, "mailops.email.domains", "-e", "request_id=REQ-2026-000", quiet=True)
    for name in DOMAINS:
        ours(sandbox, "POST", "/domains/%s:verify" % name)
    print("4 domains created; their DNS records count as published, so the provider finds them active.")

    title("2  The dry run", "The request is checked against schema, policy and provider; nothing is changed.")
    onboard = ("mailops.email.onboard", "-e", "request=requests/" + REQUEST)
    before = writes(sandbox)
    playbook(environment, *onboard, "--check")
    expect(writes(sandbox) == before, "the dry run wrote")

    title(
        "3  The apply", "Each owner gets a one-time setup link by the provider's own mail. Nobody else gets anything."
    )
    playbook(environment, *onboard)
    print("the provider counted %d write for 12 mailboxes" % (writes(sandbox) - before))
    expect(writes(sandbox) - before == 1, "12 invites took more than one call")

    title("4  The second run", "All is as wanted: only listings are read.")
    before = writes(sandbox)
    playbook(environment, *onboard)
    print("the provider counted %d writes" % (writes(sandbox) - before))
    expect(writes(sandbox) == before, "the second run wrote")

    title(
        "5  An owner sets the password", "Alex opens the link. The operator never sees link, password or recovery code."
    )
    redeem(sandbox)
    playbook(environment, *onboard, "--diff")
    expect(login(sandbox), "the owner cannot log in")
    print("%s: login with the owner's own password works" % OWNER)

    title(
        "6  Somebody leaves", "All that Alex owns, of whatever client, is closed: found by the owner's address alone."
    )
    leaving = (
        "mailops.email.offboard",
        "-e",
        "request_id=OFF-2026-001",
        "-e",
        json.dumps({"person": [OWNERS_ADDRESS]}),
    )
    playbook(environment, *leaving, ends=2)
    expect(not login(sandbox), "the owner can still log in")
    print("%s: login refused. The run fails until a person says that what no API can do is done:" % OWNER)
    playbook(environment, *leaving, "-e", "done_by_hand=token", quiet=True)

    title("7  It was the wrong person", "The request is taken back from the journal: everything is as it was.")
    because = json.dumps({"unverified_because": "the sandbox has no mail servers"})
    playbook(environment, "mailops.email.rollback", "-e", "request_id=OFF-2026-001", "-e", because)
    expect(login(sandbox), "the owner cannot log in again")
    print("%s: login with the owner's own password works again" % OWNER)

    title("8  The journal", "Written before each request left, chained line by line.")
    journal()


def prepare(sandbox: dict[str, Any]) -> dict[str, str]:
    """A folder as an operator has it: requests under version control, and the connection in the environment."""
    shutil.copytree(ROOT / "requests", FOLDER / "requests")
    for command in (
        ("init", "--quiet"),
        ("add", "requests"),
        ("-c", "user.name=Demo", "-c", "user.email=demo@example.org", "commit", "--quiet", "--message", "Requests"),
    ):
        subprocess.run(("git", *command), cwd=FOLDER, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MAILOPS_"))}
    environment.update(
        PATH="%s:%s" % (Path(sys.executable).parent, environment.get("PATH", "/usr/bin:/bin")),
        ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        ANSIBLE_HOME=str(ROOT / ".cache/ansible"),
        ANSIBLE_INVENTORY=str(ROOT / "inventories/demo"),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".cache/tree"),
        MAILOPS_API_URL=sandbox["api_url"],
        MAILOPS_API_TOKEN=sandbox["token"],
        MAILOPS_JOURNAL_DIR=str(FOLDER / "journal"),
        MAILOPS_AUDIT_DIR=str(FOLDER / "audit"),
        MAILOPS_ACTOR="dana@agency.example",
        PWD=str(FOLDER),
    )
    if sys.stdout.isatty():
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    return environment


def playbook(environment: dict[str, str], *arguments: str, quiet: bool = False, ends: int = 0) -> None:
    print("$ ansible-playbook " + shlex.join(arguments), flush=True)
    done = subprocess.run(
        ("ansible-playbook", *arguments),
        cwd=FOLDER,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode != ends:
        print(done.stdout or "")
    expect(done.returncode == ends, "ansible-playbook ended with %d" % done.returncode)


def journal() -> None:
    from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import (
        journal_files,
        read_events,
        verify_chain,
    )

    files = journal_files(str(FOLDER / "journal"))
    events = [event for path in files[1:] for event in read_events(path)]
    print("%-4s %-12s %-8s %-15s %-28s %-8s %s" % ("seq", "time", "phase", "action", "object", "outcome", "delivery"))
    for event in [*events[:3], None, *events[-4:]]:
        if event is None:
            print("…    %d more" % (len(events) - 7))
            continue
        print(
            "%-4d %-12s %-8s %-15s %-28s %-8s %s"
            % (
                event["seq"],
                event["timestamp"][11:23],
                event["phase"],
                event["action"],
                event["object"]["key"],
                event.get("outcome", ""),
                event.get("delivery_method", ""),
            )
        )
    for path in files:
        problems = verify_chain(path)
        expect(not problems, "the chain of %s is broken: %s" % (path, problems))
    print(
        "%d files, %d events: the chain holds" % (len(files), sum(1 for path in files for _event in read_events(path)))
    )


def redeem(sandbox: dict[str, Any]) -> None:
    invites = ours(sandbox, "GET", "/invites")
    rows = invites["data"] if isinstance(invites, dict) else invites
    number = next(row["id"] for row in rows if row["email"] == OWNER)
    ours(sandbox, "POST", "/invites/%d:redeem" % number, {"password": PASSWORD})


def login(sandbox: dict[str, Any]) -> bool:
    try:
        ours(sandbox, "POST", "/login", {"address": OWNER, "password": PASSWORD})
    except OSError:
        return False
    return True


def writes(sandbox: dict[str, Any]) -> int:
    return int(ours(sandbox, "GET", "/writes")["writes"])


def ours(sandbox: dict[str, Any], method: str, path: str, body: Any = None) -> Any:
    """A request to the side of the sandbox that tells the truth."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - a loopback address that we started ourselves
        sandbox["url"] + "/_sandbox" + path, data, {"Content-Type": "application/json"}, method=method
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)


def wait_until_ready(server: subprocess.Popen[bytes]) -> dict[str, Any]:
    ready, ends = FOLDER / "ready.json", time.monotonic() + 20
    while not ready.exists():
        if server.poll() is not None or time.monotonic() > ends:
            raise DemoError("the sandbox did not start")
        time.sleep(0.02)
    return dict(json.loads(ready.read_text(encoding="utf-8")))


def title(text: str, meaning: str) -> None:
    print("\n%s\n%s\n%s" % (text, "=" * len(text), meaning), flush=True)


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
