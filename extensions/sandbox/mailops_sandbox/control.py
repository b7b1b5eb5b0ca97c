# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The side of the sandbox that TrekMail does not have: truth, switches, clock, faults, tokens, seeding. Loopback only, no token."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import control_data, control_dns, control_mail, faults, state, switches
from .core import Core


@dataclass(frozen=True)
class Control:
    """One row of the table: ``handler`` takes (core, path parameters, query, body) and returns (status, JSON value)."""

    method: str
    path: str
    handler: Callable[[Core, dict[str, Any], dict[str, str], Any], tuple[int, Any]]
    help: str


def _endpoint(core: Core, row: Control) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw.strip() else {}
            core.sweep(int(core.clock.now()))
            with core.store.transaction():
                status, result = row.handler(core, request.path_params, dict(request.query_params), body)
            if row.method != "GET":
                core.store.cache.clear()
        except control_data.Missing as exc:
            return JSONResponse({"error": str(exc)}, 404)
        except control_mail.Closed as exc:
            return JSONResponse({"error": str(exc)}, exc.status)
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            return JSONResponse({"error": f"{type(exc).__name__}: {exc}"}, 400)
        return JSONResponse(result, status)

    return answer


def _set_switches(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    checked = {name: switches.check(name, value) for name, value in body.items()}
    for name, value in checked.items():
        core.set_switch(name, value)
    return 200, core.switches


def _set_faults(core: Core, _params: Any, _query: Any, body: Any) -> tuple[int, Any]:
    rows = body if isinstance(body, list) else body.get("faults", [body])
    core.faults.rules.extend([faults.parse(row) for row in rows])
    return 200, core.faults.shown()


def _no_faults(core: Core, *_unused: Any) -> tuple[int, Any]:
    core.faults.rules.clear()
    core.faults.hits = 0
    return 200, core.faults.shown()


def _set_clock(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    core.clock.change(body)
    core.save_clock()
    return 200, core.clock.state()


def _set_latency(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    milliseconds = float(body["ms"])
    if not 0 <= milliseconds <= 600000:
        raise ValueError("ms must be 0 to 600000")
    core.latency_ms = milliseconds
    return 200, {"ms": milliseconds}


def _set_plan(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    core.set_plan(body["plan"])
    return 200, {"plan": core.plan}


TABLE: tuple[Control, ...] = (
    Control(
        "GET",
        "/writes",
        lambda core, *_: (200, state.writes(core)),
        "requests counted by method and route, and changes that committed",
    ),
    Control("POST", "/writes:reset", lambda core, *_: (200, state.reset(core)), "set all counters to zero"),
    Control(
        "GET",
        "/state",
        lambda core, _params, query, _body: (200, state.dump(core, query.get("domain"))),
        "the whole truth, or with `?domain=` that of one; secrets as digests",
    ),
    Control(
        "GET",
        "/history",
        lambda core, _params, query, _body: (200, state.history(core, query.get("token"))),
        "changes that committed, in their order, with the rows of their answers; `?token=` (its id) filters",
    ),
    Control("GET", "/switches", lambda core, *_: (200, core.switches), "the switches and their values"),
    Control("PUT", "/switches", _set_switches, "change switches: `{name: value}`; kept in the data folder"),
    Control("GET", "/faults", lambda core, *_: (200, core.faults.shown()), "fault rules and how often one hit"),
    Control("POST", "/faults", _set_faults, "add fault rules: one object, a list, or `{faults: [...]}`"),
    Control("DELETE", "/faults", _no_faults, "remove all fault rules"),
    Control("GET", "/latency", lambda core, *_: (200, {"ms": core.latency_ms}), "the delay"),
    Control("PUT", "/latency", _set_latency, "delay every API request by `{ms}`; requests wait side by side"),
    Control("GET", "/clock", lambda core, *_: (200, core.clock.state()), "the sandbox's time"),
    Control("PUT", "/clock", _set_clock, "`{now?, offset?, advance?, frozen?}`"),
    Control("GET", "/plan", lambda core, *_: (200, {"plan": core.plan}), "the account's plan"),
    Control("PUT", "/plan", _set_plan, "`{plan}`: nano, starter, pro, agency"),
    Control("GET", "/tokens", control_data.list_tokens, "tokens without their secrets"),
    Control(
        "POST",
        "/tokens",
        control_data.mint_token,
        "`{kind?, name?, scopes?, domains?, mailboxes?, permissions?, expires_at?}` -> token, once",
    ),
    Control("DELETE", "/tokens/{id:int}", control_data.revoke_token, "revoke a token"),
    Control(
        "POST", "/seed", control_data.seed, "`{domains: [names], mailboxes_per_domain?, active?, prefix?, foreign?}`"
    ),
    Control(
        "POST",
        "/domains/{name}:verify",
        control_data.verify_domain,
        "a domain's DNS is right; `{status?, records?}` sets other truths",
    ),
    Control(
        "GET", "/dns", control_dns.show, "the name server: where it is, its key, how often it was asked, all zones"
    ),
    Control(
        "PUT",
        "/dns/zones/{name}",
        control_dns.put_zone,
        "make or empty a zone: `{records?: [{name, type, ttl?, values}]}`",
    ),
    Control("DELETE", "/dns/zones/{name}", control_dns.drop_zone, "remove a zone"),
    Control(
        "POST",
        "/dns/zones/{name}:change",
        control_dns.change_zone,
        "change records behind everybody's back: `{set?: [{name, type, ttl?, values}], remove?: [{name, type}]}`",
    ),
    Control("GET", "/outbox", control_mail.outbox, "mail the provider has sent; `?to=` filters"),
    Control("DELETE", "/outbox", control_mail.empty_outbox, "forget the mail"),
    Control("GET", "/invites", control_mail.list_invites, "all invites; `?status=` filters"),
    Control(
        "POST",
        "/invites/{id:int}:redeem",
        control_mail.redeem,
        "`{password, local_part?}`: the owner accepts -> recovery code, once",
    ),
    Control("POST", "/invites/{id:int}:cancel", control_mail.cancel, "the dashboard's cancel"),
    Control(
        "POST",
        "/invites/{id:int}:resend",
        control_mail.resend,
        "the dashboard's resend: `{recipient_email?, expires_in_hours?}`; the old link dies",
    ),
    Control("POST", "/login", control_mail.login, "`{address, password, via?: webmail/imap/smtp}` -> 200 or 401"),
)


def routes(core: Core) -> list[Route]:
    """Return the routes below /_sandbox."""
    return [Route(row.path, _endpoint(core, row), methods=[row.method], name=row.help) for row in TABLE]
