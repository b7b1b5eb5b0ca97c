# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents beside the journal's lines: named by their own digest, so none is ever overwritten with another."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, canonical_json, digest

_NAME = re.compile(r"[^A-Za-z0-9@._+-]|^\.+$")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of document.

    :param spec: name and version of its form, a field of each document.
    :param domain: separation prefix of its digest.
    :param damaged: code where one that is read is not what was recorded.
    :param called: what people call it.
    :param mend: what to do when it is damaged.
    """

    spec: str
    domain: bytes
    folder: str
    damaged: str
    called: str
    mend: str

    def sealed(self, parts: t.Sequence[str], document: t.Mapping[str, t.Any]) -> tuple[dict[str, str], bytes]:
        """``{digest, path}`` of a document, and its bytes; equal documents have equal names.

        :param parts: names of the folders below that of the kind.
        :raises JournalError: ``event_not_canonical``.
        """
        whole = {**document, "spec": self.spec}
        try:
            mark, data = digest(self.domain, whole), canonical_json(whole)
        except (TypeError, ValueError) as error:
            raise JournalError("event_not_canonical", "The %s cannot be written: %s." % (self.called, error)) from error
        names = (self.folder, *(_NAME.sub("_", part) for part in parts), mark.partition(":")[2] + ".json")
        return {"digest": mark, "path": "/".join(names)}, data

    def read(self, store: Store, entry: t.Mapping[str, str]) -> dict[str, t.Any]:
        """The document that *entry* (``{digest, path}``) of an event names.

        :raises JournalError: `damaged` when it is gone or is not what was recorded.
        """
        why = "it is not what was recorded"
        try:
            document = json.loads(store.load(entry["path"]))
            if isinstance(document, dict) and digest(self.domain, document) == entry["digest"]:
                return document
        except OSError as error:
            why = error.strerror or str(error)
        except (ValueError, TypeError, RecursionError):
            pass
        raise JournalError(
            self.damaged, "The %s %s cannot be used: %s." % (self.called, entry.get("path"), why), self.mend
        )


def keep(store: Store, path: str, data: bytes, called: str = "document") -> None:
    """:raises JournalError: ``journal_not_writable``."""
    try:
        store.keep(path, data)
    except OSError as error:
        raise JournalError(
            "journal_not_writable",
            "The %s cannot be kept in %s: %s." % (called, store.place, error.strerror or error),
            "Make room or give access to the folder, then run again.",
        ) from error
