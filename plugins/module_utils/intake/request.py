# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns request.yml into a :class:`Request`, and a batch by count into rows (R-FORM-16 to -18, R-CONF-07)."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.document import Document, read_document
from ansible_collections.mailops.email.plugins.module_utils.intake.encoding import decode
from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import request_findings
from ansible_collections.mailops.email.plugins.module_utils.intake.schemas import ROWS_MAX
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import (
    MAILBOXES_FILE,
    REQUEST_FILE,
    Request,
    Row,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Finding
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import shown

_PLACEHOLDER = re.compile(r"\{n(?::0([1-6]))?\}")
# A name, as opposed to a path: the CSV stands beside request.yml.
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.csv")


def request_file(path: str) -> str:
    """Path of request.yml, for the folder of a request or the file itself."""
    return os.path.join(path, REQUEST_FILE) if os.path.isdir(path) else path


def read_request(data: bytes) -> tuple[Request, list[Finding], Document]:
    """A request of the bytes of its file; all that is wrong with its form at once.

    :raises MailopsError: ``library_missing`` without jsonschema or PyYAML.
    """
    text, findings = decode(data, REQUEST_FILE)
    if findings:
        return Request({}), findings, Document({}, findings)
    document = read_document(text, REQUEST_FILE)
    if any(one.code == "yaml_syntax" for one in document.findings):
        return request_of(document.value), document.findings, document
    named = {one.object for one in document.findings}
    findings = [one for one in request_findings(document.value, REQUEST_FILE) if one.object not in named]
    return request_of(document.value), document.findings + findings, document


def request_of(value: dict[str, t.Any]) -> Request:
    """The request that a document describes, without judging it."""
    requested_by = _mapping(value.get("requested_by"))
    mailboxes = _string(value.get("mailboxes"))
    batch = _mapping(value.get("batch"))
    return Request(
        document=value,
        request_id=_string(value.get("request_id")),
        human=_string(requested_by.get("human")),
        system=_string(requested_by.get("system")),
        business_purpose=_string(value.get("business_purpose")),
        client=_string(value.get("client")),
        domains=[one for one in _list(value.get("domains")) if isinstance(one, str)],
        mailboxes="" if batch else (mailboxes if _FILE_NAME.fullmatch(mailboxes) else MAILBOXES_FILE),
        batch=batch,
        defaults=_mapping(value.get("defaults")),
        max_batch=_integer(value.get("max_batch")),
        exceptions=[one for one in _list(value.get("exceptions")) if isinstance(one, dict)],
        approval=_mapping(value.get("approval")),
    )


def expand_batch(request: Request) -> tuple[list[Row], list[Finding]]:
    """Rows of a batch by count; the same batch always gives the same names, so a re-run makes none (R-FORM-18).

    Fields that the schema already refused make no further finding here.
    """
    batch = request.batch
    count, start = _integer(batch.get("count")), _integer(batch.get("start"))
    pattern, display = _string(batch.get("name_pattern")), _string(batch.get("display_name_pattern"))
    findings = []
    if pattern and not _good_pattern(pattern, need=True):
        said = "%s does not hold {n} exactly once." % shown(pattern)
        findings.append(finding("batch_pattern_invalid", request.place("/batch/name_pattern"), said))
    if display and not _good_pattern(display, need=False):
        said = "%s may hold {n} once, and no other brace." % shown(display)
        findings.append(finding("batch_pattern_invalid", request.place("/batch/display_name_pattern"), said))
    owners = [_string(one) for one in _list(batch.get("owners"))]
    if owners and count is not None and len(owners) != count:
        said = "%d owners for %d mailboxes." % (len(owners), count)
        findings.append(finding("batch_owners_mismatch", request.place("/batch/owners"), said))
    if findings or count is None or start is None or not pattern or not 0 < count <= ROWS_MAX:
        return [], findings
    rows = []
    for index in range(count):
        number = start + index
        row = Row(
            index + 1,
            {
                "request_id": request.request_id,
                "domain": _string(batch.get("domain")),
                "local_part": _fill(pattern, number),
                "display_name": _fill(display, number),
                "owner_email": owners[index] if owners else _string(batch.get("owner_email")),
                "role_account": str(bool(batch.get("role_account"))).lower(),
                "department": _string(batch.get("department")),
                "manager_email": _string(batch.get("manager_email")),
            },
            file="",
        )
        if owners:
            row.pointers["owner_email"] = "/batch/owners/%d" % index
        rows.append(row)
    return rows, []


def _good_pattern(pattern: str, need: bool) -> bool:
    holders = len(_PLACEHOLDER.findall(pattern))
    rest = _PLACEHOLDER.sub("", pattern)
    return holders in ((1,) if need else (0, 1)) and "{" not in rest and "}" not in rest


def _fill(pattern: str, number: int) -> str:
    """Only ``{n}`` and ``{n:0W}`` mean anything; ``str.format`` would reach into objects."""
    return _PLACEHOLDER.sub(lambda found: str(number).zfill(int(found.group(1) or 0)), pattern)


def _string(value: t.Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: t.Any) -> dict[str, t.Any]:
    return value if isinstance(value, dict) else {}


def _list(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else []


def _integer(value: t.Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
