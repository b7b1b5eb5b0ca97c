# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a result: what modules and actions share. The floors below know nothing of Ansible."""

from __future__ import annotations

import datetime
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.files import private_folder
from ansible_collections.mailops.email.plugins.module_utils.journal.event import ulid
from ansible_collections.mailops.email.plugins.module_utils.journal.run import execution, run_id
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.journal.stores import store_at, url_of_environment
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary, split_labels
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import connect
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell import handover
from ansible_collections.mailops.email.plugins.module_utils.shell.actor import actor_of
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result, report_result
from ansible_collections.mailops.email.plugins.module_utils.shell.shorten import shorten
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import resource_spec
from ansible_collections.mailops.email.plugins.module_utils.version import TOOL_VERSION, VERSION

Params = t.Mapping[str, t.Any]


def run_resource(
    kind: str,
    params: Params,
    *,
    check_mode: bool,
    progress: Progress | None = None,
    run: dict[str, str] | None = None,
    show: t.Callable[[dict[str, t.Any]], None] | None = None,
    on_controller: bool = True,
) -> dict[str, t.Any]:
    """Carry out a task of a resource module.

    :param params: validated options.
    :param run: where the task stands: playbook, task, host.
    :param show: sees the result while it is still whole.
    :param on_controller: False where the audit callback cannot read the journal.
    :returns: the task's result; ``failed`` and ``msg`` are in it when it failed.
    """
    try:
        context = context_of(params, check_mode, run or {})
        resource = RESOURCES[kind]()
        driver = (
            driver_of(params, read_only=check_mode, progress=progress) if resource.needs_provider else JournalOnly()
        )
    except MailopsError as error:
        return failure_result(error)
    try:
        engine = Engine(
            resource,
            driver,
            context,
            store=store_of(params),
            sealer=Sealer(params["sealed_dir"], context.request_id),
            progress=progress,
            snapshot=params.get("snapshot") or "",
        )
        report = engine.run(items_of(kind, params))
        result = report_result(resource, report, context)
        if params.get("mailboxes_file") and not result.get("failed"):
            handover.discard(params["mailboxes_file"])
        if show is not None:
            show(result)
        at_hand = on_controller and journal_at_hand(params)
        return shorten(result, report, resource.plural, params["max_listed"], journal_at_hand=at_hand)
    except MailopsError as error:
        return failure_result(error, context, driver.requests())
    finally:
        driver.close()


def items_of(kind: str, params: Params) -> list[dict[str, t.Any]]:
    """The task's items: the list, each item completed from the options beside it, or the single one."""
    resource = RESOURCES[kind]
    beside = {name: params[name] for name in resource.options if params.get(name) is not None}
    if kind in ("evidence", "mailbox_owner", "offboarding"):
        beside.update(request_id=params["request_id"], client=params.get("client") or "")
    if kind == "freeze":
        # Without a name it is the task's own client that is frozen, with all that is known to be its own.
        beside.update(client=params.get("client") or "", domains=params.get("client_domains") or ())
    if kind == "subdomain" and params.get("labels") is not None:
        # Ansible makes a list of one entry out of a text of several lines (R-FORM-06).
        lines = [line for entry in params["labels"] for line in entry.splitlines() if line.strip()]
        labels = split_labels(lines, purpose=params.get("purpose") or "") if lines else []
        if len(labels) > 1:
            _refuse_common_exception(beside)
        return [dict(beside, label=label) for label in labels]
    listed = params.get(resource.plural)
    if params.get("mailboxes_file"):
        option = resource_spec(kind)["argument_spec"][resource.plural]
        listed = handover.take(params["mailboxes_file"], params["mailboxes_digest"], option)
    if listed is None:
        return [beside]
    _refuse_common_exception(beside)
    items = []
    for entry in listed:
        item = dict(beside)
        if entry.get("address"):
            # A whole address needs none of the parts that stand beside the list for items without one.
            item.pop("domain", None)
        item.update((name, value) for name, value in entry.items() if value is not None)
        items.append(item)
    return items


