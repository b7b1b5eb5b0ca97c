# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: freeze_info
short_description: List what is frozen, by whom, why and until when
version_added: 1.0.0
description:
  - Lists the freezes that hold now, and with O(ended) also those that were lifted or have ended.
  - It asks the journal in O(journal_dir) and nobody else, so no token is needed.
  - It never changes anything.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  ended:
    description:
      - Whether those that hold no longer are listed too. Of each object it is the last freeze.
    type: bool
    default: false
notes:
  - With O(client) those of other clients are left out, with O(client_domains) those of other domains.
seealso:
  - module: mailops.email.freeze
  - module: mailops.email.audit_info
"""

EXAMPLES = r"""
- name: See what is frozen
  mailops.email.freeze_info:
  register: frozen

- name: Stop before anything is asked of the client's provider
  ansible.builtin.fail:
    msg: "{{ frozen.freezes | map(attribute='reason') | list }}"
  when: frozen.freezes | length > 0
"""

RETURN = r"""
freezes:
  description: The freezes, sorted by key.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: Its name in the journal, such as V(client:acme), V(domain:example.com), V(request:REQ-2026-009) or V(everything).
      returned: always
      type: str
    scope:
      description: V(client), V(domain), V(request) or V(everything).
      returned: always
      type: str
    name:
      description: What is frozen of that scope. Empty for V(everything).
      returned: always
      type: str
    state:
      description: V(active), V(expired) or V(lifted).
      returned: always
      type: str
    reason:
      description: Why it was set, or lifted.
      returned: always
      type: str
    by:
      description: Who set it, or lifted it.
      returned: always
      type: str
    request_id:
      description: The change request under which that was done.
      returned: always
      type: str
    set_at:
      description: When it was set, last changed, or lifted.
      returned: always
      type: str
    expires_at:
      description: When it ends by itself, in UTC. Empty for one that was lifted.
      returned: always
      type: str
    except_requests:
      description: Ids of the change requests that may go on.
      returned: always
      type: list
      elements: str
  sample:
    - key: client:acme
      scope: client
      name: acme
      state: active
      reason: Mail of the finance team was forwarded to a stranger
      by: sam@agency.example.org
      request_id: INC-2026-031
      set_at: "2026-11-02T09:12:44.120Z"
      expires_at: "2026-11-03T18:00:00Z"
      except_requests:
        - INC-2026-031
failed_items:
  description: What the task was refused or failed for, also told in C(msg).
  returned: when the provider could not be asked, or an option is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Always V(-1).
      returned: always
      type: int
    key:
      description: Always empty.
      returned: always
      type: str
    phase:
      description: Always V(task).
      returned: always
      type: str
    code:
      description: Stable name of the rule or error, for programs.
      returned: always
      type: str
    message:
      description: What is wrong.
      returned: always
      type: str
    hint:
      description: What to do next. Can be empty.
      returned: always
      type: str
  sample:
    - index: -1
      key: ""
      phase: task
      code: journal_not_readable
      message: "The journal /srv/mailops/journal cannot be read: Permission denied."
      hint: Name the journal's folder in journal_dir, and give access to it.
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample: {}
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("freeze_info")


if __name__ == "__main__":
    main()
