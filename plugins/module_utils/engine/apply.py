# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan out: intent on disk, request, outcome on disk; batch by batch, stage by stage."""

from __future__ import annotations

import concurrent.futures
import itertools
import threading
import typing as t
import uuid

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.delivery.secrets import temporary_password
from ansible_collections.mailops.email.plugins.module_utils.engine.events import (
    intent_event,
    outcome_event,
    retry_event,
)
from ansible_collections.mailops.email.plugins.module_utils.engine.recover import UNREADABLE, remember, shows
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.journal import documents
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store, Writer
from ansible_collections.mailops.email.plugins.module_utils.model import (
    JournalError,
    Operation,
    ProviderError,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Resource, Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import link_lost

# After so many requests in a row that the provider could not answer, nothing more is sent.
OUTAGE = 3


class Applier:
    """Applies the operations of one plan and fills the report."""

    def __init__(
        self,
        resource: Resource,
        driver: Driver,
        journal: Writer,
        store: Store,
        context: Context,
        scene: Scene,
        sealer: Sealer | None,
        progress: Progress,
    ) -> None:
        self._resource = resource
        self._driver = driver
        self._journal = journal
        self._store = store
        self._context = context
        self._scene = scene
        self._sealer = sealer
        self._progress = progress
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._outage = 0
        self._fatal: JournalError | None = None

    def run(self, operations: t.Sequence[Operation], report: Report) -> None:
        """Never raises for a failed operation or a failed journal: both are in the report."""
        results: dict[int, Result] = {}
        positions = {id(operation): number for number, operation in enumerate(operations)}
        failed_items: set[int | str] = set()
        self._progress.start(self._resource.plural, len(operations))
        ordered = sorted(operations, key=lambda operation: operation.stage)
        for _stage, stage in itertools.groupby(ordered, key=lambda operation: operation.stage):
            ready = [operation for operation in stage if _item(operation) not in failed_items]
            for result in self._run_stage(self._groups(ready)):
                results[positions[id(result.operation)]] = result
                if result.status in ("applied", "unverified"):
                    remember(self._scene, result.operation, result.after)
                if result.status != "applied":
                    failed_items.add(_item(result.operation))
        for number, operation in enumerate(operations):
            if number not in results:
                report.not_attempted.append(operation)
                continue
            result = results[number]
            report.results.append(result)
            if result.error is not None:
                report.failures.append(Failure(operation.index, operation.key, "apply", result.error))
        report.fatal = self._fatal

    def _groups(self, operations: t.Sequence[Operation]) -> list[tuple[str, list[Operation]]]:
        """Batches with an idempotency key each: as few calls as the provider allows."""
        batches: dict[t.Hashable, list[Operation]] = {}
        groups: list[tuple[str, list[Operation]]] = []
        retries: dict[str, list[Operation]] = {}
        for operation in operations:
            if operation.retry_of:
                retries.setdefault(operation.retry_of["idempotency_key"], []).append(operation)
                continue
            key = "" if operation.verb == "record" else self._driver.shared_call(operation)
            if key is None:
                groups.append((str(uuid.uuid4()), [operation]))
            else:
                batches.setdefault((operation.kind, operation.verb, key), []).append(operation)
        for batch in batches.values():
            recorded = batch[0].verb == "record"
            size = len(batch) if recorded else max(1, self._driver.call_size(batch[0].kind, batch[0].verb))
            for start in range(0, len(batch), size):
                groups.append((str(uuid.uuid4()), batch[start : start + size]))
        return list(retries.items()) + groups

    def _run_stage(self, groups: t.Sequence[tuple[str, list[Operation]]]) -> t.Iterator[Result]:
        workers = min(self._driver.concurrency, len(groups))
        if workers <= 1:
            for key, group in groups:
                yield from self._run_group(key, group)
            return
        with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="mailops") as pool:
            futures = [pool.submit(self._run_group, key, group) for key, group in groups]
            try:
                for future in concurrent.futures.as_completed(futures):
                    yield from future.result()
            except BaseException:
                # Interrupted: requests under way get their outcome written, the rest is never sent.
                self._stop.set()
                raise

    def _run_group(self, key: str, group: list[Operation]) -> list[Result]:
        if self._stop.is_set():
            return []
        results: list[Result] = []
        try:
            self._make_secrets(group)
            intents = self._write_intents(key, group)
            results = self._send(group, key)
            self._settle(results)
            self._verify(results)
            self._seal_answers(results)
            self._watch(results)
            self._journal.append(
                [outcome_event(self._context, result, intent) for result, intent in zip(results, intents, strict=True)]
            )
        except JournalError as error:
            self._halt(error)
        self._progress.advance(len(group))
        return results

    def _halt(self, error: JournalError) -> None:
        with self._lock:
            self._fatal = self._fatal or error
        self._stop.set()

    def _send(self, group: list[Operation], key: str) -> list[Result]:
        """One result for each operation, whatever the driver does: its defect must not cost what other groups did."""
        if group[0].verb == "record":
            # Only the journal has a place for it.
            for operation in group:
                if operation.document:
                    documents.keep(self._store, (operation.after or {})["path"], operation.document)
            return [Result(operation, "applied", operation.after) for operation in group]
        cause = "not one result for each operation"
        try:
            results = self._driver.port(group[0].kind).apply(group, key)
            if [id(result.operation) for result in results] == [id(operation) for operation in group]:
                return results
        except Exception as error:  # noqa: BLE001 - its text may hold anything, a secret too
            cause = type(error).__name__
        finally:
            for operation in group:
                if operation.request.get("credential") == "discarded":
                    operation.secret = ""
        defect = ProviderError(
            "driver_defect",
            "The driver %s could not make sense of an answer: %s." % (self._driver.name, cause),
            in_doubt=True,
            stop=True,
        )
        return [Result(operation, "in_doubt", error=defect) for operation in group]

    def _write_intents(self, key: str, group: list[Operation]) -> list[str]:
        """Ids of the intents; a retry belongs to the intent that is already there."""
        if group[0].retry_of:
            # When it was sent last decides from when on nobody can hold a link that works.
            self._journal.append([retry_event(self._context, operation) for operation in group])
            return [operation.retry_of["intent_id"] for operation in group]
        events = [
            intent_event(self._context, operation, key, position, len(group))
            for position, operation in enumerate(group)
        ]
        return [event["id"] for event in self._journal.append(events)]

    def _make_secrets(self, group: list[Operation]) -> None:
        """R-PWD-06: made here, and sealed before the provider ever hears of it, so that no crash can lose it.

        One that is to be discarded is for nobody: it only closes the mailbox until its owner has set another. A probe's is for
        the run alone, which takes it from its operation and forgets it.
        """
        for operation in group:
            if operation.request.get("credential") in ("discarded", "probe"):
                operation.secret = temporary_password()
            elif operation.request.get("credential") == "generated" and self._sealer:
                operation.secret = temporary_password()
                self._seal(operation, "temporary_password", operation.secret)

    def _seal(self, operation: Operation, what: str, secret: str) -> None:
        if self._sealer is None:
            raise JournalError("seal_not_writable", "There is no folder for sealed secrets.", "Set sealed_dir.")
        document = {
            "address": operation.key,
            "kind": what,
            "secret": secret,
            "request_id": self._context.request_id,
            "expires_at": operation.exception.get("expires_at", ""),
        }
        operation.delivery["file"] = self._sealer.seal(operation.key, operation.delivery["seal_to"], document)

    def _seal_answers(self, results: t.Sequence[Result]) -> None:
        """A link that cannot be sealed is lost; its outcome is written all the same."""
        for result in results:
            operation = result.operation
            if "seal_to" not in operation.delivery or operation.secret or result.status != "applied":
                continue
            cause = "the answer that held its link was lost."
            if result.secret:
                try:
                    self._seal(operation, "setup_link", result.secret)
                    continue
                except JournalError as error:
                    self._halt(error)
                    cause = "its link could not be sealed."
                finally:
                    result.secret = ""
            # The invite is out all the same: a failure in the journal would deny it.
            result.after = dict(result.after or {}, link="lost")
            result.error = link_lost(operation.key, cause)

    def _settle(self, results: t.Sequence[Result]) -> None:
        """A lost answer is settled by reading back, never by guessing (design §4.10)."""
        doubtful = [result for result in results if result.status == "in_doubt"]
        for kind in sorted({result.operation.kind for result in doubtful}):
            mine = [result for result in doubtful if result.operation.kind == kind]
            records = self._read_back(kind, mine)
            for result in mine:
                operation = result.operation
                record = records.get(operation.key) if records is not None else None
                readable = records is not None and operation.verb not in UNREADABLE
                if readable and shows(kind, operation.verb, operation.after, record):
                    result.status, result.error = "applied", None
                    result.after = operation.after if operation.after is None else {**operation.after, **(record or {})}
                    result.http["settled"] = "read_back"
                elif isinstance(result.error, ProviderError):
                    # Not there yet is not the same as never: the request may still be under way.
                    result.error = in_doubt(operation, result.error)

    def _verify(self, results: t.Sequence[Result]) -> None:
        """Where a good answer proves nothing, the state is read back; ``unverified`` is a result of its own."""
        if not self._driver.reads_back:
            return
        done = [one for one in results if one.status == "applied" and one.operation.verb != "record"]
        for kind in sorted({result.operation.kind for result in done}):
            mine = [result for result in done if result.operation.kind == kind]
            if kind == "invite" and not self._driver.can("invite.list"):
                continue
            records = self._read_back(kind, mine)
            for result in mine:
                operation = result.operation
                record = (records or {}).get(operation.key)
                if records is None or not shows(kind, operation.verb, operation.after, record, strict=True):
                    result.status, result.error = "unverified", unverified(operation, records is not None)
                    if records is not None and result.after is not None:
                        result.after = {name: record.get(name) for name in result.after} if record else None

    def _read_back(self, kind: str, results: t.Sequence[Result]) -> dict[str, Record] | None:
        """Records of what is in doubt or to be verified, None when they cannot be had."""
        if kind == "invite" and not self._driver.can("invite.list"):
            return None
        try:
            records = self._driver.port(kind).observe(kind, _read_back_scope(kind, results))
            return None if kind in self._driver.unseen else records
        except Exception:  # noqa: BLE001 - whatever it is, the outcome of the request has to be written
            return None

    def _watch(self, results: t.Sequence[Result]) -> None:
        errors = [result.error for result in results if isinstance(result.error, ProviderError)]
        if any(error.stop for error in errors):
            self._stop.set()
        silent = bool(errors) and all(error.in_doubt or error.code == "unreachable" for error in errors)
        with self._lock:
            self._outage = self._outage + 1 if silent and len(errors) == len(results) else 0
            if self._outage >= OUTAGE:
                self._stop.set()


