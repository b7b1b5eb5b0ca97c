# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The approval of a request, bound to its bytes: one changed byte outside its block ends it (R-SCOPE-06, R-CONF-15).

The block ``approval:`` is the last one of request.yml. The digest is taken over all bytes before its first line and all
bytes of the CSV, each with its length in front so that no byte can move from one to the other::

    sha256( "mailops-request-v1\\n" + u64be(len(head)) + head + u64be(len(csv)) + csv )

A request in the batch form has no CSV: its part is empty. A request without approval is digested whole, so the digest
that is shown stays right when the block is appended.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.document import Document
from ansible_collections.mailops.email.plugins.module_utils.intake.request import read_request, request_file
from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import IntakePolicy, Request
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_address, same_person
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import format_instant, parse_instant
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import check_batch_size

REQUEST_DIGEST_DOMAIN = b"mailops-request-v1\n"
_KEY = "approval"


def request_digest(request_path: str) -> str:
    """``sha256:<hex>`` that an approval of the request at *request_path* (folder or file) has to name.

    :raises Refused: ``file_missing`` or whatever keeps request.yml from being read.
    """
    path = request_file(request_path)
    data = _read(path)
    request, findings, document = read_request(data)
    if not document.value:
        first = findings[0] if findings else finding("yaml_syntax", path, "It is empty.")
        raise Refused(first.code, "%s: %s" % (first.object, first.evidence), first.next)
    head, misplaced = approved_bytes(data, document)
    if misplaced:
        raise Refused(misplaced[0].code, misplaced[0].evidence, misplaced[0].next)
    table = _read(os.path.join(os.path.dirname(path), request.mailboxes)) if request.mailboxes else b""
    return digest_of(head, table)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as exc:
        raise Refused("file_missing", "%s: %s." % (path, exc.strerror), "Add the file, or correct its name.") from exc


def digest_of(head: bytes, table: bytes) -> str:
    """Digest of the approved bytes of request.yml and of the CSV."""
    state = hashlib.sha256(REQUEST_DIGEST_DOMAIN)
    for part in (head, table):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return "sha256:" + state.hexdigest()


def approved_bytes(data: bytes, document: Document) -> tuple[bytes, list[Finding]]:
    """The bytes of request.yml before its approval block.

    :returns: the bytes, and ``approval_not_last`` when the block is not the last, or not written as a line
        ``approval:``.
    """
    if _KEY not in document.value:
        return data, []
    place = "request.yml:/approval"
    if document.last_key != _KEY:
        said = "%s stands behind it." % document.last_key
        return data, [finding("approval_not_last", place, said)]
    text = data.decode("utf-8-sig")
    head = text[: document.starts[_KEY]]
    if not text.startswith(_KEY + ":", len(head)) or (head and head[-1] not in "\r\n"):
        said = "Its line does not start with approval: in the first column."
        return data, [finding("approval_not_last", place, said)]
    tail = text[len(head) :].encode("utf-8")
    return data[: len(data) - len(tail)], []


def check_approval(
    request: Request,
    digest: str,
    rows: int | None,
    now: datetime.datetime,
    policy: IntakePolicy | None = None,
) -> list[Finding]:
    """Whether *request* was approved as it is, by somebody else, for exactly this many rows, until later than *now*.

    One approver is enough; above the review threshold the exact number is what is looked at twice (R-BULK-03). What the
    schema already says of a missing field is not said again.

    :param digest: digest of the files as they are.
    :param rows: number of mailboxes asked for; None when the rows cannot be counted, which is a finding of its own.
    """
    policy = policy or IntakePolicy()
    approval = request.approval
    if not approval:
        said = "No approval names who authorised this. To approve: digest %s, rows %s." % (digest, rows or "(unknown)")
        return [finding("approval_missing", request.place("/approval"), said)]
    found = []
    if approval.get("digest") != digest and isinstance(approval.get("digest"), str):
        said = "Approved was %s, the files are %s." % (approval["digest"], digest)
        following = "Have the files approved as they are now: digest %s." % digest
        found.append(finding("approval_digest_mismatch", request.place("/approval/digest"), said, following))
    found.extend(_people(request))
    found.extend(_times(request, now))
    approved = approval.get("rows")
    if rows is not None and isinstance(approved, int) and not isinstance(approved, bool):
        place = request.place("/approval/rows")
        found.extend(check_batch_size(rows, None, policy.review_threshold, approved, place))
    return found


def _people(request: Request) -> list[Finding]:
    found = []
    for field, code, verb in (
        ("approved_by", "approver_is_requester", "approved"),
        ("reviewed_by", "reviewer_is_author", "reviewed"),
    ):
        name = request.approval.get(field)
        if isinstance(name, str) and name and request.human and same_person(name, request.human):
            said = "%s asks for it and has %s it." % (name, verb)
            found.append(finding(code, request.place("/approval/" + field), said))
    return found


def _times(request: Request, now: datetime.datetime) -> list[Finding]:
    times: dict[str, datetime.datetime] = {}
    found = []
    for field in ("approved_at", "expires_at"):
        text = request.approval.get(field)
        if not isinstance(text, str):
            continue
        try:
            times[field] = parse_instant(text, field)
        except Refused as exc:
            found.append(finding("time_invalid", request.place("/approval/" + field), exc.message, exc.hint))
    start, end = times.get("approved_at"), times.get("expires_at")
    if start and start > now:
        said = "Approved at %s, now it is %s." % (format_instant(start), format_instant(now))
        found.append(finding("approval_not_yet_valid", request.place("/approval/approved_at"), said))
    if end and end <= now:
        said = "It ended at %s, now it is %s." % (format_instant(end), format_instant(now))
        found.append(finding("approval_expired", request.place("/approval/expires_at"), said))
    elif start and end and end <= start:
        said = "It ends at %s, before it starts." % format_instant(end)
        found.append(finding("approval_not_yet_valid", request.place("/approval/expires_at"), said))
    return found


def approved_high_risk(request: Request) -> frozenset[str]:
    """Addresses in normal form that the approval names one by one (R-VAL-05)."""
    entries: t.Any = request.approval.get("high_risk")
    out = set()
    for entry in entries if isinstance(entries, list) else ():
        try:
            out.add(normalise_address(entry))
        except Refused:
            continue
    return frozenset(out)
