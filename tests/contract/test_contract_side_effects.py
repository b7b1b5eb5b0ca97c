# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `foresee` says of side effects is what happens, no more and no less; and it is given back, exactly that."""

from __future__ import annotations

from typing import Any

from grounds import PASSWORD

from bench import Bench, exception, governed

Around = dict[tuple[str, str], dict[str, Any]]


def _furnished(bench: Bench) -> tuple[str, str, str]:
    """A mailbox with all that can hang on one, and a neighbour on the same domain."""
    domain = bench.ground.domain()
    address, other = bench.box(domain, "ann"), bench.box(domain, "zoe")
    bench.run(
        "alias",
        {"address": "one@" + domain, "mailbox": address},
        {"address": "two@" + domain, "mailbox": address},
        {"address": "hers@" + domain, "mailbox": other},
    )
    away = {"exception": exception(), **governed()}
    bench.run("forward", {"address": other, "targets": [address], **away})
    if bench.can("forward.address"):
        bench.run(
            "forward",
            {"address": "team@" + domain, "targets": [address, other], **away},
            {"address": "press@" + domain, "targets": [address], **away},
        )
    bench.run("catch_all", {"domain": domain, "state": "present", "destination": address, **governed()})
    return domain, address, other


def _differ(before: Around, after: Around) -> Around:
    assert set(before) == set(after)
    return {key: after[key] for key in before if after[key] != before[key]}


def test_what_is_foreseen_is_what_happens(bench: Bench) -> None:
    domain, address, other = _furnished(bench)
    before = bench.around(domain, address, other)
    way = "login" if bench.can("mailbox.suspend") else "all"
    closing = {"address": address, "state": "suspended", "suspend": way}
    report = bench.settle("mailbox", closing)
    (suspended,) = [one for one in report.plan.operations if one.kind == "mailbox"]
    changed = _differ(before, bench.around(domain, address, other))
    foreseen = {(entry["kind"], entry["key"]): entry for entry in suspended.collateral}
    assert set(changed) == set(foreseen)
    for key, entry in foreseen.items():
        assert {name: before[key][name] for name in entry["before"]} == entry["before"]
        assert {name: changed[key][name] for name in entry["after"]} == entry["after"]
        assert entry["key"] in " ".join(report.plan.warnings)
    assert bench.ground.lets_in(other, PASSWORD)

    bench.settle("mailbox", {"address": address})
    assert _differ(before, bench.around(domain, address, other)) == {}
    assert bench.ground.lets_in(address, PASSWORD)


def test_what_somebody_changed_meanwhile_stays(bench: Bench) -> None:
    """Given back is what is still as the suspension left it; the rest is somebody's decision."""
    domain, address, other = _furnished(bench)
    bench.run("mailbox", {"address": address, "state": "suspended"})
    bench.run("alias", {"address": "one@" + domain, "mailbox": address, "state": "absent"})
    bench.run("catch_all", {"domain": domain, "state": "present", "destination": other, **governed()})
    bench.settle("mailbox", {"address": address})
    after = bench.around(domain, address, other)
    assert ("alias", "one@" + domain) not in after
    assert after["alias", "two@" + domain].get("enabled", True) is True
    assert (after["catch_all", domain]["destination"], after["catch_all", domain]["enabled"]) == (other, True)


def test_what_goes_with_a_mailbox_is_foreseen(bench: Bench) -> None:
    """Its own aliases and its own forward may go with it unsaid; what belongs to others may not."""
    domain, address, other = _furnished(bench)
    bench.run("mailbox", {"address": address, "state": "suspended"})
    before = bench.around(domain, address, other)
    report = bench.settle("mailbox", {"address": address, "state": "absent", "exception": exception()})
    (deleted,) = report.plan.operations
    after = bench.around(domain, address, other)
    changed = {key for key in before if after.get(key) != before[key]}
    own = {key for key, record in before.items() if record.get("mailbox") == address or key == ("forward", address)}
    foreseen = {(entry["kind"], entry["key"]): entry for entry in deleted.collateral}
    assert changed - own <= set(foreseen) <= changed
    for key, entry in foreseen.items():
        assert {name: before[key][name] for name in entry["before"]} == entry["before"]
        now = after.get(key, {"enabled": False})
        assert now.get("enabled") is False if entry["after"] is None else entry["after"].items() <= now.items()
    if bench.box_record(address) is None:
        # a namesake gets nothing of it
        bench.ground.mailbox(address)
        assert bench.run("mailbox", {"address": address}).plan.operations == []


def test_other_changes_have_no_side_effects(bench: Bench) -> None:
    domain, address, other = _furnished(bench)
    before = bench.around(domain, address, other)
    changes = [("display_name", "mailbox.update", "Ann"), ("quota_mb", "mailbox.set_quota", 300)]
    report = bench.settle("mailbox", {"address": address, **{n: value for n, c, value in changes if bench.can(c)}})
    assert not [one for one in report.plan.operations if one.collateral]
    assert _differ(before, bench.around(domain, address, other)) == {}
