# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each capability promises: one scenario for drivers that declare it, and what is refused where they do not.

A capability that is not here does not exist: see test_contract_capabilities.py.
"""

from __future__ import annotations

from collections.abc import Callable

from grounds import PASSWORD

from bench import Bench, Item, exception, governed, in_days, new_key, operation

NEW_PASSWORD = "Another-Horse-43"


# ---- domains ----


def domain_create(bench: Bench) -> None:
    name = bench.ground.new_name()
    report = bench.settle("domain", {"name": name})
    assert bench.seen("domain")[name]["status"] == bench.ground.driver.new_domain_status
    assert report.objects[0]["state"] == "present"
    bench.ground.activate(name)
    assert bench.seen("domain")[name]["status"] == "active"


def domain_delete(bench: Bench) -> None:
    name = bench.ground.domain()
    bench.settle("domain", {"name": name, "state": "absent", "exception": exception()})
    assert name not in bench.seen("domain")


def domain_annotate(bench: Bench) -> None:
    name = bench.ground.domain()
    bench.settle("domain", {"name": name, "note": "contract 4711"})
    assert bench.seen("domain")[name]["note"] == "contract 4711"


def domain_set_hosting(bench: Bench) -> None:
    name = bench.ground.domain()
    bench.settle("domain", {"name": name, "mail_hosting": "external", "exception": exception()})
    assert bench.seen("domain")[name]["mail_hosting"] == "external"
    bench.settle("domain", {"name": name, "mail_hosting": "provider"})


def domain_dns_requirements(bench: Bench) -> None:
    name = bench.ground.new_name()
    bench.run("domain", {"name": name})
    driver = bench.connect()
    driver.observe("domain", ())
    records = driver.dns_requirements(name)
    assert records and all(isinstance(record, dict) for record in records)


def administrator_set(bench: Bench) -> None:
    domain = bench.ground.domain()
    first, second = bench.box(domain), bench.box(domain)
    bench.settle("domain", {"name": domain, "administrators": [first]})
    assert bench.seen("administrator", domain)[domain]["administrators"] == [first]
    bench.settle("domain", {"name": domain, "administrators": [second], "former_administrators": [first]})
    assert bench.seen("administrator", domain)[domain]["administrators"] == [second]
    assert not bench.attempt("domain", {"name": domain, "former_administrators": [second]}).results


# ---- mailboxes ----


def mailbox_create(bench: Bench) -> None:
    domain = bench.ground.domain()
    item = bench.made_box(domain, "ann", quota_mb=512)
    bench.settle("mailbox", item)
    record = bench.box_record("ann@" + domain)
    assert record and (record["state"], record["quota_mb"]) == ("present", 512)
    (secret,) = bench.secrets
    assert bench.ground.lets_in("ann@" + domain, secret)


def mailbox_update(bench: Bench) -> None:
    address = bench.box()
    for name in ("Ann Marie Weiß", "Ann"):
        bench.settle("mailbox", {"address": address, "display_name": name})
        assert (bench.box_record(address) or {})["display_name"] == name


def mailbox_annotate(bench: Bench) -> None:
    address = bench.box()
    bench.settle("mailbox", {"address": address, "note": "second floor"})
    assert (bench.box_record(address) or {})["note"] == "second floor"


def mailbox_set_quota(bench: Bench) -> None:
    address = bench.box()
    for quota in (512, 256):
        bench.settle("mailbox", {"address": address, "quota_mb": quota})
        assert (bench.box_record(address) or {})["quota_mb"] == quota


def mailbox_set_password(bench: Bench) -> None:
    address = bench.box()
    driver = bench.connect()
    driver.observe("domain", ())
    driver.observe("mailbox", {address.partition("@")[2]})
    change = operation("mailbox", "set_password", address, {"credential": "temporary"})
    change.secret = NEW_PASSWORD
    assert [result.status for result in driver.apply([change], new_key())] == ["applied"]
    assert bench.ground.lets_in(address, NEW_PASSWORD) and not bench.ground.lets_in(address, PASSWORD)


def mailbox_suspend(bench: Bench) -> None:
    _closed(bench, "login")


def mailbox_pause(bench: Bench) -> None:
    _closed(bench, "all")


def _closed(bench: Bench, way: str) -> str:
    address = bench.box()
    bench.settle("mailbox", {"address": address, "state": "suspended", "suspend": way, "reason": "left"})
    record = bench.box_record(address)
    assert record and (record["state"], record["suspended"]) == ("suspended", way)
    assert not bench.ground.lets_in(address, PASSWORD)
    return address


def mailbox_resume(bench: Bench) -> None:
    for way, capability in (("login", "mailbox.suspend"), ("all", "mailbox.pause")):
        if bench.can(capability):
            address = _closed(bench, way)
            bench.settle("mailbox", {"address": address})
            record = bench.box_record(address)
            assert record and (record["state"], record["suspended"]) == ("present", "")
            assert bench.ground.lets_in(address, PASSWORD)


def mailbox_delete(bench: Bench) -> None:
    domain = bench.ground.domain()
    bench.box(domain)
    _deleted(bench, bench.box(domain))


def _deleted(bench: Bench, address: str) -> None:
    absent = {"address": address, "state": "absent", "exception": exception()}
    assert [failure.error.code for failure in bench.refused("mailbox", absent).failures] == ["disable_first"]
    bench.run("mailbox", {"address": address, "state": "suspended"})
    bench.settle("mailbox", absent)
    assert (bench.box_record(address) or {"state": "trashed"})["state"] == "trashed"


def mailbox_restore(bench: Bench) -> None:
    domain = bench.ground.domain()
    bench.box(domain)
    address = bench.box(domain)
    _deleted(bench, address)
    bench.settle("mailbox", {"address": address, "restore": True})
    assert (bench.box_record(address) or {})["state"] == "present"


def mailbox_forced_change(bench: Bench) -> None:
    """A password made by the operator needs no word that it may stay."""
    item = bench.made_box(bench.ground.domain(), "ann")
    item["exception"].pop("accept_unforced_rotation", None)
    bench.settle("mailbox", item)


# ---- owners ----


def invite_create(bench: Bench) -> None:
    domain = bench.ground.domain()
    item = bench.invited(domain, "ann", quota_mb=512)
    report = bench.settle("invite", item)
    assert report.objects[0]["state"] == "pending" and report.objects[0]["recipient"] == "ann@home.example"
    bench.ground.owner_comes("ann@" + domain, NEW_PASSWORD)
    assert bench.ground.lets_in("ann@" + domain, NEW_PASSWORD)
    record = bench.box_record("ann@" + domain)
    assert record and (record["state"], record["quota_mb"]) == ("present", 512)
    again = bench.run("mailbox", item)
    assert again.plan.operations == [] and again.objects[0]["state"] == "present"


def invite_link(bench: Bench) -> None:
    domain = bench.ground.domain()
    item = bench.made_box(domain, "ann")
    item.update(credential="invite", delivery="sealed")
    bench.settle("mailbox", item)
    assert len(bench.secrets) == 1 and bench.sent[0:] == []
    assert len(list((bench.folder / "sealed").rglob("*.age"))) == 1


def _pending(bench: Bench) -> Item:
    item = bench.invited(bench.ground.domain(), "ann")
    bench.run("invite", item)
    return item


def invite_cancel(bench: Bench) -> None:
    item = _pending(bench)
    report = bench.settle("invite", dict(item, state="absent"))
    assert report.objects[0]["state"] == "cancelled"
    record = bench.box_record(item["address"])
    assert record is None or record["state"] == "suspended"
    report = bench.settle("invite", item)
    assert report.objects[0]["state"] == "pending"
    bench.ground.owner_comes(item["address"], NEW_PASSWORD)
    assert bench.ground.lets_in(item["address"], NEW_PASSWORD)


def invite_resend(bench: Bench) -> None:
    item = _pending(bench)
    report = bench.run("invite", dict(item, resend=True))
    assert [one.verb for one in report.plan.operations] == ["resend"]
    bench.ground.owner_comes(item["address"], NEW_PASSWORD)
    assert bench.ground.lets_in(item["address"], NEW_PASSWORD)


def invite_change_recipient(bench: Bench) -> None:
    item = _pending(bench)
    report = bench.settle("invite", dict(item, owner_email="other@home.example"))
    assert report.objects[0]["recipient"] == "other@home.example"


# ---- aliases, forwards, catch-alls ----


def alias_create(bench: Bench) -> None:
    address = bench.box()
    alias = _alias(bench, address)
    record = bench.seen("alias", address)[alias]
    flags = dict(bench.ground.driver.alias_flags or {"can_receive": True, "can_send": False})
    assert {name: record[name] for name in ("mailbox", *flags)} == {"mailbox": address, **flags}


def _alias(bench: Bench, address: str) -> str:
    alias = "other-" + address
    bench.settle("alias", {"address": alias, "mailbox": address})
    return alias


def alias_update(bench: Bench) -> None:
    """Its flags, or where those are fixed, its being switched on."""
    address = bench.box()
    item = {"address": _alias(bench, address), "mailbox": address}
    if bench.ground.driver.alias_flags:
        bench.run("mailbox", {"address": address, "state": "suspended"})
        assert bench.seen("alias", address)[item["address"]]["enabled"] is False
        bench.settle("alias", item)
        assert bench.seen("alias", address)[item["address"]]["enabled"] is True
        return
    bench.settle("alias", dict(item, can_send=True))
    assert bench.seen("alias", address)[item["address"]]["can_send"] is True


def alias_delete(bench: Bench) -> None:
    address = bench.box()
    alias = _alias(bench, address)
    bench.settle("alias", {"address": alias, "mailbox": address, "state": "absent"})
    assert bench.seen("alias", address) == {}


def forward_mailbox(bench: Bench) -> None:
    address = bench.box()
    other = bench.box(address.partition("@")[2])
    item = {"address": address, "targets": ["ann@home.example", other], "exception": exception(), **governed()}
    bench.settle("forward", item)
    found = bench.seen("forward", address)[address]
    assert (found["via"], found["keep_copy"], found["targets"]) == ("mailbox", True, sorted(item["targets"]))
    item["keep_copy"] = False
    bench.settle("forward", item)
    assert bench.seen("forward", address)[address]["keep_copy"] is False
    _ended(bench, item)


def forward_address(bench: Bench) -> None:
    address = "sales@" + bench.ground.domain()
    item = {"address": address, "targets": ["ann@home.example"], "exception": exception(), **governed()}
    bench.settle("forward", item)
    found = bench.seen("forward", address)[address]
    assert (found["via"], found["targets"]) == ("address", ["ann@home.example"])
    item["targets"] = ["ann@home.example", "bob@home.example"]
    bench.settle("forward", item)
    assert bench.seen("forward", address)[address]["targets"] == item["targets"]
    _ended(bench, item)


def _ended(bench: Bench, item: Item) -> None:
    changed = bench.run("forward", dict(item, purpose="another"))
    assert [one.verb for one in changed.plan.operations] == ["record"]
    bench.settle("forward", {"address": item["address"], "state": "absent"})
    assert item["address"] not in bench.seen("forward", item["address"])


def forward_expire(bench: Bench) -> None:
    """The provider ends it by itself; it is told of every new end."""
    address = bench.box()
    item = {"address": address, "targets": ["ann@home.example"], "exception": exception(), **governed()}
    for days in (30, 60):
        bench.settle("forward", dict(item, expires_at=in_days(days)))
        assert bench.seen("forward", address)[address]["expires_at"] == in_days(days)


def catch_all_enable(bench: Bench) -> None:
    address = bench.box()
    domain = address.partition("@")[2]
    other = bench.box(domain)
    for destination in (address, other):
        bench.settle("catch_all", _catch_all(domain, destination))
        found = bench.seen("catch_all", domain)[domain]
        assert (found["enabled"], found["destination"]) == (True, destination)


def _catch_all(domain: str, destination: str) -> Item:
    return {"domain": domain, "state": "present", "destination": destination, **governed()}


def catch_all_disable(bench: Bench) -> None:
    address = bench.box()
    domain = address.partition("@")[2]
    bench.run("catch_all", _catch_all(domain, address))
    bench.settle("catch_all", {"domain": domain, "state": "absent"})
    assert bench.seen("catch_all", domain)[domain]["enabled"] is False
    bench.settle("catch_all", _catch_all(domain, address))
    assert bench.seen("catch_all", domain)[domain]["enabled"] is True


def catch_all_expire(bench: Bench) -> None:
    address = bench.box()
    domain = address.partition("@")[2]
    for days in (30, 60):
        bench.settle("catch_all", dict(_catch_all(domain, address), expires_at=in_days(days)))
        assert bench.seen("catch_all", domain)[domain]["expires_at"] == in_days(days)


# ---- sessions ----


def session_list(bench: Bench) -> None:
    address = bench.box()
    assert bench.seen("session", address) == {}
    client = bench.ground.log_in(address, PASSWORD)
    assert bench.seen("session", address)[address]["services"]
    client.shutdown()


def session_revoke(bench: Bench) -> None:
    """Suspending ends what is open, in the same run and after the login is closed."""
    address = bench.box()
    client = bench.ground.log_in(address, PASSWORD)
    report = bench.settle("mailbox", {"address": address, "state": "suspended"})
    assert [one.kind for one in report.plan.operations] == ["mailbox", "session"]
    assert bench.seen("session", address) == {}
    try:
        assert client.noop()[0] != "OK"
    except (client.abort, OSError):
        return


# ---- access paths ----


def _path_list(kind: str) -> Callable[[Bench], None]:
    def listed(bench: Bench) -> None:
        """Nothing before there is one, then the one, under the name of its mailbox."""
        address = bench.box()
        assert bench.seen(kind, address) == {}
        bench.ground.open_path(kind, address)
        (key,) = [
            key for key, one in bench.seen(kind, address).items() if address in (one["mailbox"], one.get("member"))
        ]
        assert "/%s/" % kind in key

    return listed


def _path_end(kind: str) -> Callable[[Bench], None]:
    def ended(bench: Bench) -> None:
        """R-OFF-03: closed in one run, not touched by a second, and others' paths stay."""
        address = bench.box()
        other = bench.box(address.partition("@")[2])
        bench.ground.open_path(kind, address)
        if kind != "delegate":
            bench.ground.open_path(kind, other)
        report = bench.settle("mailbox_access", {"address": address, "revoke": [kind], "reason": "left"})
        assert [one.kind for one in report.plan.operations] == [kind]
        assert report.objects[0]["state"] == "revoked"
        found = list(bench.seen(kind, address, other).values())
        assert not [one for one in found if address in (one["mailbox"], one.get("member"))]
        assert kind == "delegate" or len(found) == 1

    return ended


