# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of PowerDNS Authoritative (API version 1).

A PATCH changes all of its record sets or none. The API has no condition to send along, so they are read again right before; what
changes in the milliseconds between is overwritten. Where that matters, ``rfc2136`` has no such gap.
"""

from __future__ import annotations

import collections
import threading
import typing as t
from urllib.parse import quote, urlsplit

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Publisher,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
    after_of,
    place_of,
    within,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, normal_value
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer, Told

_API = "/api/v1"
# Kinds of zones that get their records from elsewhere.
_COPIES = frozenset(("slave", "secondary", "consumer"))
_ALONE = frozenset(("native",))


class PowerDns(Publisher):
    """One server behind one API."""

    name = "powerdns"
    most = 100

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_api_url``, ``publisher_api_key``, or what `HttpClient` finds wrong with them."""
        super().__init__(settings)
        config = settings.config
        url = str(config.get("api_url") or "").rstrip("/")
        if not url:
            raise Refused("publisher_api_url", "The publisher powerdns has no api_url.", "Set api_url, with its port.")
        if not config.get("api_key"):
            raise Refused(
                "publisher_api_key", "The publisher powerdns has no api_key.", "Set MAILOPS_DNS_API_KEY, or api_key."
            )
        parts = urlsplit(url)
        self._host = parts.netloc.rpartition("@")[2]
        connection = Connection(
            url if url.endswith(_API) else url + _API,
            str(config["api_key"]),
            timeout=settings.timeout,
            deadline=4 * settings.timeout,
            validate_certs=settings.validate_certs,
            ca_path=settings.ca_path,
        )
        self._http = HttpClient(
            connection,
            read_only=settings.read_only,
            progress=settings.progress,
            scheme="",
            header="X-API-Key",
            describe=_told,
            options=("api_url", "api_key"),
        )
        self._server = "/servers/" + quote(str(config.get("server_id") or "localhost"), safe="")
        # With SQLite behind it PowerDNS answers 500 to changes that come side by side, though to different zones.
        self._one_by_one = threading.Lock()
        # Zones of the server by name: their id, and their kind.
        self._known: dict[str, tuple[str, str]] | None = None

    @property
    def account(self) -> str:
        return "%s@%s" % (self.name, self._host)

    @property
    def request_counts(self) -> collections.Counter[str]:
        return self._http.counts

    def close(self) -> None:
        self._http.close()

    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        known = self._zone_list()
        found = {name: max((zone for zone in _above(name) if zone in known), key=len, default="") for name in names}
        missing = sorted(name for name, zone in found.items() if not zone)
        if missing:
            raise ProviderError(
                "zone_missing",
                "%s: %s has no zone for %s."
                % (missing[0], self.account, "it" if len(missing) == 1 else ", ".join(missing)),
                "Make the zone there first, or check server_id.",
                retryable=False,
            )
        self._refuse_copies(set(found.values()))
        return found

    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        wanted = set(places)
        # As a whole: asked for one record set, PowerDNS 4.7 leaves out what is disabled, and delegations are not seen.
        body = self._http.get(self._path(zone)).body
        if not isinstance(body, dict):
            raise ProviderError("no_json", "%s: the answer is no zone of PowerDNS." % zone, "Check api_url.")
        seen = Seen({}, serial=body.get("edited_serial") or body.get("serial"))
        for rrset in body.get("rrsets") or ():
            name, kind = str(rrset["name"]).rstrip(".").lower(), str(rrset["type"]).upper()
            if kind == "NS" and name != zone:
                self._refuse_cut(name, rrset, wanted)
            if (name, kind) not in wanted:
                continue
            seen.raw[name, kind] = rrset
            enabled = [record["content"] for record in rrset["records"] if not record.get("disabled")]
            if enabled:
                seen.sets[name, kind] = RecordSet.of(name, kind, rrset["ttl"], enabled)
        if str(body.get("kind", "")).lower() in _ALONE:
            # Copied by its database; nobody looks at the serial.
            seen.serial = None
        return seen

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        rrsets = [_rrset(operation, seen.raw.get(place_of(operation))) for operation in operations]
        with self._one_by_one:
            answer = self._http.call("PATCH", self._path(zone), json={"rrsets": rrsets})
        return {"status": answer.status, "attempts": answer.attempts}

    def _path(self, zone: str) -> str:
        return "%s/zones/%s" % (self._server, quote(self._zone_list()[zone][0], safe="=.-_"))

    def _zone_list(self) -> dict[str, tuple[str, str]]:
        if self._known is None:
            rows = self._http.get(self._server + "/zones", dnssec="false").body
            if not isinstance(rows, list):
                raise ProviderError(
                    "no_json", "GET zones: the answer is no list of zones.", "Check api_url and server_id."
                )
            self._known = {
                str(row["name"]).rstrip(".").lower(): (str(row["id"]), str(row.get("kind", "")).lower()) for row in rows
            }
        return self._known

    def _refuse_copies(self, zones: set[str]) -> None:
        copies = sorted(zone for zone in zones if self._zone_list()[zone][1] in _COPIES)
        if copies:
            raise ProviderError(
                "zone_secondary",
                "%s: is a copy at %s, which gets its records from another server." % (", ".join(copies), self.account),
                "Publish at the zone's primary.",
                retryable=False,
            )

    def _refuse_cut(self, cut: str, rrset: dict[str, t.Any], wanted: set[Place]) -> None:
        below = sorted(name for name, dummy in wanted if within(name, cut))
        if below:
            hosts = ", ".join(sorted(str(record["content"]).rstrip(".") for record in rrset["records"]))
            raise ProviderError(
                "zone_cut",
                "%s: %s hands %s on to %s." % (below[0], self.account, cut, hosts),
                "Publish it there: give %s a publisher of its own, or end the delegation." % cut,
                retryable=False,
            )


def _above(name: str) -> t.Iterator[str]:
    while name:
        yield name
        name = name.partition(".")[2]


def _rrset(operation: Operation, now: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """One change. Disabled records stay as they are, and so do comments, which are kept where none are sent."""
    name, kind = place_of(operation)
    after = after_of(operation)
    change: dict[str, t.Any] = {"name": name + ".", "type": kind}
    values = after.values if after else ()
    disabled = [record for record in (now or {}).get("records", ()) if record.get("disabled")]
    kept = [record for record in disabled if normal_value(kind, record["content"]) not in values]
    if after is None and not kept:
        return {**change, "changetype": "DELETE"}
    records = [{"content": value, "disabled": False} for value in values]
    records += [{"content": record["content"], "disabled": True} for record in kept]
    return {**change, "changetype": "REPLACE", "ttl": after.ttl if after else (now or {})["ttl"], "records": records}


_CODES = {401: "unauthenticated", 404: "zone_missing", 409: "conflict", 422: "record_refused"}
_NEXT = {
    401: "Set MAILOPS_DNS_API_KEY (or api_key) to the api-key of this PowerDNS.",
    404: "Check api_url and server_id, and that the zone is still there.",
    409: "Somebody else made it a moment ago: run again.",
    422: "Correct what PowerDNS names; nothing of the zone was changed.",
}


def _told(answer: Answer) -> Told | None:
    """PowerDNS says what is wrong in one field ``error``."""
    text = answer.clean(answer.body.get("error") if isinstance(answer.body, dict) else "", 300)
    if answer.status in (409, 422) and "onflict" in text:
        return "record_conflict", text, "Remove the record that should not be there, by name; nothing was changed."
    return (_CODES[answer.status], text, _NEXT[answer.status]) if answer.status in _CODES else None
