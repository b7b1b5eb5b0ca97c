# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seals a secret for its recipient, so that not even the operator who carries it can read it (R-DELIV-02, R-INV-06).

One file format for both kinds of key: age, whose recipients may be age keys or ssh public keys. The library is
``pyrage``, a binding of the maintained Rust implementation.
"""

from __future__ import annotations

import json
import os
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import durable_folder, write_private
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused

try:
    import pyrage

    HAS_PYRAGE = True
except ImportError:
    HAS_PYRAGE = False

_FILE_NAME = re.compile(r"[^A-Za-z0-9@._+-]")


def check_recipient(recipient: str) -> None:
    """:raises Refused: ``seal_to`` when this is no age or ssh public key, ``library_missing``."""
    _recipient(recipient)


def _recipient(text: str) -> t.Any:
    if not HAS_PYRAGE:
        raise Refused("library_missing", "Sealing needs the Python library pyrage.", "pip install 'pyrage>=1.2'")
    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text.strip())
    except Exception as error:  # the binding raises its own RecipientError, which has no public base class
        raise Refused(
            "seal_to",
            "seal_to %r is no age or ssh public key." % (text[:16] + "…" if len(text) > 16 else text),
            "Ask the recipient for an age1… key, or for an ssh-ed25519 or ssh-rsa public key.",
        ) from error


class Sealer:
    """Writes ``<directory>/<request_id>/<name>.age``, mode 0600 in folders of mode 0700.

    :param directory: made when needed.
    """

    def __init__(self, directory: str, request_id: str) -> None:
        self._parts = (directory, _FILE_NAME.sub("_", request_id) or "request")
        self._directory = os.path.join(*self._parts)

    def path(self, address: str) -> str:
        return os.path.join(self._directory, _FILE_NAME.sub("_", address) + ".age")

    def prepare(self) -> None:
        """Prove that a file can be written, before anything is asked of the provider.

        :raises JournalError: ``seal_not_writable``.
        """
        # Two runs may seal for one request.
        probe = os.path.join(self._directory, ".probe-%d" % os.getpid())
        try:
            durable_folder(*self._parts)
            write_private(probe, b"probe")
            os.unlink(probe)
        except OSError as error:
            raise self._failure(error) from error

    def seal(self, address: str, recipient: str, document: t.Mapping[str, t.Any]) -> str:
        """Encrypt *document* to *recipient* and put it in the address's file, on disk when this returns.

        :returns: the path.
        :raises JournalError: ``seal_not_writable``.
        """
        data = pyrage.encrypt(json.dumps(dict(document), sort_keys=True).encode("utf-8"), [_recipient(recipient)])
        path = self.path(address)
        try:
            write_private(path, data)
        except OSError as error:
            raise self._failure(error) from error
        return path

    def _failure(self, error: OSError) -> JournalError:
        return JournalError(
            "seal_not_writable",
            "The folder %s for sealed secrets cannot be written: %s." % (self._directory, error.strerror or error),
            "Make room or give access, then run again.",
        )
