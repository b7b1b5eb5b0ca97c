# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live platform itself: what other live tests take for granted, seen with real clients on both stores."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from typing import Any

import pytest
from servers.clients import OUTSIDE
from servers.platform import PASSWORD, ModoboaPlatform, Platform, SandboxPlatform
from servers.processes import ServerError, wait_until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def domain(platform: Platform) -> str:
    """A domain with the mailboxes ann and bob."""
    name = platform.make_domain()["name"]
    for local in ("ann", "bob"):
        platform.make_mailbox(f"{local}@{name}")
    return name


def code(refused: pytest.ExceptionInfo[Any]) -> int:
    """The SMTP code of a refusal."""
    error = refused.value
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return error.smtp_code


def test_login(platform: Platform, domain: str) -> None:
    """A good password opens the mailbox by implicit TLS and by STARTTLS; a wrong one and an unknown name do not."""
    platform.imap(f"ann@{domain}", PASSWORD).logout()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        platform.imap(f"ann@{domain}", "Wrong-Horse-42")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        platform.imap(f"nobody@{domain}", PASSWORD)
    client = imaplib.IMAP4(platform.host, platform.imap_port)
    client.starttls(platform.clients.context())
    client.login(f"ann@{domain}", PASSWORD)
    client.logout()


def test_certificates_are_verified(platform: Platform, domain: str) -> None:
    """The certificate holds for both names of this host; a client that trusts another authority goes no further."""
    with pytest.raises(ssl.SSLCertVerificationError):
        platform.imap(f"ann@{domain}", PASSWORD, ca_path=platform.wrong_ca_path)
    for host in ("localhost", "127.0.0.1"):
        imaplib.IMAP4_SSL(host, platform.imaps_port, ssl_context=platform.clients.context()).shutdown()


def test_submission(platform: Platform, domain: str) -> None:
    """AUTH only after STARTTLS; own sender only; what is sent arrives."""
    ann, bob = f"ann@{domain}", f"bob@{domain}"
    with smtplib.SMTP(platform.host, platform.submission_port) as plain:
        plain.ehlo()
        assert not plain.has_extn("auth") and plain.has_extn("starttls")
        assert plain.mail(ann)[0] == 530
    with platform.clients.submission() as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(ann, "Wrong-Horse-42")
    with platform.clients.submission() as client:
        client.ehlo()
        assert client.docmd("MAIL", f"FROM:<{ann}>")[0] < 500
        assert client.docmd("RCPT", f"TO:<{bob}>")[0] >= 500, "mail without a login"
    assert platform.arrived(bob, PASSWORD, platform.submit(ann, PASSWORD, bob))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        platform.submit(ann, PASSWORD, bob, sender=bob)
    assert code(refused) == 553


def test_inbound(platform: Platform, domain: str) -> None:
    """Mail from outside arrives; unknown names and other domains are refused, and mail to ourselves by another is no relay."""
    assert platform.arrived(f"ann@{domain}", PASSWORD, platform.deliver(f"ann@{domain}"))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        platform.deliver(f"nobody@{domain}")
    assert code(refused) == 550
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        platform.deliver("somebody@elsewhere.example")
    assert code(refused) in (454, 554)


def test_nothing_leaves_and_the_echo_answers(platform: Platform, domain: str) -> None:
    """Mail to any other domain ends in the sink; the one to the echo address is answered to its sender."""
    ann = f"ann@{domain}"
    token = platform.submit(ann, PASSWORD, OUTSIDE)
    sunk = platform.sunk(token, OUTSIDE)
    assert sunk is not None and sunk.sender == ann and sunk.recipients == (OUTSIDE,)
    asked = platform.submit(ann, PASSWORD, platform.echo)
    assert platform.sunk(asked, platform.echo) is not None
    client = platform.imap(ann, PASSWORD)

    def answered() -> bool:
        client.select("INBOX", readonly=True)
        return bool(client.search(None, "SUBJECT", f'"Re: {asked}"', "HEADER", "In-Reply-To", asked)[1][0])

    assert wait_until(answered, 10, 0.1)
    client.logout()


def test_doveadm_ends_sessions(platform: Platform, domain: str) -> None:
    """`who` and `kick` over HTTP: an open session is seen and ends; a wrong key is refused."""
    bob = f"bob@{domain}"
    client = platform.imap(bob, PASSWORD)
    seen = platform.doveadm("who", mask=[bob])
    assert seen[0] == "doveadmResponse" and [row["username"] for row in seen[1]] == [bob]
    assert platform.doveadm("kick", mask=[bob])[0] == "doveadmResponse"
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        for dummy in range(20):
            client.noop()
    assert platform.doveadm("who", mask=[bob])[1] == []
    assert platform.can_login(bob, PASSWORD)
    wrong = {"Authorization": "X-Dovecot-API d3Jvbmc="}
    refused = platform.clients.session.post(platform.doveadm_url, json=[["who", {}, "t"]], headers=wrong, timeout=10)
    assert refused.status_code == 401


