# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pseudonyms for people in what leaves: ``h:`` and the HMAC-SHA256 of their address under a key of the client.

A plain hash of an address can be guessed; one under a key that is kept apart cannot, and is nobody's once the key is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import open_private, private_folder
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Event, Record

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]*[^\s@<>\"'(),;:.]")
# Whose values are of a person, address or not.
_PERSONAL = frozenset(
    "owner owner_email recipient manager manager_email contact contact_email display_name full_name first_name last_name "
    "department phone".split()
)
# Who acted and who allowed it is what the trail is for; the object is what it is about.
_KEPT = frozenset(("actor", "approver", "object", "tool_version", "provider"))
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class Pseudonyms:
    """Replaces people's addresses by pseudonyms that are the same for the same person of the same client.

    :param folder: of the keys, ``<client>.key``; made with mode 0700, keys with 0600, when they are not there.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def of(self, client: str, text: str) -> str:
        """The pseudonym of an address or a name.

        :raises OSError: when there is no key and none can be made.
        """
        key = self._keys.get(client) or self._key(client)
        return "h:" + hmac.new(key, text.strip().lower().encode("utf-8"), hashlib.sha256).hexdigest()

    def apply(self, record: Record) -> Record:
        """A copy without people: what stands under a personal name, and each address outside the object's own domain."""
        event = record.event
        thing = event.get("object") or {}
        scope = (str(thing.get("client") or ""), str(thing.get("domain") or ""))
        changed: Event = {
            name: value if name in _KEPT else self._walk(name, value, *scope) for name, value in event.items()
        }
        return Record(changed, record.digest)

    def _walk(self, name: str, value: t.Any, client: str, domain: str) -> t.Any:
        if isinstance(value, str):
            return self._text(name, value, client, domain)
        if isinstance(value, dict):
            return {key: one if key in _KEPT else self._walk(key, one, client, domain) for key, one in value.items()}
        if isinstance(value, list):
            return [self._walk(name, one, client, domain) for one in value]
        return value

    def _text(self, name: str, text: str, client: str, domain: str) -> str:
        if name in _PERSONAL and text:
            return self.of(client, text)
        if "@" not in text or name == "task_id":
            return text

        def replace(found: re.Match[str]) -> str:
            address = found.group(0)
            inside = domain and address.rpartition("@")[2].lower() == domain
            return address if inside else self.of(client, address)

        return _ADDRESS.sub(replace, text)

    def _key(self, client: str) -> bytes:
        name = client if _FILE_NAME.match(client) else "_" + hashlib.sha256(client.encode("utf-8")).hexdigest()[:32]
        path = os.path.join(private_folder(self._folder), name + ".key")
        try:
            handle = open_private(path, os.O_WRONLY | os.O_EXCL)
        except FileExistsError:
            with open(path, "rb") as file:
                key = file.read().strip()
        else:
            key = secrets.token_hex(32).encode()
            with os.fdopen(handle, "wb") as file:
                file.write(key + b"\n")
                file.flush()
                os.fsync(file.fileno())
        if len(key) < 32:
            raise OSError(0, "%s holds no key" % path)
        self._keys[client] = key
        return key
