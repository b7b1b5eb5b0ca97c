# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail servers on loopback that answer as a test wants them to, and a throw-away authority for their certificates."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "ann@client-a.test", "correct-horse/battery+Staple9"


class Authority:
    """A certificate authority that lives as long as a test folder."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = (
            self._builder(self._name, self._key.public_key(), 1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.path = folder / "ca.pem"
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: Any, days: int) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(now + datetime.timedelta(days=days))
        )

    def server(self, *names: str, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for *names*; negative *days* ago it ran out."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        made = (
            self._builder(subject, key.public_key(), days)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self.folder / ("%s.pem" % made.serial_number)
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


class Cut(Exception):
    """The server closes here."""


class Wire:
    """One connection as a server sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.secure = False
        # who has logged in, with what
        self.who: tuple[str, ...] = ()
        self._file = sock.makefile("rb")

    def line(self) -> str:
        raw = self._file.readline(1 << 20)
        if not raw:
            raise Cut
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    def send(self, text: str | bytes) -> None:
        raw = text.encode("utf-8") if isinstance(text, str) else text
        self.sock.sendall(raw if raw.endswith(b"\n") else raw + b"\r\n")

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self._file = self.sock.makefile("rb")
        self.secure = True


class Server(ABC):
    """Accepts connections on 127.0.0.1 and gives each to ``talk`` in a thread.

    :param answers: answer by step, instead of the usual one. A string or bytes is sent as it stands, ``None`` closes the
        connection, a number is waited for (seconds) before closing, a list is used up one by one.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, implicit: bool = False, answers: dict[str, Any] | None = None
    ) -> None:
        self.tls, self.implicit = tls, implicit
        self.answers = answers or {}
        # (line, was it said over TLS)
        self.heard: list[tuple[str, bool]] = []
        self.connections = 0
        self._stopped = threading.Event()
        self.wires: list[Wire] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @abstractmethod
    def talk(self, wire: Wire) -> None:
        """Serve one connection."""

    def knows(self, user: str, password: str) -> bool:
        return (user, password) == (USER, PASSWORD)

    def said(self, word: str) -> list[str]:
        return [line for line, _secure in self.heard if line.upper().startswith(word)]

    def stop(self) -> None:
        self._stopped.set()
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Close every connection without a word."""
        for wire in self.wires:
            with contextlib.suppress(OSError):
                # TLS puts another socket in the place of the first
                wire.sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                sock, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self.wires.append(Wire(sock))
            threading.Thread(target=self._serve, args=(self.wires[-1],), daemon=True).start()

    def _serve(self, wire: Wire) -> None:
        with contextlib.suppress(Cut, OSError, ValueError):
            if self.implicit and self.tls:
                wire.start_tls(self.tls)
            self.talk(wire)
        with contextlib.suppress(OSError):
            wire.sock.shutdown(socket.SHUT_RDWR)
        wire.sock.close()

    def hear(self, wire: Wire) -> str:
        line = wire.line()
        self.heard.append((line, wire.secure))
        return line

    def reply(self, wire: Wire, step: str, usual: str, tag: str = "") -> str:
        """Send the answer of *step*; returns it."""
        said = self.answers.get(step, usual)
        if isinstance(said, list):
            said = said.pop(0) if said else usual
        if said is None:
            raise Cut
        if isinstance(said, (int, float)):
            self._stopped.wait(said)
            raise Cut
        if isinstance(said, str):
            said = said.replace("{tag}", tag)
        wire.send(said)
        if isinstance(said, str) and said.startswith("* BYE"):
            raise Cut
        return said if isinstance(said, str) else said[:80].decode("latin-1")


