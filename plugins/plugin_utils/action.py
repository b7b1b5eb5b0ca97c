# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action shell: runs the core in the worker process, without a module process for each task.

Importing this file imports the HTTP library, and what a journal in a database needs; ansible-core imports actions before it
forks its workers.
"""

from __future__ import annotations

import functools
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.mailops.email.plugins.module_utils.journal.stores import preload
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.actor import launch_of
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_baseline import DNS_BASELINE, run_dns_baseline
from ansible_collections.mailops.email.plugins.module_utils.shell.info import INFO_MODULES, run_info
from ansible_collections.mailops.email.plugins.module_utils.shell.plain_items import plain
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import PROBE, run_probe
from ansible_collections.mailops.email.plugins.module_utils.shell.rollback import ROLLBACK, run_rollback
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import (
    dns_baseline_spec,
    info_spec,
    probe_spec,
    resource_spec,
    rollback_spec,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.task import run_resource
from ansible_collections.mailops.email.plugins.plugin_utils.access_table import access_lines, left_lines
from ansible_collections.mailops.email.plugins.plugin_utils.plan_table import plan_lines
from ansible_collections.mailops.email.plugins.plugin_utils.posture_table import posture_lines
from ansible_collections.mailops.email.plugins.plugin_utils.progress import DisplayProgress
from ansible_collections.mailops.email.plugins.plugin_utils.scrub import scrub
from ansible_collections.mailops.email.plugins.plugin_utils.verdict_table import verdict_lines

display = Display()
preload()


class CoreAction(ActionBase):
    """A task of this collection; each kind is a subclass that names itself."""

    KIND: t.ClassVar[str] = ""
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        self._supports_async = False
        result = super().run(tmp, task_vars)
        del tmp
        if self._elsewhere():
            result.update(self._execute_module(task_vars=task_vars, wrap_async=False))
            return result
        info = self.KIND in INFO_MODULES
        spec = dict(_spec_of(self.KIND))
        spec.pop("supports_check_mode")
        validation, params = self._validated(spec)
        progress = DisplayProgress(display)
        if info:
            outcome = run_info(self.KIND, params, progress=progress)
            self._show(access_lines(outcome) + posture_lines(outcome))
        else:
            check = bool(self._task.check_mode)
            where = self._where(task_vars)
            if self.KIND == PROBE:
                outcome = run_probe(params, check_mode=check, progress=progress, run=where)
                self._show(verdict_lines(outcome))
            else:
                show = self._show_plan if check or self._task.diff else None
                run = _RUNS.get(self.KIND) or functools.partial(run_resource, self.KIND)
                outcome = run(params, check_mode=check, progress=progress, run=where, show=show)
                self._show(posture_lines(outcome) if self.KIND == DNS_BASELINE else [])
        result.update(scrub(outcome, _no_log_values(validation)))
        return result

    def _show_plan(self, whole: dict[str, t.Any]) -> None:
        self._show(plan_lines(whole, bool(self._task.check_mode)) + left_lines(whole))

    def _show(self, lines: list[str]) -> None:
        for line in lines:
            display.display(line)

    def _validated(self, spec: dict[str, t.Any]) -> tuple[t.Any, dict[str, t.Any]]:
        """What validate_argument_spec returns; a list of plain items is kept from it, as it would not change them."""
        given = self._task.args
        listed = RESOURCES[self.KIND].plural if self.KIND in RESOURCES else ""
        if not given.get(listed) or not plain(given[listed], spec["argument_spec"][listed]):
            return self.validate_argument_spec(**spec)
        self._task.args = {**given, listed: []}
        try:
            validation, params = self.validate_argument_spec(**spec)
        finally:
            self._task.args = given
        return validation, {**params, listed: given[listed]}

    def _elsewhere(self) -> bool:
        """A client is data, not a machine: only a delegated task runs on another host."""
        return bool(self._task.delegate_to) and getattr(self._connection, "transport", "local") != "local"

    def _where(self, task_vars: dict[str, t.Any] | None) -> dict[str, str]:
        names = task_vars or {}
        return {
            "playbook": str(names.get("ansible_play_name") or ""),
            "task": str(self._task.get_name()),
            "host": str(names.get("inventory_hostname") or ""),
            **launch_of(names),
        }


def _spec_of(kind: str) -> dict[str, t.Any]:
    if kind in INFO_MODULES:
        return info_spec(kind)
    return _SPECS.get(kind, functools.partial(resource_spec, kind))()


_RUNS: dict[str, t.Callable[..., dict[str, t.Any]]] = {ROLLBACK: run_rollback, DNS_BASELINE: run_dns_baseline}
_SPECS = {PROBE: probe_spec, ROLLBACK: rollback_spec, DNS_BASELINE: dns_baseline_spec}


def _no_log_values(validation: t.Any) -> t.Any:
    """Values of ``no_log`` options: private in ansible-core, there and of this shape in 2.16 to 2.22."""
    values = getattr(validation, "_no_log_values", None)
    if values is None:
        raise AnsibleError("This ansible-core hides no_log values from actions; report its version to mailops.email.")
    return values