def test_switched_off(platform: Platform, domain: str) -> None:
    """A login that is switched off is closed for IMAP and submission, the open session goes on, and it can be undone."""
    address = f"off@{domain}"
    platform.make_mailbox(address)
    client = platform.imap(address, PASSWORD)
    platform.switch_off(address)
    assert not platform.can_login(address, PASSWORD)
    with platform.clients.submission() as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login(address, PASSWORD)
    assert client.noop()[0] == "OK"
    client.shutdown()
    platform.switch_on(address)
    assert platform.can_login(address, PASSWORD)


def test_quota(platform: Platform, domain: str) -> None:
    """A full mailbox takes nothing more: 1 MB, and a message of 1.5."""
    address = f"small@{domain}"
    more: dict[str, Any] = {"storage_allocation_mb": 1}
    if platform.name == "modoboa":
        more = {"mailbox": {"full_address": address, "use_domain_quota": False, "quota": 1}}
    platform.make_mailbox(address, **more)
    big = platform.deliver(address, text="x" * 70 + "\n" + ("y" * 70 + "\n") * 21000)
    assert platform.sunk("Quota exceeded", OUTSIDE) is not None
    assert not platform.arrived(address, PASSWORD, big, seconds=0)
    assert platform.arrived(address, PASSWORD, platform.deliver(address))


def test_modoboa_addresses(modoboa_platform: ModoboaPlatform) -> None:
    """Modoboa's aliases: a forward is followed until `expire_at`, the catch-all takes unknown names and leaves real ones alone."""
    call = modoboa_platform.modoboa.call
    name = modoboa_platform.make_domain()["name"]
    for local in ("ann", "bob"):
        modoboa_platform.make_mailbox(f"{local}@{name}")
    forward = {"address": f"sales@{name}", "recipients": [OUTSIDE], "enabled": True}
    made = call("POST", "/aliases/", {**forward, "expire_at": "2999-01-31"})
    assert modoboa_platform.sunk(modoboa_platform.deliver(f"sales@{name}"), OUTSIDE)
    call("PATCH", f"/aliases/{made['pk']}/", {"recipients": [OUTSIDE], "expire_at": "2001-01-31"})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        modoboa_platform.deliver(f"sales@{name}")
    call("POST", "/aliases/", {"address": f"@{name}", "recipients": [f"bob@{name}"], "enabled": True})
    assert modoboa_platform.arrived(f"bob@{name}", PASSWORD, modoboa_platform.deliver(f"whoever@{name}"))
    token = modoboa_platform.deliver(f"ann@{name}")
    assert modoboa_platform.arrived(f"ann@{name}", PASSWORD, token)
    assert not modoboa_platform.arrived(f"bob@{name}", PASSWORD, token, seconds=0)


def test_modoboa_owner_recovers(modoboa_platform: ModoboaPlatform) -> None:
    """The recovery mail goes to the secondary address; its link takes a password once, and that logs in by IMAP."""
    name = modoboa_platform.make_domain()["name"]
    address = f"ann@{name}"
    modoboa_platform.make_mailbox(address, secondary_email="ann@home.example")
    modoboa_platform.owner_forgot(address)
    link = modoboa_platform.owner.link(address)
    mail = modoboa_platform.sunk(link)
    assert mail is not None and mail.recipients == ("ann@home.example",)
    with pytest.raises(ServerError, match="too short"):
        modoboa_platform.owner_sets_password(address, "Sh0rt")
    modoboa_platform.owner_sets_password(address, "Owner-Chose-77")
    assert modoboa_platform.can_login(address, "Owner-Chose-77")
    assert not modoboa_platform.can_login(address, PASSWORD)
    with pytest.raises(ServerError, match="no recovery mail"):
        modoboa_platform.owner.link(address, seconds=0)


def test_modoboa_signs(modoboa_platform: ModoboaPlatform) -> None:
    """The worker makes the DKIM key of a domain."""
    made = modoboa_platform.make_domain(enable_dkim=True, dkim_key_selector="mb1", dkim_key_length=2048)
    call = modoboa_platform.modoboa.call
    assert wait_until(lambda: call("GET", f"/domains/{made['pk']}/")["dkim_public_key"], 20, 0.3)


