# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and result of ``mail_probe``."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.events import verification_change
from ansible_collections.mailops.email.plugins.module_utils.engine.trials import Settings
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import (
    NEEDED,
    Subject,
    Verdict,
    given_check,
    results_of,
    told,
    verification_event,
)
from ansible_collections.mailops.email.plugins.module_utils.engine.verification import Verification
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint
from ansible_collections.mailops.email.plugins.module_utils.probe.mx import need_resolver
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress
from ansible_collections.mailops.email.plugins.module_utils.shell.result import SHOWN, audit_of, diff_of, failure_result
from ansible_collections.mailops.email.plugins.module_utils.shell.task import (
    Params,
    context_of,
    driver_of,
    store_of,
)

PROBE = "mail_probe"
_PORTS = {"imap": (993, 143), "submission": (465, 587)}
_CHECK = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OWN = NEEDED | {"recipients", "session_ended", "probe_mailbox", "known_good"}


def run_probe(
    params: Params, *, check_mode: bool, progress: Progress | None = None, run: dict[str, str] | None = None
) -> dict[str, t.Any]:
    """Result of a verification; ``failed`` and ``msg`` are in it unless every domain passed."""
    try:
        context = context_of(params, check_mode, run or {})
        # Only probe mailboxes are opened, and closed again: a request that is frozen is verified all the same.
        context = dataclasses.replace(context, exempt=frozenset((context.request_id,)))
        settings = settings_of(params, context)
        domains = domains_of(params)
        given = given_of(params, domains)
        driver = driver_of(params, read_only=check_mode, progress=progress)
    except MailopsError as error:
        return failure_result(error)
    try:
        verification = Verification(driver, context, settings, store=store_of(params), progress=progress or Progress())
        return result_of(verification.run(domains, given), context, settings, driver.requests)
    except MailopsError as error:
        return failure_result(error, context, driver.requests())
    finally:
        driver.close()


# ---- options


def domains_of(params: Params) -> list[str]:
    """:raises Refused: ``domains_missing``, ``hostname_invalid``."""
    given = params.get("domains")
    given = params.get("client_domains") if given is None else given
    if not given:
        raise Refused("domains_missing", "No domain is named to be verified.", "Set domains, or client_domains.")
    return list(dict.fromkeys(normalise_hostname(name) for name in given))


def settings_of(params: Params, context: Context) -> Settings:
    """All that can be refused before anything is done.

    :raises Refused: ``endpoint_invalid``, ``login_needs_tls``, ``ca_unreadable``, ``library_missing``, ``address_invalid``,
        ``sample_size``, ``wait``.
    """
    for name, least, most in (("sample_size", 0, 1000), ("wait", 1, 600)):
        if not least <= params[name] <= most:
            raise Refused(name, "%s is %d." % (name, params[name]), "Give %d to %d." % (least, most))
    outbound = normalise_contact(params["outbound"]["address"])
    inbound = params.get("inbound") or {"tls": "starttls", "protocol": "smtp"}
    lmtp = inbound["protocol"] == "lmtp"
    port = inbound.get("port") or (24 if lmtp else 25)

    def receiving(host: str) -> Endpoint:
        return _endpoint(params, host, port, inbound["tls"])

    if not inbound.get("host"):
        need_resolver()
    imap, submission = _login_server(params, "imap"), _login_server(params, "submission")
    imap.context()
    return Settings(
        imap=imap,
        submission=submission,
        inbound=receiving(inbound["host"]) if inbound.get("host") else None,
        inbound_mx=receiving,
        outbound=outbound,
        proof=params["outbound"]["proof"],
        sender=normalise_contact(inbound["sender"]) if inbound.get("sender") else outbound,
        seed=params.get("seed") or context.request_id,
        lmtp=lmtp,
        local_part=params["probe_local_part"],
        sample_size=params["sample_size"],
        wait=float(params["wait"]),
        concurrency=max(1, params["concurrency"]),
    )


def _login_server(params: Params, name: str) -> Endpoint:
    given = params[name]
    implicit, starttls = _PORTS[name]
    endpoint = _endpoint(
        params, given["host"], given.get("port") or (implicit if given["tls"] == "implicit" else starttls), given["tls"]
    )
    endpoint.for_login()
    return endpoint


