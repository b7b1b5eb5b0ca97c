# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module shell: the same core when a task runs on another host than the controller."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.email.plugins.module_utils.shell.dns_baseline import run_dns_baseline
from ansible_collections.mailops.email.plugins.module_utils.shell.info import run_info
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import run_probe
from ansible_collections.mailops.email.plugins.module_utils.shell.rollback import run_rollback
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import (
    dns_baseline_spec,
    info_spec,
    probe_spec,
    resource_spec,
    rollback_spec,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.task import run_resource


def run_resource_module(kind: str) -> None:
    """Entry point of a resource module."""
    module = AnsibleModule(**resource_spec(kind))
    result = run_resource(kind, module.params, check_mode=module.check_mode, on_controller=False)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def run_probe_module() -> None:
    """Entry point of the module that verifies."""
    module = AnsibleModule(**probe_spec())
    result = run_probe(module.params, check_mode=module.check_mode)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def run_rollback_module() -> None:
    """Entry point of the module that takes a request back."""
    module = AnsibleModule(**rollback_spec())
    result = run_rollback(module.params, check_mode=module.check_mode, on_controller=False)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def run_dns_baseline_module() -> None:
    """Entry point of the module that publishes, checks, records and restores mail records."""
    module = AnsibleModule(**dns_baseline_spec())
    result = run_dns_baseline(module.params, check_mode=module.check_mode, on_controller=False)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def run_info_module(name: str) -> None:
    """Entry point of an info module."""
    module = AnsibleModule(**info_spec(name))
    result = run_info(name, module.params)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
