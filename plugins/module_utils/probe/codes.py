# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server's answer made safe to show, and its diagnosis (R-SMTP-01 to R-SMTP-05).

Nothing here raises for anything that a server says. How sure a diagnosis is stands in ``matched``: ``exact`` (basic and
enhanced code), ``enhanced`` (the enhanced code alone), ``subject`` (its first two numbers), ``basic`` (the three digits),
``class`` (the first digit) or ``none``.
"""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t
import unicodedata
from urllib.parse import quote

from ansible_collections.mailops.email.plugins.module_utils.probe.imap_table import IMAP, OUTCOMES
from ansible_collections.mailops.email.plugins.module_utils.probe.smtp_table import CLASSES, SMTP, Row

TEXT_MAX = 300
REMOVED = "[removed]"
# So much of a secret, or of a form of it, gives it away when a server echoes a part.
_TELLING = 8
# More than this of one answer is never looked at.
_RAW_MAX = 65536

_ENHANCED = re.compile(r"\s*#?([245])\.(\d{1,3})\.(\d{1,3})(?=[\s:;,)\]-]|$)")
# What turns a terminal's colours on, as a whole
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_IMAP_CODE = re.compile(r"\s*\[([A-Z][A-Z0-9-]*)(?: [^\]]*)?\]")
_FLOOR = {"4": "later", "5": "no"}


def _index(rows: t.Iterable[Row]) -> dict[str, Row]:
    return {row[0]: row for row in rows}


_SMTP = _index(SMTP)
_IMAP = _index(IMAP)
_OUTCOMES = _index(OUTCOMES)


@dataclasses.dataclass(frozen=True)
class Reply:
    """One answer.

    :param basic: the three digits, 0 when the answer has none.
    :param enhanced: ``5.7.1``, or empty.
    :param text: cleaned, at most TEXT_MAX characters, without the enhanced code.
    """

    basic: int
    enhanced: str
    text: str

    @property
    def code(self) -> str:
        """``550 5.7.1``, ``550`` or empty."""
        return " ".join(str(part) for part in (self.basic, self.enhanced) if part)


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What an answer means. ``kind`` is the class; ``related`` the check to look at next, or empty."""

    code: str
    kind: str
    meaning: str
    cause: str
    next: str
    retry: str
    related: str
    matched: str
    text: str = ""

    def to_dict(self) -> dict[str, str]:
        """As ``class, meaning, likely_cause, next_step, retry, related, matched, text``."""
        return {
            "class": self.kind,
            "meaning": self.meaning,
            "likely_cause": self.cause,
            "next_step": self.next,
            "retry": self.retry,
            "related": self.related,
            "matched": self.matched,
            "text": self.text,
        }


# ---- making text safe ----------------------------------------------------------------------------------------------


def clean(text: bytes | str, secrets: t.Iterable[str] = (), limit: int = TEXT_MAX) -> str:
    """*text* in one line without control or invisible characters, without *secrets*, at most *limit* characters."""
    if isinstance(text, bytes):
        text = text[:_RAW_MAX].decode("utf-8", "replace")
    given = [secret for secret in secrets if secret]
    text = scrub(text[:_RAW_MAX], given)
    # Whatever draws nothing, or draws from right to left, or is half a character, goes without a trace: it may part a secret
    text = "".join(one for one in _ESCAPES.sub("", text) if one.isspace() or unicodedata.category(one)[0] != "C")
    text = scrub(" ".join(text.split()), given)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def scrub(text: str, secrets: t.Iterable[str]) -> str:
    """*text* without *secrets*, in whatever case, encoded for AUTH or a URL, whole or from their start."""
    for secret in sorted({form for one in secrets for form in _forms(one)}, key=len, reverse=True):
        text = _without(text, secret)
    return text


def login_secrets(user: str, password: str) -> tuple[str, ...]:
    """What must not be shown of a login: the password, and what AUTH PLAIN makes of both."""
    return (password, "\0%s\0%s" % (user, password), "%s\0%s\0%s" % (user, user, password))


def _forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "replace")
    forms = {
        base64.b64encode(raw).decode("ascii").rstrip("="),
        base64.urlsafe_b64encode(raw).decode("ascii").rstrip("="),
    }
    if "\0" not in secret:
        forms |= {secret, quote(secret, safe=""), secret.replace("\\", "\\\\").replace('"', '\\"'), raw.hex()}
    return {form for form in forms if form}


def _without(text: str, secret: str) -> str:
    if secret == REMOVED or not secret:
        return text
    needle, low = secret.casefold(), text.casefold()
    if len(low) != len(text):
        # A letter that folds to two would shift what follows
        needle, low = secret.lower(), text.lower()
        if len(low) != len(text):
            needle, low = secret, text
    kept: list[str] = []
    start, done = needle[:_TELLING], 0
    while True:
        at = low.find(start, done)
        if at < 0:
            return "".join(kept) + text[done:]
        end = at + len(start)
        while end < len(low) and end - at < len(needle) and low[end] == needle[end - at]:
            end += 1
        kept += [text[done:at], REMOVED]
        done = end


