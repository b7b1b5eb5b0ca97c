# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Modoboa does on the side, known before it is done.

Disabling an account disables every alias whose only recipient it is, a catch-all too, and enabling it does not give them
back. Mail for the disabled account itself falls to the domain's catch-all. Deleting an account takes it out of all rows and
removes those that are left empty. A module of Modoboa prints passwords into PDF documents on the server.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import answers
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.listings import Listings, Row

# Fields of each kind that say whether it works, and for whom.
_STATE = {
    "alias": ("mailbox", "can_receive", "can_send", "enabled"),
    "forward": ("state", "via", "targets", "keep_copy"),
    "catch_all": ("destination", "enabled"),
}

_UNSEEN = (
    "This token may not see whether Modoboa writes passwords into PDF documents (enabled_pdfcredentials); the first password "
    "of each new account is replaced at once, so that such a document holds a dead one."
)
_REPLACED = (
    "This Modoboa writes the first password of each new account into a PDF document (enabled_pdfcredentials); it is replaced "
    "at once, so that the document holds a dead one. Better switch that off."
)


def kept_passwords(operations: t.Sequence[Operation], read: Listings) -> tuple[list[str], bool]:
    """Whether the server writes the first password of an account down, with warnings.

    :raises Refused: ``provider_keeps_passwords`` when it would write down the owner's own too.
    """
    closing = any("credential" in operation.request for operation in operations if operation.verb != "record")
    if not closing:
        return [], False
    settings = read.parameters("pdfcredentials")
    new = any((one.kind, one.verb) == ("mailbox", "create") for one in operations)
    if settings is None:
        return [_UNSEEN] if new else [], True
    if not settings.get("enabled_pdfcredentials"):
        return [], False
    if not settings.get("generate_at_creation"):
        raise Refused(
            "provider_keeps_passwords",
            "This Modoboa writes every password that is set into a PDF document on its server, the owners' own too.",
            "Switch enabled_pdfcredentials off in its parameters (PDF credentials), and remove the documents.",
        )
    return [_REPLACED] if new else [], True


def side_effects(operations: t.Sequence[Operation], read: Listings) -> list[str]:
    """Fill in what each suspension switches off and each deletion takes along, and warn of it."""
    closing = [one for one in operations if (one.kind, one.verb) == ("mailbox", "pause")]
    going = [one for one in operations if (one.kind, one.verb) == ("mailbox", "delete")]
    if not closing and not going:
        return []
    rows = _rows_near([*closing, *going], read)
    return _switched_off(closing, rows, read) + _taken_along(going, rows, read)


def missing_recipients(operations: t.Sequence[Operation], read: Listings) -> list[str]:
    """Warn of targets in domains of its own that it would refuse; an earlier task of a dry run may be about to make them."""
    warnings = []
    for operation in operations:
        after = operation.after or {}
        if operation.kind == "forward":
            targets = after.get("targets") or []
        elif operation.kind == "catch_all":
            targets = str(after.get("destination") or "").split(", ")
        else:
            continue
        for target in targets:
            if not _can_receive(target, read):
                warnings.append(
                    "%s: %s does not exist (yet), and Modoboa takes no such target in a domain of its own."
                    % (operation.key, target)
                )
    return warnings


def _can_receive(target: str, read: Listings) -> bool:
    domain = _domain(target)
    if not target or domain not in read.domains() or target in read.mailboxes([domain]):
        return True
    return any(row["address"].lower() == target for row in read.rows([domain]))


def _rows_near(operations: t.Sequence[Operation], read: Listings) -> list[Row]:
    """Rows of the domains of mailboxes and of their aliases."""
    domains = {_domain(one.key) for one in operations}
    boxes = read.mailboxes(domains)
    for operation in operations:
        domains |= {_domain(one) for one in boxes.get(operation.key, {}).get("alias_addresses", ())}
    return read.rows(domains)


def _switched_off(closing: t.Sequence[Operation], rows: t.Sequence[Row], read: Listings) -> list[str]:
    warnings = []
    gone: set[int] = set()
    for operation in closing:
        for row in rows:
            if row["pk"] not in gone and row.get("enabled") is True and answers.recipients_of(row) == [operation.key]:
                gone.add(row["pk"])
                operation.collateral.append(_entry(read, row))
        if operation.collateral:
            warnings.append("%s: Modoboa switches off with it: %s." % (operation.key, _list(operation.collateral)))
    catch_alls = {
        row["address"][1:]: row for row in rows if row["address"].startswith("@") and row.get("enabled") is True
    }
    for operation in closing:
        catch_all = catch_alls.get(_domain(operation.key))
        if catch_all is not None and catch_all["pk"] not in gone:
            targets = ", ".join(answers.recipients_of(catch_all))
            warnings.append("%s: mail for it will go to the catch-all, %s." % (operation.key, targets))
    return warnings


def _taken_along(going: t.Sequence[Operation], rows: t.Sequence[Row], read: Listings) -> list[str]:
    """Rows lose a deleted mailbox as a recipient and go with the last one; those of its own address go with it."""
    warnings = []
    left = {row["pk"]: answers.recipients_of(row) for row in rows}
    for operation in going:
        if read.mailboxes({_domain(operation.key)}).get(operation.key, {}).get("state") == "orphaned":
            continue
        for row in rows:
            targets, own = left[row["pk"]], row["address"].lower() == operation.key
            if not targets or not (own or operation.key in targets):
                continue
            rest = [] if own else [one for one in targets if one != operation.key]
            operation.collateral.append(_lost(read, dict(row, recipients=targets), rest))
            left[row["pk"]] = rest
        for told, entries in (
            ("removes with it", [entry for entry in operation.collateral if entry["after"] is None]),
            ("takes it out of", [entry for entry in operation.collateral if entry["after"] is not None]),
        ):
            if entries:
                warnings.append("%s: Modoboa %s: %s." % (operation.key, told, _list(entries)))
    return warnings


def _lost(read: Listings, row: Row, rest: list[str]) -> dict[str, t.Any]:
    entry = _entry(read, row)
    kept: Record = {"destination": ", ".join(rest)}
    if entry["kind"] == "forward":
        # its own address among them is the copy that a mailbox keeps
        kept = {"targets": [one for one in rest if one != entry["key"]]}
    return dict(entry, after={**entry["before"], **kept} if rest else None)


def _entry(read: Listings, row: Row) -> dict[str, t.Any]:
    kind, record = read.kind_of(row), read.record_of(row)
    before: Record = {name: record[name] for name in _STATE[kind] if name in record}
    off: Record = {"state": "paused"} if kind == "forward" else {"enabled": False}
    key = record["domain"] if kind == "catch_all" else record["address"]
    request = {"via": record["via"]} if kind == "forward" else {}
    return {"kind": kind, "key": key, "before": before, "after": {**before, **off}, "request": request}


def _list(entries: t.Iterable[dict[str, t.Any]]) -> str:
    return ", ".join(_shown(entry) for entry in entries)


def _shown(entry: dict[str, t.Any]) -> str:
    return (
        "the catch-all of %s" % entry["key"]
        if entry["kind"] == "catch_all"
        else "%s %s" % (entry["kind"], entry["key"])
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
