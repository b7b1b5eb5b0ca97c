# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module dns_baseline by ansible-playbook against BIND, Knot and PowerDNS: publish, check, record, restore, take back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from homes import OTHERS, Home
from nameservers import SECRET, NameServer, PowerDns
from plays import last, plays
from project import Project, Run


@pytest.fixture
def home(bind: NameServer) -> Home:
    return Home.on(bind)


@pytest.fixture
def any_home(name_server: NameServer) -> Home:
    """For what differs between servers."""
    return Home.on(name_server)


def codes(run: Run) -> set[str]:
    return {one["code"] for one in last(run)["findings"] if one["severity"] == "error"}


def refused(run: Run) -> list[str]:
    assert run.rc != 0, run.output
    return [one["code"] for one in last(run)["failed_items"]]


def done(project: Project, *tasks: tuple[str, dict[str, Any]]) -> Run:
    run = project.run(plays(*tasks))
    assert run.rc == 0, run.output
    return run


def test_a_domain_is_brought_to_its_baseline(project: Project, any_home: Home) -> None:
    """R-DNS-08 to R-DNS-11: a dry run predicts and writes nothing, the apply does it, again it does nothing; others' records
    are untouched, and the key of the publisher is nowhere in clear."""
    home, others = any_home, any_home.others()
    task = plays(("dns_baseline", home.task()))
    predicted = project.run(task, "--check", "--diff")
    assert predicted.rc == 0, predicted.output
    assert home.mail() == set()
    assert last(predicted)["ready"] and not codes(predicted), last(predicted)["findings"]
    applied = project.run(task, "--diff")
    assert applied.rc == 0, applied.output
    assert applied.plans == predicted.plans and last(applied)["changed"]
    assert last(applied)["plan_digest"] == last(predicted)["plan_digest"]
    assert len(home.mail()) == 4
    assert home.others() == others
    assert last(applied)["not_seen"] == [] and last(applied)["ready"] and not codes(applied)
    again = project.run(task)
    assert again.rc == 0 and not again.changed
    assert "UPDATE" not in str(last(again)["requests"])
    kinds = [one["action"] for one in project.events()]
    assert kinds.count("dns.published") == 8 and kinds.count("dns.checked") == 1
    said = predicted.output + applied.output + again.output + str(project.events())
    assert SECRET not in said


def test_foreign_terms_and_an_old_mx_stay_until_they_are_named(project: Project, bind: NameServer) -> None:
    home = Home.on(bind, '@ IN MX 5 mx2\n@ IN TXT "v=spf1 include:crm.z.test ip4:203.0.113.7 ~all"\n')
    home.put("@", "TXT", '"site-verification=abc"', '"v=spf1 include:crm.%s ip4:203.0.113.7 ~all"' % home.zone)
    done(project, ("dns_baseline", home.task()))
    values = bind.values(home.zone, "TXT")
    assert '"site-verification=abc"' in values
    (spf,) = [one for one in values if "spf1" in one]
    assert all(term in spf for term in ("include:crm.", "ip4:203.0.113.7", "include:spf.", "~all"))
    assert len(bind.values(home.zone, "MX")) == 2
    named = home.task(remove=[{"type": "MX", "value": "5 mx2." + home.zone}])
    done(project, ("dns_baseline", named))
    assert bind.values(home.zone, "MX") == ["10 mx.%s." % home.zone]


def test_five_causes_have_five_codes(project: Project, home: Home) -> None:
    """R-PAT-15, R-DNS-02, R-DNS-04, R-DNS-06: what people do to themselves, each by its name."""
    done(project, ("dns_baseline", home.task()))
    sender = {"name": "shop", "addresses": ["203.0.113.9"]}
    faults: dict[str, tuple[Any, dict[str, Any]]] = {
        "record_typo": (lambda: home.put("@", "MX", "10 mx2.%s." % home.zone), {}),
        "spf_include_missing": (lambda: home.put("@", "TXT", '"v=spf1 ~all"'), {}),
        "dkim_selector_unpublished": (lambda: home.put("s1._domainkey", "TXT"), {}),
        "dmarc_unaligned_sender": (
            lambda: home.put("_dmarc", "TXT", '"v=DMARC1; p=reject; rua=mailto:dmarc@%s"' % home.zone),
            {"senders": [sender], "dmarc": {"policy": "reject", "aggregate_reports": ["dmarc@" + home.zone]}},
        ),
    }
    for code, (inject, more) in faults.items():
        inject()
        run = done(project, ("dns_baseline", home.task("checked", **more)))
        assert code in codes(run), (code, last(run)["findings"])
        assert not set(faults) - {code} & codes(run), (code, codes(run))
        for one in last(run)["findings"]:
            assert one["next"] and one["breaks"], one
        repair = home.exception("dmarc_policy_changed", "_dmarc.%s/TXT" % home.zone)
        old = [{"type": "MX", "value": "10 mx2." + home.zone}] if code == "record_typo" else []
        done(project, ("dns_baseline", home.task(exceptions=[repair], remove=old)))
        assert not codes(done(project, ("dns_baseline", home.task("checked"))))


