# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of mail_probe: what they mean when they are left out, and what is refused before anything is done."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe import mx
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import domains_of, given_of, settings_of
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import probe_spec

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
CONTEXT = Context("REQ-1", "acme", {}, "tool", "run", NOW)
LEAST = {
    "request_id": "REQ-1",
    "api_token": "none",
    "imap": {"host": "imap.example"},
    "submission": {"host": "smtp.example"},
    "outbound": {"address": "check@elsewhere.example"},
}


def options(**more: t.Any) -> dict[str, t.Any]:
    spec = dict(probe_spec())
    spec.pop("supports_check_mode")
    found = ArgumentSpecValidator(**spec).validate({**LEAST, **more})
    assert not found.error_messages, found.error_messages
    return t.cast("dict[str, t.Any]", found.validated_parameters)


def test_what_is_left_out() -> None:
    """Implicit TLS, each domain's own MX over STARTTLS, the request's id as seed, one mailbox of each domain."""
    made = settings_of(options(), CONTEXT)
    assert (made.imap.port, made.imap.tls, made.submission.port, made.submission.tls) == (
        993,
        "implicit",
        465,
        "implicit",
    )
    assert made.inbound is None and made.inbound_mx("mx.example").target == "mx.example:25"
    assert made.inbound_mx("mx.example").tls == "starttls"
    assert (made.seed, made.sample_size, made.local_part) == ("REQ-1", 1, "mailops-probe")
    assert (made.sender, made.proof, made.wait) == ("check@elsewhere.example", "accepted", 60)


def test_ports_follow_the_kind_of_tls_and_the_protocol() -> None:
    by_command = {"host": "mail.example", "tls": "starttls"}
    made = settings_of(options(imap=by_command, submission=by_command, seed="s"), CONTEXT)
    assert (made.imap.port, made.submission.port, made.seed) == (143, 587, "s")
    inbound = {"host": "/run/lmtp", "protocol": "lmtp", "tls": "none", "sender": "a@b.example"}
    made = settings_of(options(inbound=inbound), CONTEXT)
    assert (
        made.lmtp and made.inbound is not None and made.inbound.target == "/run/lmtp" and made.sender == "a@b.example"
    )
    made = settings_of(options(inbound={"tls": "none", "port": 2525}), CONTEXT)
    assert made.inbound is None and made.inbound_mx("mx.example").target == "mx.example:2525"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"imap": {"host": "a b"}}, "endpoint_invalid"),
        ({"submission": {"host": "a", "port": 70000}}, "endpoint_invalid"),
        ({"outbound": {"address": "nobody"}}, "address_invalid"),
        ({"inbound": {"host": "a", "sender": "nobody"}}, "address_invalid"),
        ({"mail_ca_path": "/nowhere/ca.pem"}, "ca_unreadable"),
        ({"sample_size": -1}, "sample_size"),
        ({"wait": 601}, "wait"),
    ],
)
def test_refusals(more: dict[str, t.Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        settings_of(options(**more), CONTEXT)
    assert refused.value.code == code and refused.value.hint


def test_without_the_resolver_a_server_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mx, "HAS_DNSPYTHON", False)
    with pytest.raises(Refused, match="dnspython") as refused:
        settings_of(options(), CONTEXT)
    assert refused.value.code == "library_missing" and "pip install" in refused.value.hint
    assert settings_of(options(inbound={"host": "mx.example"}), CONTEXT).inbound is not None


def test_domains() -> None:
    """Named ones go before the client's; each once, in normal form."""
    assert domains_of(options(domains=["Example.COM", "example.com"], client_domains=["x.example"])) == ["example.com"]
    assert domains_of(options(client_domains=["x.example"])) == ["x.example"]
    for none in ({}, {"domains": []}, {"client_domains": []}):
        with pytest.raises(Refused) as refused:
            domains_of(options(**none))
        assert refused.value.code == "domains_missing"


def test_results_of_others() -> None:
    """R-SMTP-06: none can stand for a check of the probe's own."""
    row = {"domain": "Example.com", "check": "dns", "passed": None, "code": "c", "evidence": "seen\x1b[2J", "next": "n"}
    (made,) = given_of(options(results=[row]), ["example.com"])
    assert (made.domain, made.check, made.passed, made.code) == ("example.com", "dns", None, "c")
    assert (made.diagnosis.meaning, made.diagnosis.next) == ("seen", "n")
    for wrong in ({"domain": "other.example"}, {"check": "Outbound"}, {"check": "outbound"}, {"check": "closed"}):
        with pytest.raises(Refused) as refused:
            given_of(options(results=[{**row, **wrong}]), ["example.com"])
        assert refused.value.code == "result_invalid"


def test_there_is_no_switch_that_leaves_a_check_out() -> None:
    """R-SMTP-06, R-PROV-01."""
    spec = probe_spec()["argument_spec"]
    assert not [name for name in spec if "skip" in name or "pop" in name]
    assert spec["outbound"]["required"] and spec["outbound"]["options"]["address"]["required"]
