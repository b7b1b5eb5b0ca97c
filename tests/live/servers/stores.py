# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Postfix and Dovecot look accounts up: in Modoboa's PostgreSQL, or in the sandbox's own SQLite file.

A store writes Postfix maps into a folder and returns ``{parameter of main.cf: map}``, and writes one Dovecot SQL file per passdb.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from .modoboa import Modoboa


class Store(Protocol):
    """What MailServers needs to know of a store."""

    def maps(self, folder: Path) -> dict[str, str]:
        """Write the maps and return the parameters that name them."""

    def queries(self, folder: Path) -> list[Path]:
        """Write Dovecot's SQL files; the first is also the userdb, the others are passdbs that are tried after it."""

    def after_login(self, folder: Path) -> Path | None:
        """Write a script that Dovecot runs at each login, None when there is nothing to do."""


def _write(path: Path, **settings: str) -> Path:
    """Write ``name = value`` lines, each value on one line, for root alone."""
    path.touch(mode=0o600)
    path.write_text(
        "".join(f"{name} = {' '.join(value.split())}\n" for name, value in settings.items()), encoding="utf-8"
    )
    return path


# Without a mailbox map, which Modoboa does not ship, Postfix takes every recipient of a domain and bounces later.
_MODOBOA_BOXES = """
SELECT 1 FROM core_user u JOIN admin_mailbox m ON m.user_id = u.id JOIN admin_domain d ON d.id = m.domain_id
WHERE u.email = lower('%s') AND u.is_active AND d.enabled
"""
_MODOBOA_LOGIN = """
SELECT u.email AS user, u.password
FROM core_user u JOIN admin_mailbox m ON m.user_id = u.id JOIN admin_domain d ON d.id = m.domain_id
WHERE u.email = '%Lu' AND u.is_active AND d.enabled AND (m.is_send_only IS NOT TRUE OR '%s' NOT IN ('imap', 'pop3'))
"""
# Modoboa counts in MB. A disabled person's mail that is already in the queue is still kept.
_MODOBOA_USER = """
SELECT '*:storage=' || m.quota || 'M' AS quota_rule
FROM core_user u JOIN admin_mailbox m ON m.user_id = u.id JOIN admin_domain d ON d.id = m.domain_id
WHERE u.email = '%Lu'
"""


class ModoboaStore:
    """Maps as Modoboa generates them, and a mailbox map."""

    def __init__(self, modoboa: Modoboa) -> None:
        self.modoboa = modoboa

    def maps(self, folder: Path) -> dict[str, str]:
        self.modoboa.maps(folder)
        head = (folder / "sql-domains.cf").read_text(encoding="utf-8").rpartition("query =")[0]
        (folder / "sql-mailboxes.cf").write_text(
            f"{head}query = {' '.join(_MODOBOA_BOXES.split())}\n", encoding="utf-8"
        )
        return {
            "virtual_mailbox_domains": f"proxy:pgsql:{folder}/sql-domains.cf",
            "virtual_alias_domains": f"proxy:pgsql:{folder}/sql-domain-aliases.cf",
            "virtual_alias_maps": f"proxy:pgsql:{folder}/sql-aliases.cf",
            "virtual_mailbox_maps": f"proxy:pgsql:{folder}/sql-mailboxes.cf",
            "smtpd_sender_login_maps": f"proxy:pgsql:{folder}/sql-sender-login-map.cf",
        }

    def queries(self, folder: Path) -> list[Path]:
        path = folder / "modoboa-sql.conf"
        _write(
            path, driver="pgsql", connect=self.modoboa.connection, default_pass_scheme="CRYPT", password_query=_MODOBOA_LOGIN,
            user_query=_MODOBOA_USER, iterate_query="SELECT email AS user FROM core_user WHERE is_active AND email <> ''",
        )  # fmt: skip
        return [path]

    def after_login(self, folder: Path) -> Path:
        """Modoboa's own installer has Dovecot note each login in this field; its API shows it."""
        path = folder / "after-login"
        statement = "UPDATE core_user SET last_login = now() WHERE username = :'name';"
        path.write_text(
            "#!/bin/sh\n"
            f'echo "{statement}" | psql -q -v ON_ERROR_STOP=1 -v name="$USER" \'{self.modoboa.connection}\' >&2\n'
            'exec "$@"\n',
            encoding="utf-8",
        )
        path.chmod(0o700)
        return path


