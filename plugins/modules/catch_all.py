# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: catch_all
short_description: Manage the catch-all of domains
version_added: 1.0.0
description:
  - Manage the catch-all of domains at a mail provider.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  domain:
    description:
      - The domain.
    type: str
  state:
    description:
      - The state.
    type: str
    choices:
      - present
      - absent
  destination:
    description:
      - The destination.
    type: str
  owner:
    description:
      - The owner.
    type: str
  purpose:
    description:
      - The purpose.
    type: str
  expires_at:
    description:
      - The expires at.
    type: str
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
  catch_alls:
    description:
      - The catch alls.
    type: list
    elements: dict
    suboptions:
      domain:
        description:
          - The domain.
        type: str
        required: true
      state:
        description:
          - The state.
        type: str
        choices:
          - present
          - absent
      destination:
        description:
          - The destination.
        type: str
      owner:
        description:
          - The owner.
        type: str
      purpose:
        description:
          - The purpose.
        type: str
      expires_at:
        description:
          - The expires at.
        type: str
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
  mailops.email.catch_all:
"""

RETURN = r"""
requests:
  description: Requests sent, by method.
  type: dict
  returned: always
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("catch_all")


if __name__ == "__main__":
    main()