def _endpoint(params: Params, host: str, port: int, tls: str) -> Endpoint:
    return Endpoint(host, port, tls, params.get("mail_ca_path") or "", float(params["timeout"]))


def given_of(params: Params, domains: t.Collection[str]) -> list[Check]:
    """:raises Refused: ``result_invalid``."""
    found = []
    for row in params.get("results") or ():
        domain = normalise_hostname(row["domain"])
        why = ""
        if domain not in domains:
            why = "%s is not verified in this task" % domain
        elif not _CHECK.fullmatch(row["check"]):
            why = "a check is named in lower-case letters, digits and underscores"
        elif row["check"] in _OWN:
            why = "this check is made by mail_probe itself"
        if why:
            raise Refused(
                "result_invalid",
                "The result %r of %s cannot be taken: %s." % (row["check"][:40], domain, why),
                "Correct the list results.",
            )
        found.append(given_check({**row, "domain": domain}))
    return found


# ---- result


def result_of(
    verdict: Verdict, context: Context, settings: Settings, requests: t.Callable[[], dict[str, int]]
) -> dict[str, t.Any]:
    whole = Report(
        verdict.plan,
        [one for report in verdict.reports for one in report.failures],
        [one for report in verdict.reports for one in report.results],
        [one for report in verdict.reports for one in report.not_attempted],
        journal=verdict.journal,
    )
    made = {one.operation.key for one in whole.results if one.operation.verb == "create" and one.status != "failed"}
    failed_items = [item for number, one in enumerate(verdict.subjects) for item in _failed_items(number, one)]
    audit = audit_of(whole, context)
    audit["failures"] = [{name: item[name] for name in ("key", "phase", "code")} for item in failed_items]
    if verdict.journal:
        audit["changes"] += [
            verification_change(one.domain, verification_event(context, one, settings.seed, settings.sample_size))
            for one in verdict.subjects
        ]
    passed = [one.passed for one in verdict.subjects]
    result: dict[str, t.Any] = {
        "changed": bool(made),
        "verified": False if False in passed else None if None in passed else True,
        "domains": [_row(one) for one in verdict.subjects],
        "seed": settings.seed,
        "sample_size": settings.sample_size,
        "plan": [operation.summary() for operation in verdict.plan.operations],
        "plan_digest": verdict.plan.digest,
        "applied": [one.operation.key for one in whole.results if one.status in ("applied", "unverified")],
        "failed_items": failed_items,
        "not_attempted": [operation.key for operation in whole.not_attempted],
        "requests": requests(),
        "audit": audit,
        "diff": diff_of([one for one in verdict.plan.operations if one.key in made and one.kind == "mailbox"]),
    }
    if verdict.plan.warnings:
        result["warnings"] = verdict.plan.warnings
    if False in passed:
        result["failed"] = True
        result["msg"] = _message(verdict.subjects, context)
    return result


def _row(one: Subject) -> dict[str, t.Any]:
    return {
        "domain": one.domain,
        "passed": one.passed,
        "results": results_of(one),
        "checks": [told(check) for check in one.checks],
        "probe_mailbox": one.address,
        "sample": one.sample,
        "last_known_good": one.known_good,
    }


def _failed_items(number: int, one: Subject) -> t.Iterator[dict[str, t.Any]]:
    for check in one.failed:
        said = check.diagnosis
        text = said.meaning + (" (%s)" % said.text if said.text and said.text != said.meaning else "")
        yield {
            "index": number,
            "key": one.domain,
            "phase": "verify",
            "code": check.code,
            "message": "%s: %s: %s" % (one.domain, check.check, text),
            "hint": said.next,
        }


def _message(subjects: t.Sequence[Subject], context: Context) -> str:
    """Domain, check, code and next step of every failure."""
    wrong = [one for one in subjects if one.passed is False]
    lines = ["%s: unverified, %d of %d domains did not pass." % (context.request_id, len(wrong), len(subjects))]
    items = [item for number, one in enumerate(wrong) for item in _failed_items(number, one)]
    lines += ["[%s] %s. %s" % (item["code"], item["message"].rstrip("."), item["hint"]) for item in items[:SHOWN]]
    if len(items) > SHOWN:
        lines.append("… and %d more, see failed_items." % (len(items) - SHOWN))
    return "\n".join(line.rstrip() for line in lines)
