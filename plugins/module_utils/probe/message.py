# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message that a probe sends, the account it is sent from, and the report that comes back when it fails."""

from __future__ import annotations

import dataclasses
import email.message
import email.parser
import email.policy
import email.utils
import re
import secrets
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import Diagnosis, lookup, outcome, parse_reply

HEADER = "X-Mailops-Probe"
_TOKEN = re.compile(r"mp-[0-9a-f]{32}")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})")
_ANSWER = re.compile(r"\s*(\d{3})[ -](.*)", re.DOTALL)
_STATES = {"2": 250, "4": 450, "5": 550}


@dataclasses.dataclass(frozen=True)
class Account:
    """Who logs in. ``address`` is the mailbox; the user name where it is empty.

    :raises Refused: ``account_invalid``; the message never holds the password.
    """

    user: str
    password: str = dataclasses.field(repr=False)
    address: str = ""

    def __post_init__(self) -> None:
        if not self.user or not self.password or re.search(r"[\0\r\n]", self.user + self.password):
            raise Refused(
                "account_invalid",
                "A probe's user name or password is empty, or holds a line end or a NUL.",
                "Give both, each on one line.",
            )

    @property
    def mailbox(self) -> str:
        return self.address or self.user


def new_token() -> str:
    """A token that nobody guesses and no other message has."""
    return "mp-" + secrets.token_hex(16)


def check_token(token: str) -> str:
    """*token*. :raises Refused: ``token_invalid``; what is searched for and removed is the probe's own, or nothing."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Refused("token_invalid", "A token was not made by the probe.", "Take one from new_token().")
    return token


def envelope(address: str) -> str:
    """*address* as it goes into a command; empty stays the null sender. :raises Refused: ``address_invalid``."""
    return normalise_contact(address) if address else ""


def message_id(token: str, sender: str) -> str:
    return "<%s@%s>" % (check_token(token), sender.partition("@")[2] or "localhost")


def build_message(sender: str, recipient: str, token: str, about: str = "") -> email.message.EmailMessage:
    """A short plain message that no automatic responder should answer (RFC 3834 section 5).

    :param about: one line for a person who finds it, such as a request's id; never a secret.
    :raises Refused: ``address_invalid`` or ``token_invalid``.
    """
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = envelope(sender)
    message["To"] = envelope(recipient)
    message["Subject"] = "Mail check " + check_token(token)
    message["Date"] = email.utils.formatdate(usegmt=True)
    message["Message-ID"] = message_id(token, envelope(sender))
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message[HEADER] = token
    said = re.sub(r"[^ -~]+", " ", about)[:200].strip()
    message.set_content(
        "This message checks that mail flows. Nothing has to be done, and it may be deleted.\n%s"
        % (said and said + "\n")
    )
    return message


@dataclasses.dataclass(frozen=True)
class Seen:
    """A message found in the mailbox. ``bounce`` is the diagnosis of a report of failed delivery, else None."""

    uid: str
    bounce: Diagnosis | None = None
    evidence: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


def read_report(raw: bytes) -> Diagnosis | None:
    """What a report of failed delivery says (RFC 3464); None for any other message, or a report of delay or success."""
    message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(raw)
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in t.cast("list[t.Any]", part.get_payload() if part.is_multipart() else []):
            if str(fields.get("Action", "")).strip().lower() == "failed":
                return _failed(str(fields.get("Status", "")), str(fields.get("Diagnostic-Code", "")))
    return None


def _failed(status: str, diagnostic: str) -> Diagnosis:
    found = _STATUS.match(status)
    enhanced = found.group(1) if found else ""
    kind, _semicolon, said = diagnostic.partition(";")
    answer = _ANSWER.match(said) if kind.strip().lower() == "smtp" else None
    reply = parse_reply(int(answer.group(1)), answer.group(2)) if answer else parse_reply(0, said or diagnostic)
    if reply.basic or enhanced:
        basic = reply.basic or _STATES.get(enhanced[:1], 0)
        return lookup(basic, reply.enhanced or enhanced, "rcpt", reply.text)
    return outcome("bounced", reply.text)
