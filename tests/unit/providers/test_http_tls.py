# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the client trusts, and what a broken encrypted connection means."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from scripted import Clock, Server, make_client

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http import ATTEMPTS

x509 = pytest.importorskip("cryptography.x509")
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402 - after the skip
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """A self-signed certificate for an address and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test of mailops.email")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def serve(folder: Path, address: str = "127.0.0.1") -> tuple[Server, str]:
    cert, key = certificate(folder, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return Server(context), str(cert)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    server, ca_path = serve(tmp_path)
    yield server, ca_path
    server.shutdown()
    server.server_close()


def fails(url: str, **more: object) -> ProviderError:
    with pytest.raises(ProviderError) as found:
        make_client(url, **more).call("POST", "/x", key="k")
    return found.value


def test_an_unknown_authority_is_refused_at_once(secure: tuple[Server, str], clock: Clock) -> None:
    server, ca_path = secure
    error = fails(server.url)
    assert error.code == "tls_failed" and "ca_path" in error.hint and error.stop
    assert not error.in_doubt and error.attempts == 1 and server.seen == []


def test_its_own_authority_is_taken(secure: tuple[Server, str], clock: Clock) -> None:
    server, ca_path = secure
    assert make_client(server.url, ca_path=ca_path).get("/x").status == 200


def test_a_variable_of_the_environment_does_not_win(
    secure: tuple[Server, str], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library prefers REQUESTS_CA_BUNDLE to what a session was told; the task's ca_path has to count."""
    server, ca_path = secure
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate(other)[0]))
    assert make_client(server.url, ca_path=ca_path).get("/x").status == 200


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_check_can_be_switched_off(secure: tuple[Server, str], clock: Clock) -> None:
    assert make_client(secure[0].url, validate_certs=False).get("/x").status == 200


def test_a_certificate_of_another_name(tmp_path: Path, clock: Clock) -> None:
    server, ca_path = serve(tmp_path, "127.0.0.9")
    assert fails(server.url, ca_path=ca_path).code == "tls_failed"
    assert server.seen == []
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("text", ["no certificate", ""])
def test_a_ca_file_without_certificates(secure: tuple[Server, str], clock: Clock, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.pem"
    path.write_text(text)
    error = fails(secure[0].url, ca_path=str(path))
    assert error.code in ("tls_failed", "not_sent", "connection_lost") and error.hint and secure[0].seen == []


def test_a_plain_server_behind_https(server: Server, clock: Clock) -> None:
    error = fails(server.url.replace("http://", "https://"), deadline=0.05)
    assert error.code == "connection_lost" and error.hint


@pytest.mark.parametrize("how", ["reset", "hang", "cut"])
def test_an_encrypted_connection_that_breaks_is_in_doubt(secure: tuple[Server, str], clock: Clock, how: str) -> None:
    """The request has left: no certificate is to blame, and it is asked for again with its key."""
    server, ca_path = secure
    server.script(how, (201, {"id": 1}, {}))
    answer = make_client(server.url, ca_path=ca_path).call("POST", "/x", key="k")
    assert answer.attempts == 2 and answer.after_lost
    server.script(how)
    error = fails(server.url, ca_path=ca_path)
    assert error.in_doubt and error.code in ("connection_lost", "timeout") and error.attempts == ATTEMPTS


def test_a_tls_error_after_the_handshake_is_in_doubt(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that cannot be read, say: the library calls each of these an SSLError as well."""

    def breaks(*args: object, **more: object) -> None:
        raise requests.exceptions.SSLError("DECRYPTION_FAILED_OR_BAD_RECORD_MAC")

    client = make_client(server.url)
    monkeypatch.setattr(client._session, "request", breaks)
    with pytest.raises(ProviderError) as found:
        client.call("POST", "/x", key="k")
    assert found.value.code == "connection_lost" and found.value.in_doubt