def _item(operation: Operation) -> int | str:
    """What belongs together: all that one item of the task asks for, on whatever objects."""
    return operation.index if operation.index >= 0 else operation.key


def _read_back_scope(kind: str, results: t.Sequence[Result]) -> set[str]:
    keys = {result.operation.key for result in results}
    if kind == "alias":
        owners = {str((one.operation.after or one.operation.before or {}).get("mailbox")) for one in results}
        return owners | {key.rsplit("@", 1)[-1] for key in keys}
    if kind in ("forward", "domain", "catch_all", "session", "record_set"):
        return keys
    places = {result.operation.place for result in results}
    return places if places != keys else {key.rsplit("@", 1)[-1] for key in keys}


def unverified(operation: Operation, was_read: bool) -> ProviderError:
    """The provider said yes, and its listing does not say so."""
    found = "reading it back does not show it" if was_read else "it could not be read back"
    return ProviderError(
        "unverified",
        "%s: %s %s was answered with success, but %s." % (operation.key, operation.kind, operation.verb, found),
        "Look at the object at the provider; run again: what is missing is planned again.",
    )


def in_doubt(operation: Operation, cause: ProviderError) -> ProviderError:
    """The same by the object's name, with what happens next."""
    error = ProviderError(
        "in_doubt",
        "%s: whether it was done is not known. %s" % (operation.key, cause.message),
        "Run again: before anything else is sent, it is looked for, or asked for once more with its own key.",
        status=cause.status,
        provider_request_id=cause.provider_request_id,
        in_doubt=True,
        stop=cause.stop,
    )
    error.attempts = cause.attempts
    return error