# ---- answers -------------------------------------------------------------------------------------------------------


def parse_reply(code: int | None, text: bytes | str, secrets: t.Iterable[str] = ()) -> Reply:
    """An SMTP answer as ``smtplib`` gives it: the code, and the text of all lines joined by line feeds."""
    basic = code if isinstance(code, int) and 200 <= code <= 599 else 0
    raw = text[:_RAW_MAX].decode("utf-8", "replace") if isinstance(text, bytes) else str(text)[:_RAW_MAX]
    enhanced, lines = "", []
    for line in raw.splitlines():
        found = _ENHANCED.match(line) if basic else None
        if found:
            here = ".".join(str(int(part)) for part in found.groups())
            enhanced = enhanced or here
            # Repeated on every line of a long answer
            if here == enhanced:
                line = line[found.end() :]
        lines.append(line)
    return Reply(basic, enhanced, clean("\n".join(lines), secrets))


def lookup(basic: int, enhanced: str = "", step: str = "", text: str = "") -> Diagnosis:
    """The diagnosis of an SMTP answer.

    :param step: where it came: ``connect, ehlo, starttls, auth, mail, rcpt, data, message``; some codes depend on it.
    """
    code = " ".join(str(part) for part in (basic, enhanced) if part)
    first = str(basic)[0] if 200 <= basic <= 599 else ""
    if enhanced and first and enhanced[0] != first:
        # RFC 3463 section 2: both say the same; where they do not, the basic code is what SMTP goes by
        enhanced = ""
    if enhanced and not first:
        first = enhanced[0] if enhanced[0] in "245" else ""
    subject = ".".join(enhanced.split(".")[:2])
    other = ("4" if enhanced[0] == "5" else "5") + enhanced[1:] if enhanced[:1] in ("4", "5") else ""
    for matched, key in (
        ("exact", "%s %s" % (basic, enhanced) if enhanced else ""),
        ("enhanced", enhanced),
        ("enhanced", other),
        ("subject", subject if not subject.endswith(".0") and first != "2" else ""),
        ("basic", str(basic)),
        ("class", first),
    ):
        row = _row(_SMTP, key, step)
        if row:
            found = _diagnosis(row, code, matched, text)
            return dataclasses.replace(found, retry=_FLOOR[first]) if key == other else found
    return _nothing(code, text)


def parse_imap(line: bytes | str, secrets: t.Iterable[str] = ()) -> tuple[str, str, str]:
    """(status, response code, text) of the line with which a server ends a command; empty where it has none.

    ``a1 NO [AUTHENTICATIONFAILED] No.`` gives ``("NO", "AUTHENTICATIONFAILED", "No.")``.
    """
    raw = line[:_RAW_MAX].decode("utf-8", "replace") if isinstance(line, bytes) else str(line)[:_RAW_MAX]
    parts = raw.strip().split(" ", 2)
    status = parts[1].upper() if len(parts) > 1 else ""
    if status not in ("OK", "NO", "BAD", "BYE", "PREAUTH"):
        return "", "", clean(raw, secrets)
    rest = parts[2] if len(parts) > 2 else ""
    found = _IMAP_CODE.match(rest.upper())
    return status, found.group(1) if found else "", clean(rest[found.end() :] if found else rest, secrets)


def lookup_imap(status: str, code: str = "", step: str = "", text: str = "") -> Diagnosis:
    """The diagnosis of an IMAP answer; *step* is ``connect``, ``login`` or empty."""
    shown = " ".join(part for part in (status, "[%s]" % code if code else "") if part)
    for matched, key in (("exact", "[%s]" % code if code else ""), ("basic", status)):
        # A response code beside success is news, no fault
        row = _row(_IMAP, key, step) if status != "OK" or matched == "basic" else None
        if row:
            return _diagnosis(row, shown, matched, text)
    return _nothing(shown, text)


def outcome(code: str, text: str = "") -> Diagnosis:
    """The diagnosis of what is no answer of a server, such as ``tls_untrusted``."""
    row = _OUTCOMES.get(code)
    return _diagnosis(row, code, "exact", text) if row else _nothing(code, text)


def _row(rows: dict[str, Row], key: str, step: str) -> Row | None:
    return (rows.get("%s@%s" % (key, step)) or rows.get(key)) if key else None


def _diagnosis(row: Row, code: str, matched: str, text: str) -> Diagnosis:
    _key, kind, retry, meaning, cause = row
    _about, following, related = CLASSES[kind]
    return Diagnosis(code, kind, meaning, cause, following, retry, related, matched, text)


def _nothing(code: str, text: str) -> Diagnosis:
    about, following, related = CLASSES["unknown"]
    return Diagnosis(code, "unknown", about, "the answer follows no rule", following, "no", related, "none", text)
