# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted Modoboa's odd sides: documents with passwords, the recovery form, DKIM keys, and what hangs on an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from modoboa_server import CSRF, FORM, PAGE, ModoboaServer, account, codes, make_driver, one, operation, read, row
from scripted import Clock

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import driver as driver_module
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.driver import DKIM_SECONDS, Modoboa

PDF = "/api/v2/parameters/global/pdfcredentials/"
SECRET = "Aa1-discarded-for-all"


@pytest.fixture(scope="module")
def _modoboa() -> Iterator[ModoboaServer]:
    made = ModoboaServer()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def modoboa(_modoboa: ModoboaServer, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> ModoboaServer:
    monkeypatch.setattr(driver_module, "time", clock)
    _modoboa.fresh()
    _modoboa.accounts.append(account("ann@example.com"))
    return _modoboa


@pytest.fixture
def driver(modoboa: ModoboaServer) -> Iterator[Modoboa]:
    made = read(make_driver(modoboa))
    modoboa.seen = []
    yield made
    made.close()


# ---- documents ----


def _create() -> Operation:
    request = {"credential": "discarded", "owner": "new@home.example"}
    return operation("mailbox", "create", "new@example.com", {"quota_mb": 512}, request=request, secret=SECRET)


def test_documents_of_every_password_are_refused(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """The owner's own would be written down too (R-PWD-01)."""
    settings = {"enabled_pdfcredentials": True, "generate_at_creation": False}
    modoboa.says("GET", PDF, (200, {"params": settings}, {}))
    with pytest.raises(MailopsError) as caught:
        driver.foresee([_create()])
    assert caught.value.code == "provider_keeps_passwords" and "enabled_pdfcredentials" in caught.value.hint
    assert modoboa.sent == []


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"params": {"enabled_pdfcredentials": True, "generate_at_creation": True}}, {}),
        (403, {"detail": "You do not have permission to perform this action."}, {}),
        (404, {"detail": "Not found."}, {}),
    ],
)
def test_the_first_password_is_replaced(modoboa: ModoboaServer, driver: Modoboa, answer: Any) -> None:
    """Where only the first is written down, or nobody may know: the document holds a dead one, and the plan says so."""
    modoboa.says("GET", PDF, answer)
    modoboa.says("POST", "/api/v2/accounts/", (201, {"pk": 42}, {}))
    made = _create()
    (warning,) = driver.foresee([made])
    assert "enabled_pdfcredentials" in warning
    assert driver.apply([made], "key")[0].status == "applied"
    (created, changed) = modoboa.sent
    assert created[2]["password"] not in ("", SECRET) and len(created[2]["password"]) > 20
    assert changed == ("PATCH", "/accounts/42/", {"password": SECRET})


PRINTED = (200, {"params": {"enabled_pdfcredentials": True, "generate_at_creation": True}}, {})


