# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of all modules, and of those that only read."""

from __future__ import annotations


class ModuleDocFragment:
    # A module that changes something: it reads, plans, and carries the plan out.
    DOCUMENTATION = r"""
attributes:
  action_group:
    description:
      - Use C(group/mailops.email.all) in C(module_defaults) to set options for this module and all others of the collection.
    support: full
    membership:
      - mailops.email.all
    details:
      - A default of the group reaches every module of it, and a module refuses an option that it does not have. So set there the
        options of the connection, which all modules have. Set O(ignore:request_id) and O(ignore:actor) there only where no
        task reads with an C(_info) module, otherwise as defaults of the single module, or in the environment.
  async:
    description:
      - Can be run with C(async) in the background.
    support: none
    details:
      - Long tasks report their progress instead.
  check_mode:
    description:
      - Can say in check mode what it would change, and change nothing.
    support: full
    details:
      - In check mode the plan is made from the provider's live state and shown, and the HTTP layer refuses every request that
        is not a C(GET) or C(HEAD). No journal and no sealed file is written. Only a note of what was predicted stays in the
        folder of the journals for a day, so that a later task of the same dry run knows of it.
  diff_mode:
    description:
      - Returns what changes, before and after, when diff mode is on.
    support: full
    details:
      - One line for each object that changes, sorted. The same lines come in check mode and after the change.
      - With more operations than O(ignore:max_listed) there are no lines, only the table of the plan.
  idempotent:
    description:
      - When run again with the same options after a success, it changes nothing and reports that nothing changed.
    support: full
  platform:
    description:
      - Where the module can run.
    support: full
    platforms: all
    details:
      - It runs on the controller, inside the worker process. Only a task with C(delegate_to) runs as a module on another
        host; that host then needs the libraries, the journal and the sealed files are kept there, and it is that host's
        login that stands for the actor.
"""

    # A module that only reads.
    INFO = r"""
attributes:
  action_group:
    description:
      - Use C(group/mailops.email.all) in C(module_defaults) to set options for this module and all others of the collection.
    support: full
    membership:
      - mailops.email.all
    details:
      - A default of the group reaches every module of it, and a module refuses an option that it does not have. So set there the
        options of the connection, which all modules have. Set O(ignore:request_id) and O(ignore:actor) there only where no
        task reads with an C(_info) module, otherwise as defaults of the single module, or in the environment.
  async:
    description:
      - Can be run with C(async) in the background.
    support: none
  check_mode:
    description:
      - Can run in check mode.
    support: full
    details:
      - It only reads, so it does the same with and without check mode.
  diff_mode:
    description:
      - Returns what changes, before and after, when diff mode is on.
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    description:
      - When run again, it changes nothing and reports that nothing changed.
    support: full
    details:
      - It never reports a change. What it returns is the state at the time of the run.
  platform:
    description:
      - Where the module can run.
    support: full
    platforms: all
    details:
      - It runs on the controller, inside the worker process. Only a task with C(delegate_to) runs as a module on another
        host; that host then needs the libraries and its own journal.
"""
