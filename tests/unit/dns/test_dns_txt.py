# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strings of TXT records: any text goes in and comes back, and dnspython reads what we write (R-DNS-09)."""

from __future__ import annotations

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import txt


@given(st.binary(max_size=1200))
def test_any_octets_come_back(octets: bytes) -> None:
    value = txt.encode(octets)
    assert b"".join(txt.strings(value)) == octets
    assert all(len(part) <= 255 for part in txt.strings(value))
    read = dns.rdata.from_text("IN", "TXT", value)
    assert read.strings == txt.strings(value)
    assert txt.join(txt.strings(read.to_text())) == value


@given(st.lists(st.binary(max_size=255), min_size=1, max_size=6))
def test_strings_are_kept_apart(parts: list[bytes]) -> None:
    assert txt.strings(txt.join(parts)) == tuple(parts)


@given(st.text(alphabet='ab "\\;09\t', max_size=40))
def test_what_is_refused_is_refused_by_dnspython_too(value: str) -> None:
    try:
        ours = txt.strings(value)
    except ValueError:
        return
    try:
        theirs = dns.rdata.from_text("IN", "TXT", value.replace(";", "\\;")).strings
    except Exception:  # noqa: BLE001 - it refuses more, such as quoted strings without a space between
        return
    assert ours == theirs or ";" in value


def test_a_key_is_split_after_255_octets() -> None:
    value = txt.encode("v=DKIM1; k=rsa; p=" + "A" * 392)
    assert [len(part) for part in txt.strings(value)] == [255, 155]
    assert txt.text(value) == "v=DKIM1; k=rsa; p=" + "A" * 392


@pytest.mark.parametrize("value", ['"open', 'a"b"', "", "\\", "\\25", "\\256", '"%s"' % ("a" * 256)])
def test_what_is_no_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        txt.strings(value)
