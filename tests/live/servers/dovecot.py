# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private Dovecot 2.3: IMAP, LMTP, authentication for Postfix, and doveadm over HTTP."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from .processes import HOST, Server, environment, free_port

# Owns the mail; no such user has to exist.
MAIL_ID = 5000

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = {host}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Lu
auth_verbose = yes
# a test logs in wrongly on purpose and must not be slowed down for it
auth_failure_delay = 0
mail_plugins = quota
mail_location = maildir:{folder}/mail/%d/%n/Maildir
mail_uid = {owner}
mail_gid = {owner}
first_valid_uid = {owner}
first_valid_gid = {owner}
doveadm_api_key = {doveadm_key}
plugin {{
  quota = maildir:User quota
}}
protocol imap {{
  mail_plugins = quota imap_quota
}}
protocol lmtp {{
  postmaster_address = postmaster@mail.agency.test
  quota_full_tempfail = no
}}
namespace inbox {{
  inbox = yes
}}
{passdbs}
userdb {{
  driver = sql
  args = {userdb}
  default_fields = uid={owner} gid={owner} home={folder}/mail/%d/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {lmtp_port}
  }}
}}
service doveadm {{
  inet_listener http {{
    address = {host}
    port = {doveadm_port}
  }}
}}
{after_login}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener postfix-sasl {{
    mode = 0666
  }}
}}
"""


_AFTER_LOGIN = """
service imap {
  executable = imap after-login
}
service after-login {
  executable = script-login %s
  user = root
  unix_listener after-login {
  }
}
"""


class Dovecot:
    """:param queries: SQL files, the first also the userdb (stores.py).
    :param after_login: script that is run at each login.
    """

    def __init__(
        self, folder: Path, queries: Sequence[Path], certificate: Path, key: Path, after_login: Path | None = None
    ) -> None:
        self.folder = folder
        self.imap_port, self.imaps_port, self.lmtp_port, self.doveadm_port = (free_port() for dummy in range(4))
        self.doveadm_url = f"http://{HOST}:{self.doveadm_port}/doveadm/v1"
        self.doveadm_key = secrets.token_urlsafe(24)
        self.sasl = folder / "run" / "postfix-sasl"
        self.config = folder / "dovecot.conf"
        passdbs = "\n".join(f"passdb {{\n  driver = sql\n  args = {path}\n}}" for path in queries)
        text = _CONFIG.format(
            folder=folder, host=HOST, certificate=certificate, key=key, owner=MAIL_ID, passdbs=passdbs, userdb=queries[0],
            doveadm_key=self.doveadm_key, imap_port=self.imap_port, imaps_port=self.imaps_port, lmtp_port=self.lmtp_port,
            doveadm_port=self.doveadm_port, after_login=_AFTER_LOGIN % after_login if after_login else "",
        )  # fmt: skip
        self.config.touch(mode=0o600)
        self.config.write_text(text, encoding="utf-8")
        self.mail = folder / "mail"
        self.mail.mkdir()
        os.chown(self.mail, MAIL_ID, MAIL_ID)
        ports = [self.imap_port, self.lmtp_port, self.imaps_port, self.doveadm_port]
        self.server = Server(
            "Dovecot", ["dovecot", "-F", "-c", self.config], folder / "log", ports=ports, env=environment(folder)
        )

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()
