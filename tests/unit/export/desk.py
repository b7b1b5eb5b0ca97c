# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal, a folder of the callback, and couriers that carry from them, without a run."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.plugin_utils.export.courier import Courier
from ansible_collections.mailops.email.plugins.plugin_utils.export.feed import (
    AuditFiles,
    audit_source,
    journal_source,
    name_of,
)
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import renderer
from ansible_collections.mailops.email.plugins.plugin_utils.export.mask import Mask
from ansible_collections.mailops.email.plugins.plugin_utils.export.privacy import Pseudonyms
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Sink


class Spool:
    """Folders as a controller has them."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal"
        self.audit = folder / "audit"
        self.audit.mkdir(parents=True)
        self.ids: list[str] = []

    def write(self, run: str, count: int) -> None:
        """Events into a run's journal."""
        writer = JournalWriter(str(self.journal), run, {"request_id": "REQ-1", "tool_version": "mailops.email@1.0.0"})
        note = {"action": "request.received", "phase": "note", "object": {"client": "acme"}}
        self.ids += [event["id"] for event in writer.append([note] * count)]
        writer.close()

    def tell(self, run: str, *ids: str) -> None:
        """Events into the callback's file."""
        with open(self.audit / (run + ".audit.jsonl"), "a", encoding="utf-8") as file:
            for one in ids:
                row = {"event": "run.started", "id": one, "run_id": run, "timestamp": "2026-11-21T19:00:00.000Z"}
                file.write(json.dumps(row) + "\n")
        self.ids += ids

    def courier(self, sink: Sink, own: str = "own", pseudonyms: Pseudonyms | None = None) -> Courier:
        files = AuditFiles(str(self.audit))
        name = name_of(sink.name, sink.target, "runbook")
        made = Courier(sink, renderer("runbook"), Mask([]), files, own, pseudonyms)
        made.add(audit_source(files, name))
        made.add(journal_source(FileStore(str(self.journal)), name))
        return made

    def deliver(self, sink: Sink, seconds: float = 5, own: str = "own") -> Courier:
        """What one run's exporter does at its end."""
        courier = self.courier(sink, own)
        courier.finish(time.monotonic() + seconds)
        courier.start()
        courier.join(seconds + 5)
        assert not courier.is_alive()
        return courier
