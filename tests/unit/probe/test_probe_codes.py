# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer means, how sure that is, and what is shown of it (R-SMTP-01 to R-SMTP-05)."""

from __future__ import annotations

import base64
import collections
import random

import pytest

from ansible_collections.mailops.email.plugins.module_utils.probe.codes import (
    clean,
    login_secrets,
    lookup,
    lookup_imap,
    outcome,
    parse_imap,
    parse_reply,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.imap_table import IMAP, OUTCOMES
from ansible_collections.mailops.email.plugins.module_utils.probe.smtp_table import CLASSES, SMTP

SECRET = "correct-horse/battery+Staple9"


@pytest.mark.parametrize(
    "code, enhanced, kind, retry, related",
    [
        (535, "5.7.8", "auth_failed", "no", "login"),
        (550, "5.7.1", "policy_reject", "no", "dns"),
        (452, "4.2.2", "resource", "later", "quota"),
        (421, "4.7.0", "deferred", "backoff", "dns"),
    ],
)
def test_the_four_of_the_runbook(code: int, enhanced: str, kind: str, retry: str, related: str) -> None:
    """R-SMTP-01 to R-SMTP-04."""
    found = lookup(code, enhanced)
    assert (found.kind, found.retry, found.related, found.matched) == (kind, retry, related, "exact")
    assert found.code == "%d %s" % (code, enhanced)
    assert all(found.to_dict()[field] for field in ("class", "meaning", "likely_cause", "next_step"))


@pytest.mark.parametrize(
    "code, enhanced, kind, matched",
    [
        (550, "5.1.1", "recipient_unknown", "enhanced"),
        (556, "5.1.10", "null_mx", "exact"),
        (550, "5.1.10", "null_mx", "enhanced"),
        (550, "5.2.1", "recipient_disabled", "enhanced"),
        (552, "5.2.2", "resource", "enhanced"),
        (552, "5.2.3", "too_large", "enhanced"),
        (552, "5.3.4", "too_large", "enhanced"),
        (450, "4.2.0", "greylisted", "enhanced"),
        (450, "4.7.1", "greylisted", "exact"),
        (451, "4.3.0", "server_error", "enhanced"),
        (452, "4.3.1", "resource", "exact"),
        (421, "", "deferred", "basic"),
        (454, "4.7.0", "auth_temporary", "exact"),
        (530, "5.7.0", "auth_required", "exact"),
        (534, "5.7.9", "auth_method", "enhanced"),
        (538, "5.7.11", "tls_required", "enhanced"),
        (525, "5.7.13", "account_disabled", "enhanced"),
        (553, "5.7.1", "sender_refused", "exact"),
        (550, "5.7.23", "dns_records", "enhanced"),
        (550, "5.7.20", "dns_records", "enhanced"),
        (550, "5.7.25", "dns_records", "enhanced"),
        (550, "5.7.26", "policy_reject", "enhanced"),
        (550, "5.7.27", "sender_refused", "enhanced"),
        (554, "5.4.6", "loop", "enhanced"),
        (554, "", "policy_reject", "basic"),
        (521, "", "null_mx", "basic"),
        # an unknown detail is told by its field, an unknown field by the basic code, that by its first digit
        (550, "5.7.987", "policy_reject", "subject"),
        (550, "5.0.0", "policy_reject", "basic"),
        (599, "", "unknown", "class"),
        (499, "4.0.7", "deferred", "class"),
        (0, "", "unknown", "none"),
        (250, "2.0.0", "ok", "class"),
    ],
)
def test_neighbours(code: int, enhanced: str, kind: str, matched: str) -> None:
    """R-SMTP-05: never a guess that is called certain."""
    found = lookup(code, enhanced)
    assert (found.kind, found.matched) == (kind, matched)


def test_a_permanent_detail_that_comes_as_temporary_may_be_tried_again() -> None:
    found = lookup(450, "4.7.23")
    assert (found.kind, found.retry, found.matched) == ("dns_records", "later", "enhanced")
    assert lookup(550, "5.7.5").retry == "no"


def test_codes_that_contradict_each_other_go_by_the_basic_one() -> None:
    """RFC 3463 section 2."""
    found = lookup(550, "4.2.2")
    assert (found.kind, found.matched, found.code) == ("policy_reject", "basic", "550 4.2.2")


@pytest.mark.parametrize(
    "code, enhanced, step, kind",
    [
        (454, "4.7.0", "starttls", "tls"),
        (454, "4.7.0", "auth", "auth_temporary"),
        (550, "", "rcpt", "recipient_unknown"),
        (550, "", "message", "policy_reject"),
        (554, "5.7.1", "rcpt", "relay_denied"),
        (553, "", "mail", "sender_refused"),
    ],
)
def test_some_codes_depend_on_the_step(code: int, enhanced: str, step: str, kind: str) -> None:
    assert lookup(code, enhanced, step).kind == kind


def test_the_tables_are_whole() -> None:
    for rows in (SMTP, IMAP, OUTCOMES):
        assert not [key for key, count in collections.Counter(row[0] for row in rows).items() if count > 1]
        for _key, kind, retry, meaning, cause in rows:
            assert kind in CLASSES and retry in ("no", "later", "backoff") and meaning and cause
    assert {row[1] for rows in (SMTP, IMAP, OUTCOMES) for row in rows} == set(CLASSES)
    # a permanent refusal is not repeated, a temporary one is not given up
    for key, _kind, retry, _meaning, _cause in SMTP:
        digit = key.split(" ")[-1][0]
        assert (retry == "no") == (digit in "235") or key == "5.7.28"


def test_no_answer_makes_it_raise() -> None:
    """R-SMTP-05: whatever a server says."""
    seeded = random.Random(5)  # noqa: S311 - the same noise every time
    for turn in range(3000):
        raw = bytes(seeded.randrange(256) for turn in range(seeded.randrange(40)))
        code = seeded.choice([0, -1, 7, 250, 421, 550, 999, 10**9, None])
        reply = parse_reply(code, seeded.choice([b"", b"5.7.1 ", b"9.9.9 "]) + raw)
        assert reply.text.isprintable() and len(reply.text) <= 300, turn
        assert lookup(reply.basic, reply.enhanced, "rcpt", reply.text).kind in CLASSES
        assert lookup_imap(*parse_imap(raw)[:2]).kind in CLASSES
    assert outcome("no_such_thing").matched == "none"


@pytest.mark.parametrize(
    "raw, enhanced, text",
    [
        (b"5.7.1 no", "5.7.1", "no"),
        (b"5.1.1 The account\n5.1.1 that you tried", "5.1.1", "The account that you tried"),
        (b"#5.1.0 Address rejected", "5.1.0", "Address rejected"),
        (b"5.7.1", "5.7.1", ""),
        (b"5.007.001 padded", "5.7.1", "padded"),
        (b"4.2.2.2 is an address", "", "4.2.2.2 is an address"),
        (b"see 5.7.1", "", "see 5.7.1"),
        (b"", "", ""),
    ],
)
def test_enhanced_codes_are_read_where_they_belong(raw: bytes, enhanced: str, text: str) -> None:
    reply = parse_reply(550, raw)
    assert (reply.enhanced, reply.text) == (enhanced, text)


def test_what_is_shown_is_one_harmless_line() -> None:
    shown = clean(b"a\x00\x1b[31mred\x1b[0m\r\n\xe2\x80\xaegnp.exe\xff \xe2\x80\x8b" + b"x" * 10_000)
    assert shown.startswith("ared gnp.exe") and shown.isprintable() and len(shown) == 300


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "echo",
    [
        SECRET,
        SECRET.upper(),
        SECRET[:20],
        "%s%s" % (SECRET, SECRET),
        encoded(SECRET),
        encoded("\0ann@client-a.test\0" + SECRET),
        encoded("\0ann@client-a.test\0" + SECRET)[:50],
        "correct-horse%2Fbattery%2BStaple9",
        SECRET.encode().hex(),
        "x\x00%s\x07" % SECRET,
        # split by what is not shown
        SECRET[:6] + "\u200b" + SECRET[6:],
        SECRET[:6] + "\x1b[0m" + SECRET[6:],
    ],
)
def test_a_secret_that_comes_back_is_not_shown(echo: str) -> None:
    """R-PWD-06: an answer that quotes the login shows none of it."""
    shown = parse_reply(535, "5.7.8 bad: " + echo, login_secrets("ann@client-a.test", SECRET)).text
    for part in (SECRET[:10], SECRET[8:], encoded(SECRET)[:12]):
        assert part.lower() not in shown.lower().replace(" ", "")