def test_what_was_recorded_comes_back(project: Project, home: Home) -> None:
    """R-DNS-13, R-IRB-E1, R-PAT-14: last known good is earned, restored with the evidence kept first, others' records left."""
    done(project, ("dns_baseline", home.task()))
    kept = last(done(project, ("dns_baseline", home.task("snapshot"))))
    assert kept["changed"] and kept["domains"][0]["verified"], kept
    assert not last(done(project, ("dns_baseline", home.task("snapshot"))))["changed"]
    good = home.mail()
    home.put("@", "MX", "1 mx2." + home.zone + ".")
    home.put("@", "TXT", '"site-verification=new"', '"v=spf1 +all"')
    home.put("_dmarc", "TXT")
    others = home.others()
    bad = done(project, ("dns_baseline", home.task("snapshot")))
    assert not last(bad)["domains"][0]["verified"]
    opened = [
        home.exception("spf_policy_changed", home.zone + "/TXT"),
        home.exception("dmarc_policy_changed", "_dmarc.%s/TXT" % home.zone),
    ]
    task = plays(("dns_baseline", home.task("restored", request_id="INC-1", exceptions=opened)))
    predicted = project.run(task, "--check", "--diff")
    restored = project.run(task, "--diff")
    assert (predicted.rc, restored.rc) == (0, 0), predicted.output + restored.output
    assert predicted.plans == restored.plans
    assert {row[:2] + row[3:] for row in home.mail()} == {row[:2] + row[3:] for row in good}
    assert home.others() == others
    again = project.run(task)
    assert again.rc == 0 and not again.changed, again.output
    actions = [one["action"] for one in project.events() if one.get("request_id") == "INC-1"]
    assert actions.index("evidence.captured") < actions.index("dns.restored")


def test_a_snapshot_that_does_not_exist_is_refused(project: Project, home: Home) -> None:
    """R-SCOPE-10."""
    run = project.run(plays(("dns_baseline", home.task("restored"))))
    assert refused(run) == ["no_last_known_good"]


def test_a_policy_is_not_changed_by_the_way(project: Project, home: Home) -> None:
    """R-DNS-06, R-DNS-12: the policy is a decision of its own, recorded with what it lets through; nothing opens it for a sender that
    would fail."""
    done(project, ("dns_baseline", home.task()))
    record = "_dmarc.%s/TXT" % home.zone
    task = home.task(dmarc={"policy": "quarantine", "aggregate_reports": ["dmarc@" + home.zone]})
    stopped = project.run(plays(("dns_baseline", task)))
    assert refused(stopped) == ["dmarc_policy_changed"]
    assert "[dmarc_too_soon]" in last(stopped)["msg"] and "[dmarc_no_senders]" in last(stopped)["msg"]
    guards = ("dmarc_policy_changed", "dmarc_too_soon", "dmarc_no_senders")
    opened = [home.exception(guard, record) for guard in guards]
    sender = {"name": "newsletter", "addresses": ["203.0.113.80"]}
    blocked = project.run(plays(("dns_baseline", {**task, "exceptions": opened, "senders": [sender]})))
    assert refused(blocked) == ["dmarc_unaligned_sender"], last(blocked)["msg"]
    done(project, ("dns_baseline", {**task, "exceptions": opened}))
    (value,) = home.server.values("_dmarc." + home.zone, "TXT")
    assert "p=quarantine" in value
    recorded = [one["exception"] for one in project.events() if one.get("exception")][-1]
    assert {one["guard"] for one in (recorded, *recorded["others"])} == set(guards)
    assert recorded["approver"] == "lee@agency.example"


def test_an_approval_is_for_one_plan(project: Project, home: Home) -> None:
    """G2, G3: another plan than the one that was approved, and a digest that is none, are refused."""
    predicted = project.run(plays(("dns_baseline", home.task())), "--check")
    mark = last(predicted)["approval_digest"]
    wrong = home.task(approved_digest="deadbeef")
    assert refused(project.run(plays(("dns_baseline", wrong)))) == ["approved_digest_invalid"]
    home.put("@", "MX", "5 mx2." + home.zone + ".")
    assert refused(project.run(plays(("dns_baseline", home.task(approved_digest=mark))))) == [
        "approved_digest_mismatch"
    ]
    home.put("@", "MX")
    done(project, ("dns_baseline", home.task(approved_digest=mark)))
    assert len(home.mail()) == 4


def test_a_request_is_taken_back_with_its_records(project: Project, home: Home) -> None:
    """R-RBK-05, R-RBK-08: by request id, from the journal; what others have added since stays."""
    done(project, ("dns_baseline", home.task()))
    home.put("@", "TXT", *home.server.values(home.zone, "TXT"), '"added-later"')
    others = home.others()
    back = {"client": "acme", "publisher": home.rfc2136, **home.looking}
    done(project, ("rollback", back))
    assert home.mail() == set()
    assert home.others() == others
    again = done(project, ("rollback", back))
    assert not again.changed


