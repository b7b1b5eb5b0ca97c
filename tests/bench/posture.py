# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the posture of a portfolio against a Knot on this machine, beside checkdmarc doing the same checks; docs/performance.md reads the figures.

Each column runs in a process of its own, so that none finds the caches of another; of several turns the fastest counts. All say of each
domain and class whether it is in order, and that is compared with how the domain was made. The exit code is 1 when ours is wrong of
one that checkdmarc has right.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# This folder comes last: it must not hide a library.
sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != Path(__file__).resolve().parent]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("dns", "live")]
sys.path.append(str(Path(__file__).resolve().parent))

import portfolio  # noqa: E402 - found by the lines above
from portfolio import CLASSES, Domain  # noqa: E402

WANTED = 10
TURNS = 3
Verdicts = dict[str, dict[str, bool]]


def theirs(found: list[Domain], address: str, threads: int) -> dict[str, Any]:
    """The functions of checkdmarc that check what ours checks: no TLS, no reverse names, no signatures, no policy by HTTPS. Its caches
    are as they come."""
    import dns.exception
    import dns.nameserver
    import dns.query
    from checkdmarc import dmarc, mta_sts, smtp_tls_reporting, spf, utils

    host, dummy, port = address.partition("@")
    servers = [dns.nameserver.Do53Nameserver(host, int(port))]
    asked: Counter[str] = Counter()

    def counting(name: str, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*args: Any, **options: Any) -> Any:
            asked[name] += 1
            return send(*args, **options)

        return sent

    for name in ("udp", "tcp"):
        setattr(dns.query, name, counting(name, getattr(dns.query, name)))

    def mx(domain: str) -> bool:
        record_set = utils.get_mx_record_set(domain, nameservers=servers)
        if record_set["warnings"] or not record_set["hosts"]:
            return False
        for host in {one["hostname"] for one in record_set["hosts"]}:
            try:
                if utils.query_dns(host, "CNAME", nameservers=servers):
                    return False
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                pass
            try:
                if not utils.get_a_records(host, nameservers=servers):
                    return False
            except utils.DNSException:
                return False
        return True

    def sts(domain: str) -> bool:
        try:
            record = mta_sts.query_mta_sts_record(domain, nameservers=servers)
            mta_sts.parse_mta_sts_record(record["record"])
        except mta_sts.MTASTSError:
            return False
        return True

    def one(domain: str) -> dict[str, bool]:
        return {
            "mx": mx(domain),
            "spf": bool(spf.check_spf(domain, nameservers=servers)["valid"]),
            "dmarc": bool(dmarc.check_dmarc(domain, nameservers=servers)["valid"]),
            "mta_sts": sts(domain),
            "tls_rpt": bool(smtp_tls_reporting.check_smtp_tls_reporting(domain, nameservers=servers)["valid"]),
        }

    verdicts: Verdicts = {}
    waiting = [domain.name for domain in reversed(found)]

    def work() -> None:
        while waiting:
            try:
                name = waiting.pop()
            except IndexError:
                return
            verdicts[name] = one(name)

    started, used = time.perf_counter(), time.process_time()
    workers = [threading.Thread(target=work) for dummy in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - used,
        "queries": sum(asked.values()),
        "verdicts": verdicts,
    }


def _in_order(findings: Iterable[Any], name: str) -> bool:
    """Whether the records of a class do their work. That they are not those of the approved pattern is no matter of this comparison:
    checkdmarc knows no pattern."""
    mine = [one for one in findings if one.record_class == name]
    return not any(
        one.code.endswith("_syntax") or (one.severity == "error" and not one.code.endswith(DIFFERENCES)) for one in mine
    )


def ours(found: list[Domain], address: str) -> dict[str, Any]:
    """The whole posture as `dns_baseline` sees it: also DKIM keys, and everything held against what is approved."""
    from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import (
        Baseline,
        DkimKey,
        Dmarc,
        MtaSts,
        Spf,
    )
    from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes, stream
    from ansible_collections.mailops.email.plugins.module_utils.dns.posture import posture

    approved = [
        Baseline(
            one.name,
            mx=portfolio.MX,
            spf=Spf(("spf.mail.test",)),
            dkim=(DkimKey(portfolio.SELECTOR, portfolio.KEY),),
            dmarc=Dmarc("reject", aggregate_reports=("mailto:dmarc@reports.test",)),
            mta_sts=MtaSts("20261101T000000"),
            tls_rpt=("mailto:tls@reports.test",),
        )
        for one in found
    ]
    started, used = time.perf_counter(), time.process_time()
    with WireEyes([address]) as eyes:
        postures = stream([posture(one, (address,)) for one in approved], eyes)
        queries = eyes.sent
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    verdicts = {one.domain: {name: _in_order(one.findings, name) for name in CLASSES} for one in postures}
    return {"seconds": seconds, "processor": processor, "queries": queries, "verdicts": verdicts}


def measure(which: str, count: int, address: str) -> dict[str, Any]:
    """One turn in a new process."""
    line = [sys.executable, __file__, "--domains", str(count), "--only", which, "--server", address]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit("%s failed:\n%s" % (which, done.stderr))
    return dict(json.loads(done.stdout))


DIFFERENCES = ("_differs", "_unapproved", "_include_missing", "_mechanism_missing", "_host_missing")
COLUMNS: dict[str, Callable[[list[Domain], str], dict[str, Any]]] = {
    "ours": ours,
    "checkdmarc": lambda found, address: theirs(found, address, 1),
    "checkdmarc, 8 threads": lambda found, address: theirs(found, address, 8),
}


def wrong(found: list[Domain], verdicts: Verdicts) -> Counter[str]:
    """Verdicts that are not how the domain was made, by fault and class."""
    counted: Counter[str] = Counter()
    for domain in found:
        for name in CLASSES:
            broken = domain.fault is not None and domain.fault.broken == name
            if verdicts[domain.name][name] == broken:
                what = domain.fault.name if domain.fault else "in order"
                counted["%s, said to be %s (%s)" % (what, "in order" if broken else "broken", name)] += 1
    return counted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domains", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--only", choices=COLUMNS, help=argparse.SUPPRESS)
    parser.add_argument("--server", help=argparse.SUPPRESS)
    options = parser.parse_args()
    found = portfolio.domains(options.domains)
    if options.only:
        print(json.dumps(COLUMNS[options.only](found, options.server)))
        return 0
    from nameservers import Knot

    server = Knot()
    server.start()
    try:
        server.make_zones(portfolio.zones(found))
        turns = [
            {name: measure(name, options.domains, server.address) for name in COLUMNS} for dummy in range(options.turns)
        ]
    finally:
        server.stop()
    results = {name: min((one[name] for one in turns), key=lambda one: float(one["seconds"])) for name in COLUMNS}
    for name, result in results.items():
        counted = wrong(found, result["verdicts"])
        times = result["seconds"], result["processor"], result["queries"]
        print(
            "%-22s %7.2f s, %6.2f s of it processor, %6d queries, %3d verdicts wrong"
            % (name, *times, sum(counted.values()))
        )
        for what, often in sorted(counted.items()):
            print("%26d x %s" % (often, what))
    best = min(results[name]["seconds"] for name in results if name != "ours")
    faster = best / results["ours"]["seconds"]
    print("ours is %.1f times as fast; wanted is %d: %s" % (faster, WANTED, "ok" if faster >= WANTED else "MISS"))
    worse = wrong(found, results["ours"]["verdicts"]).keys() - wrong(found, results["checkdmarc"]["verdicts"]).keys()
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
