# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checked mailboxes of a request, handed from one task to the next in a file.

As results and arguments ten thousand of them cost a second of a run, and a controller would store them twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils.files import private_folder, write_private
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.shell.plain_items import plain

Items = list[dict[str, t.Any]]


def leave(path: str, items: Items) -> str:
    """Write *items* to *path*, mode 0600, and return the digest by which the next task knows them.

    :raises Refused: ``mailboxes_file_not_writable``.
    """
    data = json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    try:
        private_folder(os.path.dirname(path) or ".")
        write_private(path, data)
    except OSError as error:
        raise Refused(
            "mailboxes_file_not_writable",
            "The file of mailboxes %s cannot be written: %s." % (path, error.strerror),
            "Choose another path.",
        ) from error
    return _digest(data)


def take(path: str, digest: str, option: t.Mapping[str, t.Any]) -> Items:
    """The items that :func:`leave` has written, and nothing else.

    :param option: specification of the list that they stand for.

    :raises Refused: ``mailboxes_file_unreadable``, ``mailboxes_file_changed``.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Refused(
            "mailboxes_file_unreadable",
            "The file of mailboxes %s cannot be read: %s." % (path, error.strerror),
            "Check the request again, on this host: the task that checks it writes the file, and the task that carries it out "
            "removes it.",
        ) from error
    items = _items(data, option) if _digest(data) == digest else None
    if items is not None:
        return items
    raise Refused(
        "mailboxes_file_changed",
        "The file of mailboxes %s is not the one that was checked." % path,
        "Check the request again, and let nothing else write the file.",
    )


def _items(data: bytes, option: t.Mapping[str, t.Any]) -> Items | None:
    """As Ansible would have taken them for the option; None when it would not."""
    try:
        items = json.loads(data)
    except ValueError:
        return None
    if plain(items, option):
        return t.cast(Items, items)
    checked = ArgumentSpecValidator({"items": option}).validate({"items": items})
    return None if checked.error_messages else t.cast(Items, checked.validated_parameters["items"])


def discard(path: str) -> None:
    """It holds personal data, and is of no use any more."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