def test_the_api_of_powerdns(project: Project, powerdns: PowerDns) -> None:
    home = Home.on(powerdns)
    publisher = {"type": "powerdns", "api_url": powerdns.api_url, "api_key": powerdns.api_key}
    others = home.others()
    task = plays(("dns_baseline", home.task(publisher=publisher)))
    predicted, applied, again = project.run(task, "--check"), project.run(task), project.run(task)
    assert (predicted.rc, applied.rc, again.rc) == (0, 0, 0), predicted.output + applied.output + again.output
    assert predicted.plans[0][2] == applied.plans[0][2] and not again.changed
    assert len(home.mail()) == 4 and home.others() == others


def test_a_portfolio_is_told(project: Project, home: Home) -> None:
    """R-DNS-20, R-DNS-14, R-VIS-05: posture, drift and conformance of several domains, and nothing is recorded."""
    other = Home.on(home.server)
    done(project, ("dns_baseline", home.task()), ("dns_baseline", home.task("snapshot")))
    before = len(project.events())
    home.put("_dmarc", "TXT", '"v=DMARC1; p=none"')
    common = {**home.looking, "provider_records": False, "spf": {"all": "~all"}}
    rows = [
        {name: value for name, value in one.baseline.items() if name != "provider_records"} for one in (home, other)
    ]
    run = done(project, ("dns_baseline_info", {**common, "domains": rows}))
    told = last(run)
    assert [row["name"] for row in told["domains"]] == [home.zone, other.zone]
    assert home.zone in told["drifted"] and other.zone in told["not_ready"]
    assert "no_dns_baseline" in {one["code"] for one in told["findings"] if one["object"] == other.zone}
    assert told["queries"] > 0 and told["conformance"] < 100
    assert len(project.events()) == before


@pytest.fixture
def at_the_provider(bind: NameServer) -> Iterator[NameServer]:
    """The zones of the sandbox's domain, and of the provider whose hosts its requirements name."""
    provider = 'mail 300 IN A 192.0.2.20\nspf 300 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
    provider += 'example.com._report._dmarc 300 IN TXT "v=DMARC1"\n@ 300 IN MX 10 mail\n'
    bind.make_zones({"example.com": OTHERS, "trekmail.net": provider})
    yield bind
    for zone in ("example.com", "trekmail.net"):
        bind.drop_zone(zone)


def test_the_provider_says_what_is_needed(project: Project, at_the_provider: NameServer) -> None:
    """R-DNS-04, R-DNS-22: its requirements are the source of the records; a key that it rotates is a finding until it is published."""
    home = Home(at_the_provider, "example.com", "")
    common = {"client": "acme", "name": "example.com", "spf": {"all": "~all"}, **home.looking}
    publish = {**common, "publisher": home.rfc2136, "wait": 5}
    first = done(project, ("dns_baseline", publish))
    assert last(first)["ready"], last(first)["findings"]
    assert at_the_provider.values("example.com", "MX") == ["10 mail.trekmail.net."]
    assert "v=spf1 include:spf.trekmail.net ~all" in str(at_the_provider.values("example.com", "TXT"))
    domain = project.sandbox.get("/domains").json()["data"][0]
    project.sandbox.call("POST", "/domains/%d/dkim:retry" % domain["id"])
    assert "dkim_key_differs" in codes(done(project, ("dns_baseline", {**common, "state": "checked"})))
    done(project, ("dns_baseline", publish))
    assert not codes(done(project, ("dns_baseline", {**common, "state": "checked"})))


def test_a_route_to_the_wrong_mailbox_is_told(project: Project, at_the_provider: NameServer) -> None:
    """R-PAT-15, the fifth cause: mail for an address that arrives at somebody else."""
    home = Home(at_the_provider, "example.com", "")
    domain = project.sandbox.get("/domains").json()["data"][0]
    for name in ("ann", "kim"):
        project.sandbox.mailbox(domain["id"], name)
    done(project, ("alias", {"client": "acme", "address": "jobs@example.com", "mailbox": "kim@example.com"}))
    common = {"client": "acme", "name": "example.com", "spf": {"all": "~all"}, **home.looking, "state": "checked"}
    wrong = done(project, ("dns_baseline", {**common, "routes": {"jobs@example.com": ["ann@example.com"]}}))
    assert "route_wrong_mailbox" in codes(wrong)
    right = done(project, ("dns_baseline", {**common, "routes": {"jobs@example.com": ["kim@example.com"]}}))
    assert "route_wrong_mailbox" not in codes(right)


def test_nothing_is_published_by_nobody(project: Project, home: Home) -> None:
    """R-DNS-24: the run says that nobody is named who may write, and what to set."""
    run = project.run(plays(("dns_baseline", {**home.task(), "publisher": None})))
    assert refused(run) == ["no_publisher"]
    assert "manual" in last(run)["msg"]
