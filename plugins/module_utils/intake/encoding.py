# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of a file to text: UTF-8 only, and a message that says what the file is instead (R-CSV-14)."""

from __future__ import annotations

import codecs

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.model import Finding

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(data: bytes, place: str) -> tuple[str, list[Finding]]:
    """Text of *data*; the byte order mark of UTF-8 is taken off.

    :param place: file name, the object of a finding.
    :returns: the text, and ``wrong_encoding`` when it is not UTF-8 (the text is then empty).
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return "", [_wrong(place, "The file is %s." % name)]
    body = data[len(codecs.BOM_UTF8) :] if data.startswith(codecs.BOM_UTF8) else data
    head = body[:4096]
    # Text of a Latin script in UTF-16 has a zero in every other byte; a lone NUL is a finding of its own.
    if len(head) >= 4 and max(head[0::2].count(0), head[1::2].count(0)) > len(head) // 4:
        return "", [_wrong(place, "The file looks like UTF-16 without a byte order mark.")]
    try:
        return body.decode("utf-8"), []
    except UnicodeDecodeError as exc:
        line = body.count(b"\n", 0, exc.start) + 1
        byte = body[exc.start]
        guess = " It looks like Latin-1 or Windows-1252: there the byte is %s." % _as_western(byte)
        return "", [_wrong("%s:%d" % (place, line), "Byte 0x%02X is not UTF-8.%s" % (byte, guess))]


def _as_western(byte: int) -> str:
    text = bytes([byte]).decode("cp1252", "replace")
    return "'%s'" % text if text.isprintable() else "a control character"


def _wrong(place: str, evidence: str) -> Finding:
    return finding("wrong_encoding", place, evidence)
