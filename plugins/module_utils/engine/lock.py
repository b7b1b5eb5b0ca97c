# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One writer at a time for a client at an account (R-IRB-A1): what another run has under way is not in doubt."""

from __future__ import annotations

import contextlib
import hashlib
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Lock, Store
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

# Two runs that overlap by a moment wait for each other; one that hangs does not hold up the next for ever.
PATIENCE_SECONDS = 30.0
STEP_SECONDS = 0.1


@contextlib.contextmanager
def sole_writer(store: Store, account: str, context: Context, progress: Progress) -> t.Iterator[None]:
    """Hold the lock of the context's client at *account*; it ends with the process.

    :raises Refused: ``locked_by``, naming the run and the person who hold it.
    :raises JournalError: ``journal_not_writable``.
    """
    client = context.client or context.run.get("host", "")
    lock = store.lock(hashlib.sha256(("%s %s" % (account, client)).encode("utf-8")).hexdigest()[:24])
    try:
        _take(lock, context, progress)
        yield
    finally:
        lock.release()


def _take(lock: Lock, context: Context, progress: Progress) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    told = False
    while not lock.take({"run_id": context.run_id, "actor": context.actor["human"], "request_id": context.request_id}):
        if time.monotonic() > ends:
            raise _refusal(lock.holder())
        if not told:
            progress.waiting("another run changes the same client", PATIENCE_SECONDS)
            told = True
        time.sleep(STEP_SECONDS)


def _refusal(holder: t.Mapping[str, str]) -> Refused:
    return Refused(
        "locked_by",
        "Another run changes the same client: %s of %s for request %s."
        % (holder.get("run_id", "(unknown)"), holder.get("actor", "(unknown)"), holder.get("request_id", "(unknown)")),
        "Wait until it has ended, then run again.",
    )
