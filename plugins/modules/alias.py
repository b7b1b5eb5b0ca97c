# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: alias
short_description: Manage aliases of mailboxes
version_added: 1.0.0
description:
  - Manage aliases of mailboxes at a mail provider.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description:
      - The address.
    type: str
  mailbox:
    description:
      - The mailbox.
    type: str
  state:
    description:
      - The state.
    type: str
    choices:
      - present
      - absent
  can_receive:
    description:
      - The can receive.
    type: bool
    default: true
  can_send:
    description:
      - The can send.
    type: bool
    default: false
  exception:
    description:
      - The exception.
    type: dict
    suboptions:
      reason:
        description:
          - The reason.
        type: str
        required: true
      approver:
        description:
          - The approver.
        type: str
        required: true
      expires_at:
        description:
          - The expires at.
        type: str
        required: true
      accept_unforced_rotation:
        description:
          - The accept unforced rotation.
        type: bool
        default: false
  aliases:
    description:
      - The aliases.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The address.
        type: str
        required: true
      mailbox:
        description:
          - The mailbox.
        type: str
      state:
        description:
          - The state.
        type: str
        choices:
          - present
          - absent
      can_receive:
        description:
          - The can receive.
        type: bool
      can_send:
        description:
          - The can send.
        type: bool
      exception:
        description:
          - The exception.
        type: dict
        suboptions:
          reason:
            description:
              - The reason.
            type: str
            required: true
          approver:
            description:
              - The approver.
            type: str
            required: true
          expires_at:
            description:
              - The expires at.
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - The accept unforced rotation.
            type: bool
            default: false
"""

EXAMPLES = r"""
- name: Example
  mailops.email.alias:
"""

RETURN = r"""
requests:
  description: Requests sent, by method.
  type: dict
  returned: always
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("alias")


if __name__ == "__main__":
    main()