def _refuse_common_exception(beside: t.Container[str]) -> None:
    """:raises Refused: ``exception_beside_list``"""
    if "exception" in beside:
        raise Refused(
            "exception_beside_list",
            "The exception stands beside the list, so nobody has approved it for one object.",
            "Give each item that needs one an exception of its own (R-VAL-05).",
        )


def context_of(params: Params, check_mode: bool, run: dict[str, str]) -> Context:
    """:raises Refused: ``request_id``, ``actor_unknown``, or a wrong client domain."""
    request_id = (params.get("request_id") or "").strip()
    if not request_id:
        raise Refused("request_id", "request_id is empty.", "Name the change request that authorises this run.")
    domains = client_domains_of(params)
    actor = actor_of(params.get("actor") or "", run, params.get("client") or "")
    now = datetime.datetime.now(datetime.timezone.utc)
    return Context(
        request_id=request_id,
        client=params.get("client") or "",
        actor=actor,
        tool_version=TOOL_VERSION,
        run_id=run_id(),
        execution=execution(),
        now=now,
        approval_id=params.get("approval_id") or "",
        run={
            "task_id": ulid(),
            **{name: value for name, value in run.items() if value},
            **_input_of(params, now, actor),
        },
        client_domains=domains,
        check_mode=check_mode,
        max_changes=params.get("max_changes"),
        max_removals=params.get("max_removals", 10),
    )


def _input_of(params: Params, now: datetime.datetime, actor: t.Mapping[str, str]) -> dict[str, t.Any]:
    """R-CSV-01: the commit and the digest of the files that asked for the change; R-DNS-01: who let it through without a
    baseline of the DNS.

    :raises Refused: as `check_exception`.
    """
    given = params.get("input") or {}
    names = {"git_commit": "git_commit", "digest": "input_digest"}
    found: dict[str, t.Any] = {field: given[name] for name, field in names.items() if given.get(name)}
    if given.get("dns_exception"):
        found["dns_exception"] = check_exception(given["dns_exception"], now, actor.get("human", ""))
    return found


def journal_at_hand(params: Params) -> bool:
    """Whether the audit callback of the same controller reads the journal that the task writes."""
    return (params.get("journal_url") or "") in ("", url_of_environment())


def store_of(params: Params) -> Store:
    """The journal that a task reads and writes.

    :raises Refused: ``journal_url``, ``library_missing``.
    """
    return store_at(params["journal_dir"], params.get("journal_url") or "")


def client_domains_of(params: Params) -> Boundary | None:
    given = params.get("client_domains")
    return None if given is None else Boundary(given)


def driver_of(params: Params, *, read_only: bool, progress: Progress | None) -> Driver:
    """:raises Refused: for a wrong URL, an unknown provider or a missing library."""
    if not params.get("api_token"):
        raise Refused(
            "api_token",
            "There is no token for the provider.",
            "Set api_token, or MAILOPS_API_TOKEN in the environment.",
        )
    connection = Connection(
        api_url=params.get("api_url") or "",
        api_token=params["api_token"],
        timeout=float(params["timeout"]),
        deadline=float(params["deadline"]),
        validate_certs=params["validate_certs"],
        ca_path=params.get("ca_path") or "",
        requests_per_minute=params["requests_per_minute"],
        concurrency=max(1, params["concurrency"]),
        pace_dir=_pace_dir(params["journal_dir"]),
        doveadm_url=params.get("doveadm_url") or "",
        doveadm_key=params.get("doveadm_key") or "",
    )
    return connect(
        params["provider"],
        connection,
        read_only=read_only,
        progress=progress or Progress(),
        user_agent="mailops.email/" + VERSION,
    )


def _pace_dir(journal_dir: str) -> str:
    """A folder of which the journal will complain before a write is no reason to refuse a read."""
    try:
        return os.path.join(private_folder(journal_dir), ".pace")
    except OSError:
        return ""
