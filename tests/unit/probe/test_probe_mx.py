# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers take the mail of a domain, by a resolver that answers as told."""

from __future__ import annotations

import types
from typing import Any

import pytest

resolver = pytest.importorskip("dns.resolver")

from ansible_collections.mailops.email.plugins.module_utils.probe.connect import ProbeError  # noqa: E402
from ansible_collections.mailops.email.plugins.module_utils.probe.mx import mail_servers  # noqa: E402


def answers(monkeypatch: pytest.MonkeyPatch, *rows: tuple[int, str], raises: type[Exception] | None = None) -> None:
    def resolve(name: str, kind: str, lifetime: float) -> Any:
        if raises is not None:
            raise raises()
        return [types.SimpleNamespace(preference=number, exchange=host) for number, host in rows]

    monkeypatch.setattr(resolver, "resolve", resolve)


def test_by_preference(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321 section 5.1; without an MX record the domain itself."""
    answers(monkeypatch, (20, "B.example."), (10, "a.example."))
    assert mail_servers("example.com", 1) == ["a.example", "b.example"]
    answers(monkeypatch, raises=resolver.NoAnswer)
    assert mail_servers("example.com", 1) == ["example.com"]


def test_a_domain_that_takes_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7505, and domains of which nothing is known."""
    answers(monkeypatch, (0, "."))
    with pytest.raises(ProbeError) as error:
        mail_servers("example.com", 1)
    assert (error.value.diagnosis.kind, error.value.diagnosis.code) == ("null_mx", "556 5.1.10")
    for raised in (resolver.NXDOMAIN, resolver.LifetimeTimeout, resolver.NoNameservers):
        answers(monkeypatch, raises=raised)
        with pytest.raises(ProbeError) as error:
            mail_servers("example.com", 1)
        assert error.value.diagnosis.code == "dns_not_found" and "example.com" in error.value.diagnosis.text
