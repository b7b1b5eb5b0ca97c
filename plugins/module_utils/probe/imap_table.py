# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What IMAP servers answer (RFC 9051 section 7.1, RFC 5530), and how a connection or a check fails: data only."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.probe.smtp_table import Row

# "[CODE]" of a response, or its status; "@login" narrows it to logging in.
# fmt: off
IMAP: tuple[Row, ...] = (
    ("[AUTHENTICATIONFAILED]", "auth_failed", "no", "authentication failed", "wrong user name or password, or the account may not log in"),
    ("[AUTHORIZATIONFAILED]", "auth_failed", "no", "the account may not act as this mailbox", "the credentials are right, the permission is missing"),
    ("[EXPIRED]", "auth_failed", "no", "the credentials have expired", "a password or token that has run out"),
    ("[PRIVACYREQUIRED]", "tls_required", "no", "encryption is needed", "a password was offered without TLS"),
    ("[CONTACTADMIN]", "account_disabled", "no", "the administrator has to be asked", "the account was locked"),
    ("[UNAVAILABLE]", "server_error", "later", "a part of the server is down", "the user database or the store does not answer"),
    ("[INUSE]", "server_error", "later", "the mailbox is in use", "another session holds a lock on it"),
    ("[LIMIT]", "limits", "backoff", "a limit is reached", "too many connections of one user or address"),
    ("[OVERQUOTA]", "resource", "later", "the mailbox is full", "its quota is used up"),
    ("[NOPERM]", "account_disabled", "no", "the account may not do this", "a right on the mailbox is missing"),
    ("[NONEXISTENT]", "recipient_unknown", "no", "no such folder", "the mailbox has no INBOX yet, or another store"),
    ("[ALREADYEXISTS]", "protocol", "no", "the folder is there already", "nothing that a probe asks for"),
    ("[CANNOT]", "unsupported", "no", "the server cannot do this", "a name or an action that the store does not have"),
    ("[EXPUNGEISSUED]", "server_error", "later", "messages were removed meanwhile", "another session works in the mailbox"),
    ("[CORRUPTION]", "server_error", "no", "the mailbox is damaged", "the store needs repair"),
    ("[SERVERBUG]", "server_error", "later", "the server met a fault of its own", "a bug, or a broken store"),
    ("[CLIENTBUG]", "protocol", "no", "the server blames the client", "something between changes the commands"),
    ("[ALERT]", "unknown", "no", "the server wants a person to read its text", "often an app password or a confirmation in the browser"),
    ("NO@login", "auth_failed", "no", "the login was refused", "wrong user name or password; the server names no reason"),
    ("NO", "unknown", "no", "refused", "the reply's text says more"),
    ("BAD", "protocol", "no", "the command was not understood", "not this service, or something between changes the commands"),
    ("BYE@connect", "deferred", "backoff", "the server ends the connection at once", "overload, maintenance, or a limit of connections"),
    ("BYE", "server_error", "later", "the server ends the session", "a shutdown, a timeout, or an administrator"),
    ("OK", "ok", "no", "accepted", "nothing is wrong"),
)

# What is no answer of a server: how connecting fails, and what a check finds.
OUTCOMES: tuple[Row, ...] = (
    ("passed", "ok", "no", "the check passed", "nothing is wrong"),
    ("dns_not_found", "dns", "later", "the host name has no address", "misspelt, or the record is missing or not yet known here"),
    ("refused", "network", "later", "the connection was refused", "nothing listens on this port"),
    ("unreachable", "network", "later", "the host cannot be reached", "no route, or a firewall"),
    ("timeout", "network", "later", "no answer in time", "a firewall that drops, an overloaded server, or the wrong kind of TLS for this port"),
    ("closed", "network", "later", "the connection was closed", "the server gave up, or does not serve this client"),
    ("tls_untrusted", "tls", "no", "the certificate is not trusted", "self-signed, an intermediate is missing, or a private authority without ca_path"),
    ("tls_expired", "tls", "no", "the certificate is not valid today", "it has expired, is not valid yet, or a clock is wrong"),
    ("tls_name_mismatch", "tls", "no", "the certificate is for another name", "the host is given by another name than the certificate's"),
    ("tls_failed", "tls", "no", "the TLS handshake failed", "no common protocol or cipher (TLS 1.2 is the least), or a port without TLS"),
    ("starttls_missing", "tls", "no", "the server does not offer STARTTLS", "the wrong port, or something between removes the offer"),
    ("starttls_refused", "tls", "no", "the server offers STARTTLS and refuses it", "a fault in its settings"),
    ("auth_missing", "auth_method", "no", "the server offers no AUTH over TLS", "not the submission port"),
    ("auth_mechanism", "auth_method", "no", "no common way to log in", "the server offers neither PLAIN nor LOGIN"),
    ("preauth", "protocol", "no", "the server lets anybody in", "a session that began without logging in proves nothing"),
    ("garbled", "protocol", "no", "the answer is none of this protocol", "the wrong port, or an answer longer than any server gives"),
    ("not_seen", "not_seen", "later", "the message was not seen in the mailbox", "it waits in a queue, or it went elsewhere"),
    ("in_junk", "junk", "no", "the message was found in the junk folder", "a filter does not trust the sender"),
    ("bounced", "bounced", "no", "a report of failed delivery came back", "the report's status says more"),
    ("login_still_accepted", "still_open", "later", "the credentials still work", "not revoked, or a cache still holds them"),
    ("session_alive", "still_open", "later", "the session still works", "it was not ended when the access was revoked"),
    ("refusal_unproven", "unproven", "later", "refused, but not for the credentials", "the reply names another reason than a failed authentication"),
    ("session_unproven", "unproven", "later", "the session does not answer, and nothing ended it", "a line that is dead is no session that was ended"),
    ("session_end_unsupported", "unsupported", "no", "the platform cannot end sessions", "an open session lasts until the server or the client closes it"),
    ("nothing_to_check", "setup", "no", "there was nothing to check", "the list of addresses is empty"),
    ("setup_refused", "setup", "no", "the probe refused its settings", "an endpoint, an address or a file is not as it has to be"),
    ("internal_error", "setup", "no", "the check broke", "a fault in the probe; the type of the error is in the evidence"),
)
# fmt: on
