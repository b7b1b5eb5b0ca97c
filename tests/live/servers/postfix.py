# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private Postfix 3.7. Its master must be root; everything it writes is below one folder, and what it cannot deliver here
goes to the sink, whatever the domain: nothing leaves the machine."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from .processes import HOST, Server, ServerError, environment, free_port, run

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {log}
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mail.agency.test
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
virtual_transport = lmtp:inet:{host}:{lmtp_port}
default_transport = smtp:[{host}]:{sink_port}
relay_transport = smtp:[{host}]:{sink_port}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_client_event_limit_exceptions = static:all
smtpd_error_sleep_time = 0
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
in_flow_delay = 0
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
{maps}
"""
# One connection per smtpd: it would remember for seconds how an address resolved, and a test has just changed that.
_MASTER = """
{host}:{smtp_port} inet n - n - - smtpd
  -o max_use=1
{host}:{submission_port} inet n - n - - smtpd
  -o max_use=1
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
{host}:{internal_port} inet n - n - - smtpd
  -o mynetworks={host}
  -o smtpd_relay_restrictions=permit_mynetworks,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
  -o max_use=1
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Three ports: ``smtp_port`` takes mail for our domains from outside, ``submission_port`` mail of people who sign in, and
    ``internal_port`` anything (the mail of the platform itself)."""

    def __init__(
        self, folder: Path, maps: Mapping[str, str], *, certificate: Path, key: Path, sasl: Path, lmtp_port: int, sink_port: int,
        internal_port: int = 0,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.log = folder / "mail.log"
        self.smtp_port, self.submission_port = free_port(), free_port()
        self.internal_port = internal_port or free_port()
        config = folder / "etc"
        for name in ("etc", "data", "queue"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        owner = pwd.getpwnam("postfix")
        os.chown(folder / "data", owner.pw_uid, -1)
        lines = "\n".join(f"{name} = {value}" for name, value in maps.items())
        main = _MAIN.format(
            folder=folder, log=self.log, host=HOST, lmtp_port=lmtp_port, sink_port=sink_port, certificate=certificate, key=key,
            sasl=sasl, maps=lines,
        )  # fmt: skip
        master = _MASTER.format(
            host=HOST, smtp_port=self.smtp_port, submission_port=self.submission_port, internal_port=self.internal_port
        )
        (config / "main.cf").write_text(main, encoding="utf-8")
        (config / "master.cf").write_text(master, encoding="utf-8")
        ports = [self.smtp_port, self.submission_port, self.internal_port]
        self.config = config
        # `postfix start-fg` would stand between us and the master, and end without it
        self.server = Server(
            "Postfix", ["/usr/lib/postfix/sbin/master", "-c", config, "-s"], folder / "start.log", ports=ports, banner=True,
            env=environment(folder, MAIL_CONFIG=str(config)), cwd=folder, leads=False,
        )  # fmt: skip

    def launch(self) -> None:
        """Make the queue's folders, start the master and do not wait."""
        run(["postfix", "-c", self.config, "check"], self.folder)
        self.server.launch()

    def ready(self) -> None:
        """Wait until the launched server answers."""
        try:
            self.server.ready()
        except ServerError as error:
            text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
            raise ServerError(str(error) + "\n" + "\n".join(text.splitlines()[-15:])) from error

    def stop(self) -> None:
        self.server.stop()