class Smtp(Server):
    """Steps: connect, ehlo, ehlo_tls, starttls, auth, mail, rcpt, rcpt:ADDRESS, data, message, rset, quit."""

    extensions = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
    mechanisms = "PLAIN LOGIN"
    auth_before_tls = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.messages: list[tuple[str, str, str]] = []

    def talk(self, wire: Wire) -> None:
        if not self.reply(wire, "connect", "220 mail.client-a.test ESMTP").startswith("220"):
            return
        sender = recipient = ""
        while True:
            line = self.hear(wire)
            word = line.upper().split(":")[0].split(" ")[0]
            if word in ("EHLO", "LHLO"):
                self.reply(wire, "ehlo_tls" if wire.secure else "ehlo", self.offer(wire))
            elif word == "STARTTLS":
                if self.reply(wire, "starttls", "220 2.0.0 Ready").startswith("220") and self.tls:
                    wire.start_tls(self.tls)
            elif word == "AUTH":
                self.auth(wire, line)
            elif word == "MAIL":
                sender = re.sub(r".*<(.*)>.*", r"\1", line)
                self.reply(wire, "mail", "250 2.1.0 Ok")
            elif word == "RCPT":
                recipient = re.sub(r".*<(.*)>.*", r"\1", line)
                step = "rcpt:" + recipient if "rcpt:" + recipient in self.answers else "rcpt"
                if self.reply(wire, step, "250 2.1.5 Ok").startswith("421"):
                    return
            elif word == "DATA":
                if self.reply(wire, "data", "354 Go on").startswith("354"):
                    self.take(wire, sender, recipient)
            elif word == "RSET":
                self.reply(wire, "rset", "250 2.0.0 Ok")
            elif word == "QUIT":
                self.reply(wire, "quit", "221 2.0.0 Bye")
                return
            else:
                wire.send("500 5.5.2 What?")

    def offer(self, wire: Wire) -> str:
        lines = ["mail.client-a.test", *self.extensions]
        if self.tls and not wire.secure:
            lines.append("STARTTLS")
        if wire.secure or self.auth_before_tls:
            lines.append("AUTH " + self.mechanisms)
        return "".join("250-%s\r\n" % one for one in lines[:-1]) + "250 %s\r\n" % lines[-1]

    def auth(self, wire: Wire, line: str) -> None:
        words = line.split(" ")
        if words[1] == "LOGIN":
            wire.send("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.hear(wire)).decode()
            wire.send("334 UGFzc3dvcmQ6")
            given = (user, base64.b64decode(self.hear(wire)).decode())
        else:
            given = tuple(base64.b64decode(words[2]).decode().split("\0")[1:])  # type: ignore[assignment]
        right = self.knows(*given)
        self.reply(wire, "auth", "235 2.7.0 Welcome" if right else "535 5.7.8 Authentication credentials invalid")

    def take(self, wire: Wire, sender: str, recipient: str) -> None:
        lines = []
        while (line := wire.line()) != ".":
            lines.append(line)
        if self.reply(wire, "message", "250 2.0.0 Queued as 1").startswith("250"):
            self.messages.append((sender, recipient, "\n".join(lines)))


class Imap(Server):
    """Steps: connect, starttls, login, noop, select, search, fetch, list, store, expunge. ``mail`` is what lies in INBOX."""

    plain = True
    login_disabled = False
    preauth = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.mail: list[str] = []
        self.junk: list[str] = []
        # What was ever found, by its UID less one: another session may remove what is before it (RFC 9051 2.3.1.1).
        self.found: list[str] = []

    def capabilities(self, wire: Wire) -> str:
        words = ["IMAP4rev1", "UIDPLUS"]
        if self.tls and not wire.secure:
            words += ["STARTTLS", "LOGINDISABLED"]
        elif self.plain:
            words.append("AUTH=PLAIN")
        if self.login_disabled:
            words.append("LOGINDISABLED")
        return " ".join(words)

    def talk(self, wire: Wire) -> None:
        self.reply(wire, "connect", "* PREAUTH hello" if self.preauth else "* OK ready")
        self.folder = self.mail
        while True:
            line = self.hear(wire)
            tag, _space, rest = line.partition(" ")
            words = rest.split(" ")
            word = words[0].upper()
            if word == "CAPABILITY":
                wire.send("* CAPABILITY %s\r\n%s OK done" % (self.capabilities(wire), tag))
            elif word == "STARTTLS":
                if " OK" in self.reply(wire, "starttls", "{tag} OK go", tag) and self.tls:
                    wire.start_tls(self.tls)
            elif word == "AUTHENTICATE":
                wire.send("+ ")
                self.login(wire, tag, base64.b64decode(self.hear(wire)).decode().split("\0")[1:])
            elif word == "LOGIN":
                self.login(wire, tag, [words[1].strip('"'), words[2].strip('"')])
            elif word == "NOOP":
                self.reply(wire, "noop", "{tag} OK done", tag)
            elif word in ("SELECT", "EXAMINE"):
                self.folder = self.junk if "Junk" in rest else self.mail
                usual = "* %d EXISTS\r\n{tag} OK [READ-%s] done" % (
                    len(self.folder), "ONLY" if word == "EXAMINE" else "WRITE",
                )  # fmt: skip
                self.reply(wire, "select", usual, tag)
            elif word == "LIST":
                self.reply(wire, "list", '* LIST (\\Junk) "/" "Junk"\r\n{tag} OK done', tag)
            elif word == "UID":
                self.uid(wire, tag, words[1].upper(), rest)
            elif word == "LOGOUT":
                wire.send("* BYE\r\n%s OK done" % tag)
                return
            else:
                wire.send("%s BAD what" % tag)

    def login(self, wire: Wire, tag: str, given: list[str]) -> None:
        if self.knows(*given):
            wire.who = tuple(given)
            self.reply(wire, "login", "{tag} OK welcome", tag)
        else:
            self.reply(wire, "login", "{tag} NO [AUTHENTICATIONFAILED] Authentication failed.", tag)

    def uid(self, wire: Wire, tag: str, verb: str, rest: str) -> None:
        if verb == "SEARCH":
            words = rest.split(" ")
            if words[2] == "HEADER":
                pattern = re.compile(r"^%s:.*%s" % (words[3], re.escape(words[4].strip('"'))), re.I | re.M)
                hits = [one for one in self.folder if pattern.search(one.partition("\n\n")[0])]
            elif words[2] == "SUBJECT":
                pattern = re.compile(r"^Subject:.*" + words[3], re.I | re.M)
                hits = [one for one in self.folder if pattern.search(one.partition("\n\n")[0])]
            else:
                hits = [one for one in self.folder if words[3] in one]
            uids = [str(self.uid_of(text)) for text in hits]
            self.reply(wire, "search", "* SEARCH %s\r\n{tag} OK done" % " ".join(uids), tag)
        elif verb == "FETCH":
            number = int(rest.split(" ")[2])
            text = self.found[number - 1]
            raw = (text.partition("\n\n")[0] + "\n\n" if "HEADER" in rest else text).replace("\n", "\r\n").encode()
            usual = "* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n{tag} OK done" % (number, number, len(raw), raw.decode())
            self.reply(wire, "fetch", usual, tag)
        elif verb == "STORE":
            self.reply(wire, "store", "{tag} OK done", tag)
        elif verb == "EXPUNGE":
            for number in map(int, rest.split(" ")[2].split(",")):
                with contextlib.suppress(ValueError):
                    self.mail.remove(self.found[number - 1])
            self.reply(wire, "expunge", "{tag} OK done", tag)

    def uid_of(self, text: str) -> int:
        if text not in self.found:
            self.found.append(text)
        return self.found.index(text) + 1