def test_sandbox_owner_sets_up(sandbox_platform: SandboxPlatform) -> None:
    """The password typed on the setup page logs in by IMAP; before that there is no mailbox, and mail to it is refused."""
    sandbox = sandbox_platform.sandbox
    made = sandbox_platform.make_domain()
    address = f"carla@{made['name']}"
    sandbox.invite(made["id"], "carla", "carla@home.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        sandbox_platform.deliver(address)
    sandbox_platform.owner_sets_password(address, "Owner-Chose-77")
    assert sandbox_platform.can_login(address, "Owner-Chose-77")
    assert sandbox.login(address, "Owner-Chose-77") == 200
    assert sandbox_platform.arrived(address, "Owner-Chose-77", sandbox_platform.deliver(address))


def test_sandbox_addresses(sandbox_platform: SandboxPlatform) -> None:
    """The sandbox's aliases, forwards and catch-all move mail as its API says."""
    sandbox = sandbox_platform.sandbox
    made = sandbox_platform.make_domain()
    name = made["name"]
    ann = sandbox_platform.make_mailbox(f"ann@{name}")
    sandbox_platform.make_mailbox(f"bob@{name}")

    def change(method: str, path: str, body: Any = None) -> Any:
        answer = sandbox.call(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    change(
        "POST",
        f"/mailboxes/{ann['id']}/aliases",
        {"domain_id": made["id"], "local_part": "annie", "can_receive": True, "can_send": True},
    )
    assert sandbox_platform.arrived(f"ann@{name}", PASSWORD, sandbox_platform.deliver(f"annie@{name}"))
    sandbox_platform.submit(f"ann@{name}", PASSWORD, f"bob@{name}", sender=f"annie@{name}")
    change("PUT", f"/mailboxes/{ann['id']}/forwarding", {"enabled": True, "keep_copy": True, "targets": [OUTSIDE]})
    token = sandbox_platform.deliver(f"ann@{name}")
    assert sandbox_platform.sunk(token, OUTSIDE) and sandbox_platform.arrived(f"ann@{name}", PASSWORD, token)
    change("PUT", f"/mailboxes/{ann['id']}/forwarding", {"enabled": False})
    body = {"local_part": "sales", "recipients": [OUTSIDE, f"bob@{name}"]}
    forward = change("POST", f"/domains/{made['id']}/forwarding-addresses", body)["data"]
    token = sandbox_platform.deliver(f"sales@{name}")
    assert sandbox_platform.sunk(token, OUTSIDE) and sandbox_platform.arrived(f"bob@{name}", PASSWORD, token)
    change("PATCH", f"/domains/{made['id']}/catch-all", {"enabled": True, "destination": f"bob@{name}"})
    assert sandbox_platform.arrived(f"bob@{name}", PASSWORD, sandbox_platform.deliver(f"whoever@{name}"))
    token = sandbox_platform.deliver(f"ann@{name}")
    assert sandbox_platform.arrived(f"ann@{name}", PASSWORD, token)
    assert not sandbox_platform.arrived(f"bob@{name}", PASSWORD, token, seconds=0)
    # a forward that is off bounces, it does not fall to the catch-all
    change("PATCH", f"/domains/{made['id']}/forwarding-addresses/{forward['id']}", {"is_active": False})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        sandbox_platform.deliver(f"sales@{name}")


def test_sandbox_off_switches(sandbox_platform: SandboxPlatform) -> None:
    """Login suspension closes the login while mail still arrives; pause closes both; an app password logs in until revoked."""
    sandbox = sandbox_platform.sandbox
    made = sandbox_platform.make_domain()
    address = f"ann@{made['name']}"
    box = sandbox_platform.make_mailbox(address)
    secret = sandbox.call("POST", f"/mailboxes/{box['id']}/app-passwords", {"name": "Phone"}).json()["data"]["password"]
    assert sandbox_platform.can_login(address, secret) and sandbox_platform.can_login(address, PASSWORD)
    sandbox_platform.switch_off(address)
    token = sandbox_platform.deliver(address)
    assert not sandbox_platform.can_login(address, PASSWORD)
    sandbox_platform.switch_on(address)
    assert sandbox_platform.arrived(address, PASSWORD, token)
    assert not sandbox_platform.can_login(address, secret), "suspension revokes app passwords for good"
    sandbox.call("POST", f"/mailboxes/{box['id']}:pause", {})
    assert not sandbox_platform.can_login(address, PASSWORD)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        sandbox_platform.deliver(address)


def test_clean(platform: Platform) -> None:
    """After clean() a name can be used again, and mail of the former life is gone."""
    name = platform.make_domain("again.example")["name"]
    platform.make_mailbox(f"ann@{name}")
    token = platform.deliver(f"ann@{name}")
    assert platform.arrived(f"ann@{name}", PASSWORD, token)
    platform.clean()
    assert not platform.can_login(f"ann@{name}", PASSWORD)
    platform.make_domain(name)
    platform.make_mailbox(f"ann@{name}")
    assert not platform.arrived(f"ann@{name}", PASSWORD, token, seconds=0)
