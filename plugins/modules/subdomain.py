# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: subdomain
short_description: Manage subdomains
version_added: 1.0.0
description:
  - Manage subdomains at a mail provider.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  parent:
    description:
      - The parent.
    type: str
  label:
    description:
      - The label.
    type: str
  state:
    description:
      - The state.
    type: str
    choices:
      - present
      - absent
  purpose:
    description:
      - The purpose.
    type: str
  mail_hosting:
    description:
      - The mail hosting.
    type: str
    choices:
      - trekmail
      - external
  note:
    description:
      - The note.
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
  subdomains:
    description:
      - The subdomains.
    type: list
    elements: dict
    suboptions:
      parent:
        description:
          - The parent.
        type: str
      label:
        description:
          - The label.
        type: str
        required: true
      state:
        description:
          - The state.
        type: str
        choices:
          - present
          - absent
      purpose:
        description:
          - The purpose.
        type: str
      mail_hosting:
        description:
          - The mail hosting.
        type: str
        choices:
          - trekmail
          - external
      note:
        description:
          - The note.
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
  labels:
    description:
      - The labels.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Example
  mailops.email.subdomain:
"""

RETURN = r"""
requests:
  description: Requests sent, by method.
  type: dict
  returned: always
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("subdomain")


if __name__ == "__main__":
    main()
