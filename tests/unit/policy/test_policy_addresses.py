# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: R-VAL-04 to -06, R-VAL-09, R-CSV-07, R-CSV-09, R-CSV-12, R-FORM-11, R-FORM-15, R-CONF-14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy import names
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import (
    is_high_risk,
    is_role,
    normalise_address,
    normalise_contact,
    normalise_local_part,
    parse_address,
    same_person,
    skeleton,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("John", "john"),
        ("john.smith", "john.smith"),
        ("a_b-c.d", "a_b-c.d"),
        ("x" * 64, "x" * 64),
        ("_x", "_x"),
        ("x-", "x-"),
        ("7", "7"),
        ("x_archived_2024", "x_archived_2024"),
    ],
)
def test_local_part(text: str, normal: str) -> None:
    """R-CSV-07, R-FORM-15: case is accepted and not kept."""
    assert normalise_local_part(text) == normal


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("a@b", "no @"),
        ("a+b", "+"),
        ("a b", "space"),
        (".a", "dot"),
        ("a.", "dot"),
        ("a..b", "dot"),
        ("-a", "hyphen"),
        ("x" * 65, "65 characters"),
        ("o'hara", "'''"),
        ("\u0430dmin", "U+0430 CYRILLIC SMALL LETTER A"),
        ("jos\u00e9", "U+00E9 LATIN SMALL LETTER E WITH ACUTE"),
        ("\u212aelvin", "U+212A KELVIN SIGN"),
        ("x_archived_20240101_101010", "retired"),
        ("x_archived_20240101_101010_1_2", "retired"),
    ],
)
def test_bad_local_part(text: str, word: str) -> None:
    """R-VAL-04, R-FORM-11: the message names the character or the rule."""
    with pytest.raises(Refused) as caught:
        normalise_local_part(text)
    assert caught.value.code == "local_part_invalid"
    assert word in caught.value.message
    assert caught.value.hint


def test_full_width_letters_are_suggested_not_guessed() -> None:
    """R-GOAL-02: NFKC only helps the message."""
    with pytest.raises(Refused) as caught:
        normalise_local_part("\uff4aohn")
    assert caught.value.hint == "Write john."


def test_alias_may_start_with_a_hyphen() -> None:
    """The provider's rule for aliases is wider than that for mailboxes."""
    assert normalise_address("-list@example.com", alias=True) == "-list@example.com"


def test_parse_address() -> None:
    """R-FORM-11: taken apart, normal on both sides."""
    address = parse_address("Alex@Straße.example")
    assert (address.local, address.domain) == ("alex", "xn--strae-oqa.example")
    assert address.address == "alex@xn--strae-oqa.example"
    for text in ("alex", "a@b@example.com", "@example.com", "a@", "a@localhost", "a@https://example.com"):
        with pytest.raises(Refused):
            parse_address(text)
    with pytest.raises(Refused) as caught:
        parse_address("x" * 64 + "@" + ".".join(["a" * 60] * 4))
    assert caught.value.code == "address_invalid"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Alex.Personal@Example.org", "alex.personal@example.org"),
        ("a+b@example.org", "a+b@example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        ("x@büro.example", "x@xn--bro-hoa.example"),
        ("x@www.example.org", "x@www.example.org"),
    ],
)
def test_contact(text: str, normal: str) -> None:
    """R-CSV-09, R-CSV-12: a plain valid address, +tag included."""
    assert normalise_contact(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x@",
        "@example.org",
        "a b@example.org",
        "Alex <alex@example.org>",
        "a@example.org,b@example.org",
        '"a"@example.org',
        "a..b@example.org",
        "x@localhost",
        "x@192.0.2.1",
        "x@[192.0.2.1]",
        "x" * 65 + "@example.org",
        "\u0430lex@example.org",
        "x@https://example.org",
        "x@example.org\n",
    ],
)
def test_bad_contact(text: str) -> None:
    """R-CSV-09: anything an invite could not safely be sent to."""
    with pytest.raises(Refused) as caught:
        normalise_contact(text)
    assert caught.value.code == "address_invalid"


def test_same_person() -> None:
    """A tag or a capital does not make another approver (R-SCOPE-02)."""
    assert same_person("Ann@Example.org", "ann+approvals@example.org")
    assert not same_person("ann@example.org", "ann@example.net")


@pytest.mark.parametrize("name", sorted(names.HIGH_RISK))
def test_every_listed_name_is_high_risk_and_role(name: str) -> None:
    """R-VAL-05, R-VAL-06, R-CONF-14: the effects add up."""
    assert is_high_risk(name) and is_role(name)


@pytest.mark.parametrize(
    "text",
    [
        "Admin",
        "\u0430dmin",
        "admin+x",
        "adm1n",
        "\u0391dmin",
        "\uff41dmin",
        "\u00e1dmin",
        "inf0",
        "1t",
        "\u0456t",
        "p0stmaster",
        "ad\u200bmin",
    ],
)
def test_disguises_of_high_risk_names(text: str) -> None:
    """R-VAL-06: case, confusables, width, accents, digits and +tag."""
    assert is_high_risk(text)


@pytest.mark.parametrize("text", ["alex", "kiosk-01", "administration.team", "item", "italy", "security.smith", "l10n"])
def test_ordinary_names(text: str) -> None:
    """R-VAL-05: the lists are of whole names."""
    assert not is_high_risk(text)


def test_roles() -> None:
    """R-VAL-09, R-FORM-20."""
    for name in ("billing", "Support", "legal", "hr", "bi11ing", "b\u0456lling"):
        assert is_role(name)
    assert not is_high_risk("billing")
    assert not is_role("bill")


def test_lists_are_extendable() -> None:
    """R-VAL-05: the client adds its own."""
    assert is_high_risk("ceo", ["CEO"]) and is_high_risk("\u0441eo", ["ceo"]) and not is_high_risk("ceo")
    assert is_role("werkstatt", ["werkstatt"]) and not is_role("werkstatt")


def test_skeleton() -> None:
    """R-VAL-06: letters fold, a number at the end stays a number."""
    assert skeleton("\u0430DMIN+x") == "admin"
    assert skeleton("kiosk-01") == "kiosk-01"
    assert skeleton("b1lling") == "billing"


@given(st.text(max_size=70))
def test_local_part_is_stable(text: str) -> None:
    """R-VAL-04: taken or refused, nothing else; what is taken is its own normal form."""
    try:
        local = normalise_local_part(text)
    except Refused:
        return
    assert normalise_local_part(local) == local
    assert local == text.lower() and local.isascii()