def test_a_first_password_that_cannot_be_replaced(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """The mailbox is there, and not as it should be; to say that it was not made would hide it."""
    modoboa.says("GET", PDF, PRINTED)
    modoboa.says("POST", "/api/v2/accounts/", (201, {"pk": 42}, {}))
    modoboa.says("PATCH", "/api/v2/accounts/42/", (403, {"detail": "no"}, {}))
    made = _create()
    driver.foresee([made])
    (result,) = driver.apply([made], "key")
    assert (result.status, codes([result])) == ("unverified", ["unfinished"])


@pytest.mark.parametrize("there", [True, False])
def test_a_lost_answer_before_the_second_password(modoboa: ModoboaServer, driver: Modoboa, there: bool) -> None:
    """Settled at once: else the printed password would stay, and the one that was made for somebody would never work."""
    modoboa.says("GET", PDF, PRINTED)
    modoboa.says("POST", "/api/v2/accounts/", "reset")
    made = _create()
    driver.foresee([made])
    if there:
        modoboa.accounts.append(account("new@example.com", pk=42))
    (result,) = driver.apply([made], "key")
    assert result.status == ("applied" if there else "in_doubt")
    assert [method for method, *dummy in modoboa.sent] == (["POST", "PATCH"] if there else ["POST"])
    if there:
        assert modoboa.sent[1] == ("PATCH", "/accounts/42/", {"password": SECRET})


def test_without_documents_one_request_is_enough(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.says("POST", "/api/v2/accounts/", (201, {"pk": 42}, {}))
    made = _create()
    assert driver.foresee([made]) == []
    assert driver.apply([made], "key")[0].status == "applied"
    ((method, path, body),) = modoboa.sent
    assert (method, path, body["password"], body["secondary_email"]) == (
        "POST",
        "/accounts/",
        SECRET,
        "new@home.example",
    )
    assert body["mailbox"] == {"full_address": "new@example.com", "use_domain_quota": False, "quota": 512}


def test_settings_are_only_asked_for_passwords(modoboa: ModoboaServer, driver: Modoboa) -> None:
    assert driver.foresee([operation("alias", "create", "x@example.com", {})]) == []
    assert modoboa.seen == []


# ---- recovery ----


def _invite(**more: Any) -> Operation:
    after = {"state": "pending", "recipient": "ann@home.example", "expires_in_hours": 72}
    return operation("invite", "create", "ann@example.com", after, **more)


def test_a_link_is_mailed(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """By the form of the web interface, without the token of the API."""
    (result,) = driver.apply([_invite()], "key")
    assert result.status == "applied" and (result.after or {})["expires_at"].endswith("Z")
    get, post = [request for request in modoboa.seen if request[1] == FORM]
    assert "Authorization" not in get[2] and "Authorization" not in post[2]
    assert post[2]["Cookie"] == "csrftoken=" + CSRF and post[2]["Referer"].endswith(FORM)
    assert post[3] == "email=ann%40example.com&csrfmiddlewaretoken=" + CSRF


def test_a_new_link_ends_the_old_one_first(modoboa: ModoboaServer, driver: Modoboa) -> None:
    (result,) = driver.apply([_invite(request={"credential": "discarded"}, secret=SECRET)], "key")
    assert result.status == "applied"
    assert modoboa.sent[0] == ("PATCH", "/accounts/7/", {"password": SECRET, "secondary_email": "ann@home.example"})
    assert modoboa.sent[1][1] == FORM


def test_cancelling_sends_no_mail(modoboa: ModoboaServer, driver: Modoboa) -> None:
    request = {"credential": "discarded"}
    result = one(driver, "invite", "cancel", "ann@example.com", {"state": "cancelled"}, request=request, secret=SECRET)
    assert result.status == "applied" and (result.after or {}) == {"state": "cancelled"}
    assert modoboa.sent == [("PATCH", "/accounts/7/", {"password": SECRET, "secondary_email": ""})]


@pytest.mark.parametrize(
    "form",
    [
        (404, b"<h1>Not Found</h1>", {}),
        (200, b"<html>Another application lives here</html>", {}),
        (200, PAGE, {}),
        (302, b"", {"Location": "/new-login/"}),
    ],
)
def test_no_form(modoboa: ModoboaServer, driver: Modoboa, form: Any) -> None:
    modoboa.says("GET", FORM, form)
    (result,) = driver.apply([_invite()], "key")
    assert (result.status, result.error.code if result.error else "") in (
        ("failed", "recovery_failed"),
        ("failed", "not_found"),
    )
    assert result.error and result.error.hint and modoboa.sent == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        # the account's owner is to be reached by SMS
        ((302, b"", {"Location": "/accounts/password_reset/confirm_code/"}), "recovery_failed"),
        # the form again, with an error in it
        ((200, PAGE, {}), "recovery_failed"),
        ((403, b"<h1>CSRF verification failed.</h1>", {}), "forbidden"),
    ],
)
def test_no_link_went_out(modoboa: ModoboaServer, driver: Modoboa, answer: Any, code: str) -> None:
    modoboa.says("POST", FORM, answer)
    (result,) = driver.apply([_invite()], "key")
    assert (result.status, codes([result])) == ("failed", [code])


def test_too_many_links(modoboa: ModoboaServer, driver: Modoboa, clock: Clock) -> None:
    """A dozen an hour, unless the settings say otherwise: an hour is longer than a run waits."""
    modoboa.says("POST", FORM, (429, b"", {"Retry-After": "3000"}))
    (result,) = driver.apply([_invite()], "key")
    assert codes([result]) == ["rate_limited"] and isinstance(result.error, ProviderError) and result.error.stop
    modoboa.says("POST", FORM, (429, b"", {"Retry-After": "20"}), (302, b"", {"Location": FORM + "done/"}))
    assert driver.apply([_invite()], "key")[0].status == "applied" and sum(clock.naps) >= 20


def test_a_lost_answer_of_the_form(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.says("POST", FORM, "reset")
    (result,) = driver.apply([_invite()], "key")
    assert result.status == "in_doubt"


# ---- DKIM ----


def _domain(driver: Modoboa) -> Any:
    return one(driver, "domain", "create", "new.example", {"status": "active", "mail_hosting": "provider"})


def test_a_key_that_comes_late(modoboa: ModoboaServer, driver: Modoboa) -> None:
    ready = {"dkim_public_key": "MIIB", "dkim_key_selector": "mb1"}
    modoboa.says("POST", "/api/v2/domains/", (201, {"pk": 9}, {}))
    modoboa.says("GET", "/api/v2/domains/9/", *[(200, {"dkim_public_key": ""}, {})] * 3, (200, ready, {}))
    assert _domain(driver).status == "applied"
    (record,) = driver.dns_requirements("new.example")
    assert record == {"type": "TXT", "name": "mb1._domainkey.new.example", "value": "v=DKIM1; k=rsa; p=MIIB"}


def test_a_key_that_never_comes(modoboa: ModoboaServer, driver: Modoboa, clock: Clock) -> None:
    """The domain is there all the same: unverified, with what to look at."""
    modoboa.says("POST", "/api/v2/domains/", (201, {"pk": 9}, {}))
    modoboa.says("GET", "/api/v2/domains/9/", (200, {"dkim_public_key": ""}, {}))
    result = _domain(driver)
    assert (result.status, codes([result])) == ("unverified", ["dkim_key_missing"])
    assert "rqworker" in result.error.hint and sum(clock.naps) >= DKIM_SECONDS


def test_the_domain_is_told_even_when_its_key_cannot_be_asked_for(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """It was made; a failure to read it afterwards must not say that it was not."""
    modoboa.says("POST", "/api/v2/domains/", (201, {"pk": 9}, {}))
    modoboa.says("GET", "/api/v2/domains/9/", (403, {"detail": "no"}, {}))
    result = _domain(driver)
    assert (result.status, codes([result])) == ("unverified", ["unfinished"])


# ---- side effects ----


def test_what_hangs_on_an_account_is_foreseen(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.accounts.append(account("bob@example.com", pk=8))
    modoboa.rows += [
        row("a@example.com", "ann@example.com", pk=1),
        row("off@example.com", "ann@example.com", pk=2, enabled=False),
        row("both@example.com", "ann@example.com", "bob@example.com", pk=3),
        row("ends@example.com", "ann@example.com", pk=4, expire_at="2027-01-31T00:00:00Z"),
        row("@example.com", "ann@example.com", pk=5),
    ]
    closing = [operation("mailbox", "pause", "%s@example.com" % name, {}) for name in ("ann", "bob")]
    warnings = driver.foresee(closing)
    assert [(entry["kind"], entry["key"]) for entry in closing[0].collateral] == [
        ("alias", "a@example.com"),
        ("forward", "ends@example.com"),
        ("catch_all", "example.com"),
    ]
    assert [entry["after"].get("state", entry["after"].get("enabled")) for entry in closing[0].collateral] == [
        False,
        "paused",
        False,
    ]
    assert closing[1].collateral == []
    assert len(warnings) == 1 and "the catch-all of example.com" in warnings[0]


def test_where_mail_goes_meanwhile_is_told(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.rows.append(row("@example.com", "boss@home.example"))
    (warning,) = driver.foresee([operation("mailbox", "pause", "ann@example.com", {})])
    assert "will go to the catch-all, boss@home.example" in warning


def test_what_goes_with_an_account_is_foreseen(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """Rows lose a deleted mailbox as a recipient, one after the other, and go when they have no other."""
    modoboa.accounts.append(account("bob@example.com", pk=8))
    modoboa.rows += [
        row("a@example.com", "ann@example.com", pk=1, enabled=False),
        row("both@example.com", "ann@example.com", "bob@example.com", pk=2, expire_at="2027-01-31T00:00:00Z"),
        row("three@example.com", "ann@example.com", "x@home.example", pk=3),
        row("ann@example.com", "ann@example.com", "x@home.example", pk=4),
        row("hers@example.com", "bob@example.com", pk=5),
        row("bob@example.com", "bob@example.com", "ann@example.com", pk=7),
        row("@example.com", "ann@example.com", "x@home.example", pk=6),
    ]
    going = [operation("mailbox", "delete", "%s@example.com" % name) for name in ("ann", "bob")]
    warnings = read(driver).foresee(going)
    assert [(one["kind"], one["key"], _left(one["after"])) for one in going[0].collateral] == [
        ("alias", "a@example.com", None),
        ("forward", "both@example.com", ["bob@example.com"]),
        ("forward", "three@example.com", ["x@home.example"]),
        ("forward", "ann@example.com", None),
        ("forward", "bob@example.com", []),
        ("catch_all", "example.com", "x@home.example"),
    ]
    assert [(one["key"], _left(one["before"]), _left(one["after"])) for one in going[1].collateral] == [
        ("both@example.com", ["bob@example.com"], None),
        ("hers@example.com", "bob@example.com", None),
        ("bob@example.com", [], None),
    ]
    assert len(warnings) == 3 and "removes with it: alias a@example.com, forward ann@example.com" in warnings[0]
    assert (
        "takes it out of: forward both@example.com, forward three@example.com, forward bob@example.com, the"
        in warnings[1]
    )


def _left(state: Any) -> Any:
    found = [state[name] for name in ("targets", "destination", "mailbox") if name in state] if state else [None]
    return found[0]


def test_nothing_goes_with_an_orphan(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """An account without a mailbox: what is addressed to its name is not its own."""
    modoboa.accounts[0]["mailbox"] = None
    modoboa.rows.append(row("a@example.com", "ann@example.com", pk=1))
    going = operation("mailbox", "delete", "ann@example.com")
    assert make_driver(modoboa).foresee([going]) == [] and going.collateral == []


def test_a_plan_without_suspensions_reads_nothing(modoboa: ModoboaServer, driver: Modoboa) -> None:
    assert driver.foresee([operation("mailbox", "update", "ann@example.com", {"display_name": "A"})]) == []
    assert modoboa.seen == []


def test_a_catch_all_that_is_there_is_changed(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """One that is switched off still holds its row, and a second one would be refused."""
    modoboa.rows.append(row("@example.com", "ann@example.com", pk=11, enabled=False))
    driver.observe("catch_all", {"example.com"})
    after = {
        "destination": "ann@example.com",
        "owner": "m@a.example",
        "purpose": "p",
        "expires_at": "2027-01-31T00:00:00Z",
    }
    assert one(driver, "catch_all", "enable", "example.com", after).status == "applied"
    ((method, path, body),) = modoboa.sent
    assert (method, path, body["enabled"], body["expire_at"]) == ("PATCH", "/aliases/11/", True, after["expires_at"])


# ---- administrators ----


@pytest.mark.parametrize("reseller", [False, True])
def test_a_last_domain_takes_the_role_with_it(modoboa: ModoboaServer, driver: Modoboa, reseller: bool) -> None:
    """Naming somebody never takes a higher role away."""
    roles = ("Resellers", "Resellers") if reseller else ("DomainAdmins", "SimpleUsers")
    modoboa.accounts.append(account("bob@example.com", pk=8))
    modoboa.says("GET", "/api/v2/domains/3/administrators/", (200, [{"id": 7, "username": "ann@example.com"}], {}))
    modoboa.says("GET", "/api/v2/accounts/7/", (200, {"pk": 7, "domains": [], "role": roles[0]}, {}))
    modoboa.says("GET", "/api/v2/accounts/8/", (200, {"pk": 8, "domains": [], "role": roles[1]}, {}))
    result = one(
        driver,
        "administrator",
        "set",
        "example.com",
        {"administrators": ["bob@example.com"]},
        before={"administrators": ["ann@example.com"]},
    )
    assert result.status == "applied"
    changes = [
        ("PATCH", "/accounts/8/", {"role": "DomainAdmins"}),
        ("POST", "/domains/3/administrators/add/", {"account": 8}),
        ("POST", "/domains/3/administrators/remove/", {"account": 7}),
        ("PATCH", "/accounts/7/", {"role": "SimpleUsers"}),
    ]
    assert modoboa.sent == [change for change in changes if not (reseller and change[0] == "PATCH")]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("ann@example.com", False),
        ("sales@example.com", False),
        ("zed@example.com", True),
        ("zed@elsewhere.example", False),
    ],
)
def test_a_dry_run_tells_of_targets_that_would_be_refused(
    modoboa: ModoboaServer, driver: Modoboa, target: str, told: bool
) -> None:
    """Design section 4.4: a target in a domain of its own has to exist; one elsewhere is nobody's business."""
    modoboa.rows.append(row("sales@example.com", "ann@example.com"))
    after = {"state": "present", "via": "address", "targets": [target]}
    forward = Operation(0, "forward", "create", "news@example.com", "forward.created", None, after)
    catch_all = Operation(0, "catch_all", "enable", "example.com", "catch_all.enabled", None, {"destination": target})
    warnings = driver.foresee([forward, catch_all])
    assert [line.split(":")[0] for line in warnings] == (["news@example.com", "example.com"] if told else [])
