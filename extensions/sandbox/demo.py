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
ZONES = ("example.com", "example.net", "example.org")
# A record that is in the zone already and belongs to nobody here.
OF_OTHERS = '"site-verification=1f2e3d"'
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
         "--ready-file", str(FOLDER / "ready.json"), "--dns", "0", "--set", "domain_verifies=dns"],
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
    print("4 domains created; the provider waits for their DNS records.")

    title(
        "2  Their DNS",
        "What mail needs is published beside what others have there, seen, checked, and kept as last-known-good.",
    )
    dns = ("mailops.email.publish_dns", "-e", "request_id=REQ-2026-000", "--limit", "acme")
    playbook(environment, *dns)
    playbook(environment, *dns[:3], "--limit", "globex", quiet=True)
    texts = published(sandbox, "example.com", "TXT")
    print("example.com TXT: %s" % "\n                 ".join(texts))
    expect(OF_OTHERS in texts and len(texts) == 2, "a record of somebody else is gone")
    active = ours(sandbox, "GET", "/state")["domains"]
    expect({one["status"] for one in active} == {"active"}, "the provider does not find the records")

    title("3  The dry run", "The request is checked against schema, policy and provider; nothing is changed.")
    onboard = ("mailops.email.onboard", "-e", "request=requests/" + REQUEST)
    before = writes(sandbox)
    playbook(environment, *onboard, "--check")
    expect(writes(sandbox) == before, "the dry run wrote")

    title(
        "4  The apply", "Each owner gets a one-time setup link by the provider's own mail. Nobody else gets anything."
    )
    playbook(environment, *onboard)
    print("the provider counted %d write for 12 mailboxes" % (writes(sandbox) - before))
    expect(writes(sandbox) - before == 1, "12 invites took more than one call")

    title("5  The second run", "All is as wanted: only listings are read.")
    before = writes(sandbox)
    playbook(environment, *onboard)
    print("the provider counted %d writes" % (writes(sandbox) - before))
    expect(writes(sandbox) == before, "the second run wrote")

    title(
        "6  An owner sets the password", "Alex opens the link. The operator never sees link, password or recovery code."
    )
    redeem(sandbox)
    playbook(environment, *onboard, "--diff")
    expect(login(sandbox), "the owner cannot log in")
    print("%s: login with the owner's own password works" % OWNER)

    title(
        "7  Somebody leaves", "All that Alex owns, of whatever client, is closed: found by the owner's address alone."
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

    title("8  It was the wrong person", "The request is taken back from the journal: everything is as it was.")
    because = json.dumps({"unverified_because": "the sandbox has no mail servers"})
    playbook(environment, "mailops.email.rollback", "-e", "request_id=OFF-2026-001", "-e", because)
    expect(login(sandbox), "the owner cannot log in again")
    print("%s: login with the owner's own password works again" % OWNER)

    title("9  The journal", "Written before each request left, chained line by line.")
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
    name_server(sandbox["url"], sandbox["dns"])
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MAILOPS_"))}
    environment.update(
        PATH="%s:%s" % (Path(sys.executable).parent, environment.get("PATH", "/usr/bin:/bin")),
        ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        ANSIBLE_HOME=str(ROOT / ".cache/ansible"),
        ANSIBLE_INVENTORY="%s,%s" % (ROOT / "inventories/demo", FOLDER / "dns.yml"),
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


def name_server(url: str, dns: dict[str, Any]) -> None:
    """Zones at the sandbox's name server, and the inventory's part that says how it is reached and what is approved."""
    for zone in ZONES:
        ours(
            {"url": url},
            "PUT",
            "/dns/zones/" + zone,
            {"records": [{"name": zone, "type": "TXT", "values": [OF_OTHERS]}]},
        )
    publisher = {
        "type": "rfc2136", "server": dns["address"], "port": dns["port"], "tsig_name": dns["tsig_name"],
        "tsig_secret": dns["tsig_secret"],
    }  # fmt: skip
    approved = {
        "publisher": publisher,
        "resolver": {"servers": [dns["server"]], "authoritative": [dns["server"]]},
        "baseline": {"spf": {"all": "~all"}, "dmarc": {"policy": "none", "aggregate_reports": ["dmarc@trekmail.net"]}},
    }
    # JSON is YAML, and the sandbox needs no library for it
    inventory = {"clients": {"vars": {"mailops_dns": approved}}}
    (FOLDER / "dns.yml").write_text(json.dumps(inventory, indent=1), encoding="utf-8")


def published(sandbox: dict[str, Any], name: str, kind: str) -> list[str]:
    """What the name server says."""
    records = [row for zone in ours(sandbox, "GET", "/dns")["zones"] for row in zone["records"]]
    return [value for row in records if (row["name"], row["type"]) == (name, kind) for value in row["values"]]


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
