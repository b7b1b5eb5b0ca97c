# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit
short_description: Write a structured audit event per task and per changed object
version_added: 1.0.0
type: notification
author:
  - Mailops authors (@mailops-email)
description:
  - Writes one JSON line when a run starts, one per task and host, one per object that a module of this collection
    changed (or in check mode would change), and one when the run ends.
  - Takes what it writes only from the C(audit) structure that the modules of this
    collection return. Task arguments, loop items and raw results are never read, because they can hold secrets.
  - Where a task has more operations than its option C(max_listed), that structure does not list them. Then the objects' events are
    made from the lines that the task has written to the journal, and C(audit.incomplete) says so should one be missing. Of a dry run,
    which writes no journal, the task's own event has their number in place of an event for each.
  - It is the second witness. The durable record is the journal, which the modules write themselves before a request
    leaves; a run that is killed has its journal even when this callback could no longer speak.
  - When its file cannot be opened the run stops with exit code 77, before any task.
  - Sends events on to syslog, HTTP and OpenTelemetry where a sink is named, from a process beside the run. The journal and this
    callback's file are the spool, so a dead sink costs neither an event nor a task's time; what it has not taken is sent by the next
    run. Events can arrive twice, and are told apart by their C(id).
  - Compares at the start and the end what was intended with what came out, and names what is in doubt (C(audit.in_doubt)) and what
    a task has told of and the journal has not (C(audit.unrecorded)).
requirements:
  - enabled in the configuration with C(callbacks_enabled = mailops.email.audit)
options:
  directory:
    description:
      - Folder of the audit files, one file a run. It is made with mode V(0700), files with mode V(0600).
    type: path
    default: ~/.local/state/mailops/audit
    env:
      - name: MAILOPS_AUDIT_DIR
    ini:
      - section: callback_mailops_audit
        key: directory
extends_documentation_fragment:
  - mailops.email.export
seealso:
  - module: mailops.email.mailbox