@pytest.mark.parametrize(
    "line, status, code, kind, matched",
    [
        (b"a NO [AUTHENTICATIONFAILED] x", "NO", "AUTHENTICATIONFAILED", "auth_failed", "exact"),
        (b"a NO [AUTHORIZATIONFAILED] x", "NO", "AUTHORIZATIONFAILED", "auth_failed", "exact"),
        (b"a NO [UNAVAILABLE] x", "NO", "UNAVAILABLE", "server_error", "exact"),
        (b"a NO [EXPIRED] x", "NO", "EXPIRED", "auth_failed", "exact"),
        (b"a NO [LIMIT] x", "NO", "LIMIT", "limits", "exact"),
        (b"a NO [INUSE] x", "NO", "INUSE", "server_error", "exact"),
        (b"a NO [OVERQUOTA] x", "NO", "OVERQUOTA", "resource", "exact"),
        (b"a NO [ALERT] x", "NO", "ALERT", "unknown", "exact"),
        (b"a no [WHATEVER 1 2] x", "NO", "WHATEVER", "auth_failed", "basic"),
        (b"a NO x", "NO", "", "auth_failed", "basic"),
        (b"a BAD x", "BAD", "", "protocol", "basic"),
        (b"* BYE x", "BYE", "", "server_error", "basic"),
        (b"a OK [ALERT] x", "OK", "ALERT", "ok", "basic"),
        (b"HTTP/1.1 400 Bad Request", "", "", "unknown", "none"),
    ],
)
def test_imap_answers(line: bytes, status: str, code: str, kind: str, matched: str) -> None:
    """RFC 5530."""
    parsed = parse_imap(line)
    assert parsed[:2] == (status, code)
    found = lookup_imap(parsed[0], parsed[1], "login", parsed[2])
    assert (found.kind, found.matched) == (kind, matched)
