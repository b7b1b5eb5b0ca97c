# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host names and labels: R-FORM-01, R-FORM-02, R-FORM-06, R-FORM-08, R-BULK-07, R-CSV-06, R-CONF-13."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy import hostnames
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import (
    Boundary,
    is_root_domain,
    normalise_hostname,
    normalise_label,
    split_labels,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "example.com"),
        ("mail.support.example.com", "mail.support.example.com"),
        ("a--b.example.com", "a--b.example.com"),
        ("1and1.example", "1and1.example"),
        ("straße.example", "xn--strae-oqa.example"),  # the codec of Python would make strasse.example of it
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("пример.example", "xn--e1afmkfd.example"),
        ("日本語abc.example", "xn--abc-s08fl0dtz6h.example"),
        ("wwwexample.com", "wwwexample.com"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    """R-CSV-06: one stored form, by IDNA 2008."""
    assert normalise_hostname(text) == normal
    assert normalise_hostname(normal) == normal


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("https://example.com", ["'https://'", "keep example.com"]),
        ("http://www.example.com:25/x?y", ["'http://'", "'www.'", "':25'", "'/x?y'", "keep example.com"]),
        ("www.example.com", ["'www.'", "keep example.com"]),
        ("WWW.Example.com", ["'WWW.'", "keep example.com"]),
        ("example.com/", ["'/'", "keep example.com"]),
        ("example.com:25", ["':25'", "keep example.com"]),
        ("example.com.", ["'.'", "keep example.com"]),
        ("mailto:example.com", ["'mailto:'", "keep example.com"]),
    ],
)
def test_message_says_what_to_remove(text: str, named: list[str]) -> None:
    """R-FORM-01, R-BULK-07: all that has to go is named at once, and so is what stays."""
    with pytest.raises(Refused) as caught:
        normalise_hostname(text)
    assert caught.value.code == "hostname_invalid"
    assert text in caught.value.message
    for part in named:
        assert part in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("localhost", "single label"),
        ("exam ple.com", "spaces"),
        (" example.com", "spaces"),
        ("ex_ample.com", "underscore"),
        ("user@example.com", "address"),
        ("192.0.2.1", "IP address"),
        ("192.0.2.1:25", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("2001:db8::1", "IP address"),
        ("example.123", "number"),
        ("a..com", "empty label"),
        (".example.com", "empty label"),
        ("-a.example.com", "hyphen"),
        ("a-.example.com", "hyphen"),
        ("ab--c.example", "reserved"),
        ("*.example.com", "wildcard"),
        ("a" * 64 + ".com", "64 characters"),
        (".".join(["a" * 60] * 5), "at most 253"),
        ("\u0430pple.example", "U+0430 CYRILLIC SMALL LETTER A"),
        ("xn--a.example", "IDNA"),
        ("ex!ample.com", "'!'"),
        ("exam\u200bple.com", "U+200B ZERO WIDTH SPACE"),
    ],
)
def test_refused(text: str, word: str) -> None:
    """R-CSV-06, R-FORM-08: what is not a plain host name is refused by name and reason."""
    with pytest.raises(Refused) as caught:
        normalise_hostname(text)
    assert word in caught.value.message
    assert caught.value.hint


def test_www_needs_a_purpose() -> None:
    """R-CONF-13: a subdomain www exists only with a recorded purpose."""
    assert normalise_hostname("www.example.com", "newsletter replies") == "www.example.com"
    assert normalise_label("www", "newsletter replies") == "www"
    for purpose in ("", "  "):
        with pytest.raises(Refused):
            normalise_label("www", purpose)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("sales\nsupport\n", ["sales", "support"]),
        ("sales\r\n\r\nsupport", ["sales", "support"]),
        ("salessupport", ["salessupport"]),
        (["Sales", "büro"], ["sales", "xn--bro-hoa"]),
        ("a" * 63, ["a" * 63]),
    ],
)
def test_labels(text: str | list[str], labels: list[str]) -> None:
    """R-FORM-06, R-CONF-16: one a line or a list, never split by guesswork."""
    assert split_labels(text) == labels


@pytest.mark.parametrize(
    "value", ["", "sales support", "sales,support", "a.b", "-a", "a-", "a" * 64, "a_b", ["sales", "SALES"], [""], [7]]
)
def test_bad_labels(value: object) -> None:
    """R-FORM-08: LDH, 1 to 63 octets, no dots; a repeated label is a mistake."""
    with pytest.raises(Refused) as caught:
        split_labels(value)  # type: ignore[arg-type]
    assert caught.value.code == "label_invalid"


CANDIDATES = ("example.com", "mail.example.com", "a.b.example.com", "xn--bcher-kva.example")


def test_subdomain_and_root() -> None:
    """R-VAL-02, R-FORM-02: what belongs to a client, and what one registers."""
    boundary = Boundary(["Example.com", "bücher.example"])
    assert {"example.com", "mail.example.com", "a.b.example.com", "xn--bcher-kva.example"} <= {
        name for name in CANDIDATES if name in boundary
    }
    assert not [
        name for name in ("badexample.com", "com", "example.com.evil.example", "", ".example") if name in boundary
    ]
    assert is_root_domain("example.com") is True
    assert is_root_domain("example.co.uk") is True
    assert is_root_domain("mail.example.com") is False
    assert is_root_domain("co.uk") is False


def test_packages_are_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain names need no package; without one the error names the pip line."""
    monkeypatch.setattr(hostnames, "idna", None)
    monkeypatch.setattr(hostnames, "HAS_PSL", False)
    hostnames._normalise.cache_clear()
    assert normalise_hostname("example.com") == "example.com"
    assert is_root_domain("example.com") is None
    with pytest.raises(MailopsError) as caught:
        normalise_hostname("straße.example")
    assert (caught.value.code, "pip install" in caught.value.hint) == ("library_missing", True)


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """R-FORM-01: no input makes anything but a normal form or a refusal, and the normal form is stable."""
    try:
        name = normalise_hostname(text)
    except Refused as exc:
        assert exc.message and exc.hint
        return
    assert name.isascii() and name == name.lower() and "." in name and len(name) <= 253
    assert normalise_hostname(name) == name