def delegate_create(bench: Bench) -> None:
    """A member that was removed comes back as it was."""
    _given_back(bench, "delegate")


def rule_create(bench: Bench) -> None:
    """A rule that was deleted comes back as it was, and under the same key."""
    _given_back(bench, "rule")


def _given_back(bench: Bench, kind: str) -> None:
    address = bench.box()
    bench.ground.open_path(kind, address)
    was = bench.seen(kind, address)
    report = bench.run("mailbox_access", {"address": address, "revoke": [kind]})
    (ended,) = report.plan.operations
    driver = bench.connect()
    driver.observe("domain", ())
    driver.observe("mailbox", {address.partition("@")[2]})
    again = operation(kind, "create", ended.key, dict(ended.before or {}))
    assert [result.status for result in driver.apply([again], new_key())] == ["applied"]
    fields = ("key", *(ended.before or {}))
    now = bench.seen(kind, address)
    assert {name: now[ended.key][name] for name in fields} == {name: was[ended.key][name] for name in fields}


DECLARED: dict[str, Callable[[Bench], None]] = {
    "domain.create": domain_create,
    "domain.delete": domain_delete,
    "domain.annotate": domain_annotate,
    "domain.set_hosting": domain_set_hosting,
    "domain.dns_requirements": domain_dns_requirements,
    "administrator.set": administrator_set,
    "mailbox.create": mailbox_create,
    "mailbox.update": mailbox_update,
    "mailbox.annotate": mailbox_annotate,
    "mailbox.set_quota": mailbox_set_quota,
    "mailbox.set_password": mailbox_set_password,
    "mailbox.suspend": mailbox_suspend,
    "mailbox.pause": mailbox_pause,
    "mailbox.resume": mailbox_resume,
    "mailbox.delete": mailbox_delete,
    "mailbox.restore": mailbox_restore,
    "mailbox.forced_change": mailbox_forced_change,
    "invite.create": invite_create,
    "invite.link": invite_link,
    "invite.cancel": invite_cancel,
    "invite.resend": invite_resend,
    "invite.change_recipient": invite_change_recipient,
    "alias.create": alias_create,
    "alias.update": alias_update,
    "alias.delete": alias_delete,
    "forward.mailbox": forward_mailbox,
    "forward.address": forward_address,
    "forward.expire": forward_expire,
    "catch_all.enable": catch_all_enable,
    "catch_all.disable": catch_all_disable,
    "catch_all.expire": catch_all_expire,
    **{kind + ".list": _path_list(kind) for kind in ("app_password", "token", "delegate", "device", "rule")},
    **{kind + ".revoke": _path_end(kind) for kind in ("app_password", "token", "delegate", "device")},
    "rule.delete": _path_end("rule"),
    "delegate.create": delegate_create,
    "rule.create": rule_create,
    "session.list": session_list,
    "session.revoke": session_revoke,
}
