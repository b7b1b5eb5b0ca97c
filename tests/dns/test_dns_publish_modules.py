# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishers in the hands of dns_baseline, by ansible-playbook: octoDNS, a person, and a DNS host that says no."""

from __future__ import annotations

import threading
from typing import Any

from homes import Home
from nameservers import STRANGER, Bind, PowerDns
from plays import last, plays
from project import Project
from publishing import OCTODNS


def test_octodns_publishes_a_baseline(project: Project, powerdns: PowerDns) -> None:
    """A dry run predicts, the apply does it, again it does nothing, and what is not ours stays, though its own way is to delete it."""
    home = Home.on(powerdns)
    path = powerdns.folder / "octodns-module.yaml"
    known = {"folder": powerdns.folder, "host": powerdns.host, "port": powerdns.api_port, "more": ""}
    text = (OCTODNS % known).replace("env/OCTODNS_TEST_KEY", powerdns.api_key)
    path.write_text(text, encoding="utf-8")
    publisher = {"type": "octodns", "config_file": str(path), "target": "host"}
    others = home.others()
    task = plays(("dns_baseline", home.task(publisher=publisher)))
    predicted, applied, again = project.run(task, "--check"), project.run(task), project.run(task)
    assert (predicted.rc, applied.rc, again.rc) == (0, 0, 0), predicted.output + applied.output + again.output
    assert predicted.plans[0][2] == applied.plans[0][2] and not again.changed
    assert len(home.mail()) == 4 and home.others() == others
    assert powerdns.api_key not in predicted.output + applied.output + str(project.events())


def test_a_person_is_told_what_to_enter_and_waited_for(project: Project, bind: Bind) -> None:
    """R-DNS-24: without write access the run says what to add, at first as a plan, and ends well when it was done."""
    home = Home.on(bind)
    task = home.task(publisher={"type": "manual"}, wait=0)
    line = '_dmarc.%s. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@%s"' % (home.zone, home.zone)
    predicted = project.run(plays(("dns_baseline", task)), "--check")
    assert predicted.rc == 0, predicted.output
    assert any(line in text for text in last(predicted)["warnings"]), last(predicted)["warnings"]
    refused = project.run(plays(("dns_baseline", task)))
    assert refused.rc != 0
    failed: list[dict[str, Any]] = last(refused)["failed_items"]
    assert {one["code"] for one in failed} == {"not_published_yet"}, failed
    assert any(line in one["hint"] for one in failed)
    assert home.mail() == set()

    wanted = {one["object"]["key"]: one["after"] for one in project.events() if one.get("phase") == "intent"}
    assert len(wanted) == 4

    def person() -> None:
        for after in wanted.values():
            bind.put(home.zone, after["name"], after["type"], after["ttl"], after["values"])

    timer = threading.Timer(4, person)
    timer.start()
    done = project.run(plays(("dns_baseline", {**task, "wait": 60})))
    timer.join()
    assert done.rc == 0, done.output
    assert len(home.mail()) == 4
    again = project.run(plays(("dns_baseline", task)))
    assert again.rc == 0 and not again.changed, again.output


def test_a_host_that_says_no_changes_nothing_and_is_told(project: Project, bind: Bind) -> None:
    """REFUSED: each record set has its failure with the code, and the journal says that nothing was done."""
    home = Home.on(bind)
    before = bind.records(home.zone)
    refused = project.run(plays(("dns_baseline", home.task(publisher={**home.rfc2136, "tsig_name": STRANGER}))))
    assert refused.rc != 0
    assert {one["code"] for one in last(refused)["failed_items"]} == {"update_refused"}
    assert bind.records(home.zone) == before
    outcomes = {one["outcome"] for one in project.events() if one.get("phase") == "outcome"}
    assert outcomes == {"failure"}