"""

import contextlib
import fcntl
import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

from ansible_collections.mailops.email.plugins.module_utils.files import append, open_private, private_folder
from ansible_collections.mailops.email.plugins.module_utils.journal.event import ulid, utc_now
from ansible_collections.mailops.email.plugins.module_utils.journal.run import run_id
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.shell.actor import actor_of, launch_of
from ansible_collections.mailops.email.plugins.module_utils.version import TOOL_VERSION
from ansible_collections.mailops.email.plugins.plugin_utils.export.feed import AuditFiles
from ansible_collections.mailops.email.plugins.plugin_utils.export.mask import Mask
from ansible_collections.mailops.email.plugins.plugin_utils.journals import at_hand, journal_name
from ansible_collections.mailops.email.plugins.plugin_utils.leaving import stop
from ansible_collections.mailops.email.plugins.plugin_utils.outcomes import outcomes
from ansible_collections.mailops.email.plugins.plugin_utils.witness import Witness

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.plugin_utils.export.outbound import Outbound

CANNOT_WRITE = 77
NOT_DELIVERED = 78
# Keys of the runbook's event (R-LOG-10); each object event has all of them.
_RUNBOOK = ("action", "domain", "mailbox", "delivery", "before_state", "after_state")
_OF_REQUEST = ("request_id", "approval_id", "client", "actor", "plan_digest")


class CallbackModule(CallbackBase):
    """Follows a run and writes its audit file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "mailops.email.audit"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self._fd = -1
        self._run_id = ""
        self._of_run: dict[str, t.Any] = {"request_id": os.environ.get("MAILOPS_REQUEST_ID", ""), "actor": _actor({})}
        # By host, what our modules said of it last; a task of another collection belongs to the same request.
        self._of_host: dict[str, dict[str, t.Any]] = {}
        # Events that found no place in the file, and why.
        self._lost, self._why = 0, ""
        self._mask = Mask([os.environ.get("MAILOPS_API_TOKEN", "")])
        self._witness: Witness | None = None
        self._outbound: Outbound | None = None

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        directory = path = os.path.expanduser(self.get_option("directory"))
        try:
            self._run_id = run_id(os.getpid())
            path = os.path.join(directory, self._run_id + ".audit.jsonl")
            private_folder(directory)
            self._fd = open_private(path, os.O_WRONLY | os.O_APPEND)
            with contextlib.suppress(BlockingIOError):
                # Tells other runs that this one is at work.
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write([{"event": "run.started", "playbook": os.path.basename(str(playbook._file_name))}])
        except (OSError, MailopsError) as error:
            why = getattr(error, "strerror", None) or error
            self._stop("%s cannot be written: %s." % (path, why))
        journal = self._journal()
        self._witness = Witness(directory, self._run_id, journal, AuditFiles(directory).alive)
        self._tell(*self._witness.at_start())
        self._open_sinks(directory)

    def _journal(self) -> str:
        try:
            return journal_name(os.path.expanduser(self.get_option("journal_dir") or ""))
        except MailopsError as error:
            # Every task will say the same, and do nothing.
            self._tell([], [error.message])
            return ""

    def _open_sinks(self, directory: str) -> None:
        if not any(self.get_option(name) for name in ("syslog_url", "http_url", "otlp_url", "required_sinks")):
            return
        # Most runs send nothing, and shall not load what sending needs.
        from ansible_collections.mailops.email.plugins.plugin_utils.export.outbound import Outbound

        try:
            self._outbound = Outbound(self.get_option, directory, self._run_id, self._fd)
            self._tell(*self._outbound.start())
        except (OSError, MailopsError) as error:
            self._stop(" ".join(part for part in (str(error), getattr(error, "hint", "")) if part))

    def _stop(self, why: str) -> t.NoReturn:
        self._display.error("mailops.email.audit: %s Nothing was run." % why)
        # An exception would only be a warning here, and the run would go on without its witness.
        stop(CANNOT_WRITE)

    def _tell(self, events: list[dict[str, t.Any]], sentences: list[str]) -> None:
        if events:
            self._say(events)
        for sentence in sentences:
            self._display.warning("mailops.email.audit: " + sentence)

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        # Where a controller has launched the run, its extra variables say who pressed the button.
        manager = play.get_variable_manager()
        self._of_run["actor"] = _actor(launch_of(getattr(manager, "extra_vars", None) or {}))

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._task(result, "changed" if _plain(result).get("changed") else "ok")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._task(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._task(result, "skipped")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._task(result, "unreachable")

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        if self._witness is not None:
            self._tell(*self._witness.at_end())
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._say([{"event": "run.finished", "hosts": hosts}])
        kept_back = False
        if self._outbound is not None:
            self._tell(*self._outbound.finish())
            kept_back = self._outbound.required_failed
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if kept_back:
            stop(NOT_DELIVERED)

    def _task(self, result: t.Any, outcome: str) -> None:
        task = result.task if hasattr(result, "task") else result._task
        host = result.host if hasattr(result, "host") else result._host
        event = {
            "event": "task",
            "task": task.get_name(),
            "module": task.action,
            "host": host.get_name(),
            "outcome": outcome,
            "check_mode": bool(task.check_mode),
        }
        events = [event]
        for audit in _audits(_plain(result)):
            self._follow(task.get_name(), audit)
            self._of_host[host.get_name()] = {name: audit.get(name) for name in _OF_REQUEST}
            event["journal"] = audit.get("journal", "")
            event["failures"] = audit.get("failures", [])
            events.extend(_object_event(change, audit) for change in audit.get("changes", []))
            if audit.get("unlisted") and audit.get("check_mode"):
                event["unlisted"] = audit["unlisted"]
            elif audit.get("unlisted"):
                events.extend(self._from_journal(audit))
        self._say(events, self._of_host.get(host.get_name()))

    def _follow(self, name: str, audit: dict[str, t.Any]) -> None:
        if self._witness is not None:
            self._witness.task(name, audit)
        if self._outbound is not None and at_hand(str(audit.get("journal") or "")):
            self._outbound.journal(audit["journal"])

    def _from_journal(self, audit: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """Events of the objects that a result was too short for, and one more when not all of them were found."""
        events: list[dict[str, t.Any]] = []
        why = "not all lines of the task are in it"
        try:
            events.extend(_object_event(change, audit) for change in outcomes(audit["journal"], audit["task_id"]))
        except (OSError, MailopsError, ValueError, KeyError, TypeError) as error:
            why = getattr(error, "strerror", None) or str(error)
        missing = audit["unlisted"] - len(events)
        if missing:
            self._display.error(
                "mailops.email.audit: %d objects have no event, for the journal %s cannot be used: %s."
                % (missing, audit["journal"], why)
            )
            events.append({"event": "audit.incomplete", "journal": audit["journal"], "missing": missing, "why": why})
        return events

    def _write(self, events: list[dict[str, t.Any]], known: dict[str, t.Any] | None = None) -> None:
        if self._fd < 0:
            return
        common = {"run_id": self._run_id, "timestamp": utc_now(), "tool_version": TOOL_VERSION}
        common.update(known or self._of_run)
        if self._lost:
            events = [{"event": "audit.incomplete", "missing": self._lost, "why": self._why}, *events]
        lines = []
        for event in events:
            whole = {**common, **event, "id": ulid()}
            lines.append(self._mask.text(json.dumps(whole, sort_keys=True, ensure_ascii=False, default=str)))
        append(self._fd, ("\n".join(lines) + "\n").encode("utf-8"))
        self._lost = 0

    def _say(self, events: list[dict[str, t.Any]], known: dict[str, t.Any] | None = None) -> None:
        """Write what happens while the run is at work; the journal does not wait for it, so the run goes on without."""
        try:
            self._write(events, known)
        except OSError as error:
            if not self._lost:
                self._display.error("mailops.email.audit: events cannot be written: %s." % (error.strerror or error))
            self._lost += len(events)
            self._why = str(error.strerror or error)


def _actor(run: dict[str, str]) -> dict[str, str]:
    """Who runs this, before a module has said so."""
    try:
        return actor_of(os.environ.get("MAILOPS_ACTOR", ""), run)
    except MailopsError:
        # The first task that would change something refuses to run for nobody.
        return dict(actor_of("nobody", run), human="")


def _plain(result: t.Any) -> dict[str, t.Any]:
    """The result of a task, as it is.

    Private in ansible-core: C(_result) up to 2.18, C(_return_data) from 2.19 to 2.22. The public C(result) of these copies
    and converts every value, half a second for ten thousand mailboxes, and what is wanted here is one part of it.
    """
    for name in ("_return_data", "_result"):
        found = getattr(result, name, None)
        if isinstance(found, dict):
            return found
    return result.result if hasattr(result, "result") else {}


def _audits(result: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """The ``audit`` structures of a task, and of the items of a looped one; nothing else is looked at."""
    for one in [result, *(result.get("results") or ())]:
        audit = one.get("audit") if isinstance(one, dict) else None
        if isinstance(audit, dict) and audit.get("run_id") and isinstance(audit.get("changes"), list):
            yield audit


def _object_event(change: t.Any, audit: dict[str, t.Any]) -> dict[str, t.Any]:
    event: dict[str, t.Any] = {"event": "object", "verification_result": change.get("verification_result")}
    event.update({name: change.get(name) for name in _RUNBOOK})
    event.update({name: audit.get(name) for name in _OF_REQUEST})
    event.update(
        outcome=change.get("outcome"),
        exception=change.get("exception"),
        check_mode=audit.get("check_mode"),
        # Then the journal is what is sent of it.
        in_journal=not audit.get("check_mode") and at_hand(str(audit.get("journal") or "")),
    )
    return event