_DOMAINS = "SELECT 1 FROM domain WHERE name = lower('%s') AND mail_hosting = 'trekmail' AND status = 'active'"
# Login suspension closes the login while mail still arrives; `paused` closes both.
_BOXES = "SELECT 1 FROM mailbox WHERE email = lower('%s') AND status = 'active'"
# An address that is somebody's, in whatever state, must not fall through to the catch-all: it then stands for itself.
# Order: forward of an address, alias, forward of a mailbox, itself, catch-all.
_ALIASES = """
WITH fwd AS (SELECT * FROM forwarding_address WHERE email = lower('%s')),
     ali AS (SELECT * FROM alias WHERE email = lower('%s')),
     box AS (SELECT * FROM mailbox WHERE email = lower('%s') AND status <> 'trashed')
SELECT r.value FROM fwd, json_each(fwd.recipients) r WHERE fwd.is_active
UNION SELECT m.email FROM ali JOIN mailbox m ON m.id = ali.mailbox_id WHERE ali.is_active AND ali.can_receive
UNION SELECT t.value FROM box, json_each(box.fwd_targets) t WHERE box.fwd_enabled AND box.status = 'active'
UNION SELECT email FROM box WHERE NOT box.fwd_enabled OR box.fwd_keep_copy OR box.status <> 'active'
UNION SELECT email FROM fwd WHERE NOT is_active
UNION SELECT email FROM ali WHERE NOT (is_active AND can_receive)
UNION SELECT catch_all_destination FROM domain WHERE '@' || name = lower('%s') AND catch_all_enabled
"""
# What exists and takes no mail at the moment is refused at once; Postfix would take what an alias map knows and bounce it.
_CLOSED = """
SELECT '550 5.2.1 ' || email || ' takes no mail' FROM (
    SELECT email FROM mailbox WHERE email = lower('%s') AND status = 'paused'
    UNION SELECT email FROM forwarding_address WHERE email = lower('%s') AND NOT is_active
    UNION SELECT email FROM alias WHERE email = lower('%s') AND NOT (is_active AND can_receive)
    UNION SELECT a.email FROM alias a JOIN mailbox m ON m.id = a.mailbox_id WHERE a.email = lower('%s') AND m.status = 'paused')
"""
_SENDERS = """
SELECT email FROM mailbox WHERE email = lower('%s') AND status = 'active'
UNION SELECT m.email FROM alias a JOIN mailbox m ON m.id = a.mailbox_id WHERE a.email = lower('%s') AND a.is_active AND a.can_send
UNION SELECT p.email FROM member b JOIN mailbox s ON s.id = b.mailbox_id JOIN mailbox p ON p.id = b.member_mailbox_id
      WHERE s.email = lower('%s') AND s.status = 'active' AND b.can_send
"""
_LOGIN = """
SELECT m.email AS user, m.password FROM mailbox m JOIN domain d ON d.id = m.domain_id
WHERE m.email = '%Lu' AND m.status = 'active' AND NOT m.login_suspended AND m.type <> 'shared' AND d.status <> 'suspended'
      AND m.client_auth_mode = 'password_or_app_password'
"""
# Dovecot takes one row per lookup, so each of the newest app passwords has a lookup of its own.
_APP_LOGIN = """
SELECT m.email AS user, a.password FROM mailbox m JOIN domain d ON d.id = m.domain_id JOIN app_password a ON a.mailbox_id = m.id
WHERE m.email = '%Lu' AND m.status = 'active' AND NOT m.login_suspended AND m.type <> 'shared' AND d.status <> 'suspended'
      AND a.revoked_at IS NULL ORDER BY a.id DESC LIMIT 1 OFFSET
"""
_APP_PASSWORDS = 3
_USER = """
SELECT '*:storage=' || coalesce(allocation_mb, 0) || 'M' AS quota_rule FROM mailbox WHERE email = '%Lu' AND status = 'active'
"""


class SandboxStore:
    """The sandbox's database, read while it runs. ``open_up`` lets Postfix in; the sandbox's own default stays 0600."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.database = data / "sandbox.sqlite3"

    def open_up(self) -> None:
        """Let the group ``postfix`` read; a reader of a WAL database also writes its -shm file. Again after a restart."""
        files = [(path, 0o660) for path in self.data.iterdir()]
        for path, mode in ((self.data.parent, 0o710), (self.data, 0o770), *files):
            shutil.chown(path, group="postfix")
            path.chmod(mode)

    def maps(self, folder: Path) -> dict[str, str]:
        folder.mkdir(parents=True, exist_ok=True)
        queries = {
            "virtual_mailbox_domains": _DOMAINS,
            "virtual_mailbox_maps": _BOXES,
            "virtual_alias_maps": _ALIASES,
            "smtpd_recipient_restrictions": _CLOSED,
            "smtpd_sender_login_maps": _SENDERS,
        }
        made = {}
        for name, query in queries.items():
            made[name] = _write(folder / f"{name}.cf", dbpath=str(self.database), query=query)
            # proxymap opens it as this user
            shutil.chown(made[name], group="postfix")
            made[name].chmod(0o640)
        parameters = {name: f"proxy:sqlite:{path}" for name, path in made.items()}
        return {
            **parameters,
            "smtpd_recipient_restrictions": "check_recipient_access " + parameters["smtpd_recipient_restrictions"],
        }

    def queries(self, folder: Path) -> list[Path]:
        """Dovecot looks up as root in processes of their own, so it needs no leave to read."""
        logins = [_LOGIN, *(_APP_LOGIN + str(place) for place in range(_APP_PASSWORDS))]
        common = {
            "driver": "sqlite",
            "connect": str(self.database),
            "default_pass_scheme": "PBKDF2",
            "user_query": _USER,
            "iterate_query": "SELECT email AS user FROM mailbox WHERE status = 'active'",
        }
        return [
            _write(folder / f"sandbox-sql-{number}.conf", **common, password_query=login)
            for number, login in enumerate(logins)
        ]

    def after_login(self, folder: Path) -> None:
        return None
