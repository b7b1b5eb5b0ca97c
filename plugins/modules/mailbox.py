# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox
short_description: Manage mailboxes
version_added: 1.0.0
description:
  - Manage mailboxes at a mail provider.
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
  local_part:
    description:
      - The local part.
    type: str
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
      - suspended
      - absent
  display_name:
    description:
      - The display name.
    type: str
  note:
    description:
      - The note.
    type: str
  role_account:
    description:
      - The role account.
    type: bool
    default: false
  credential:
    description:
      - The credential.
    type: str
    choices:
      - invite
      - generated_one_time
    default: invite
  suspend:
    description:
      - The suspend.
    type: str
    choices:
      - login
      - all
    default: login
  reason:
    description:
      - The reason.
    type: str
  owner_email:
    description:
      - The owner email.
    type: str
  expires_in_hours:
    description:
      - The expires in hours.
    type: int
  quota_mb:
    description:
      - The quota mb.
    type: int
  delivery:
    description:
      - The delivery.
    type: str
    choices:
      - provider_mail
      - sealed
    default: provider_mail
  seal_to:
    description:
      - The seal to.
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
  mailboxes:
    description:
      - The mailboxes.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The address.
        type: str
      local_part:
        description:
          - The local part.
        type: str
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
          - suspended
          - absent
      display_name:
        description:
          - The display name.
        type: str
      note:
        description:
          - The note.
        type: str
      role_account:
        description:
          - The role account.
        type: bool
      credential:
        description:
          - The credential.
        type: str
        choices:
          - invite
          - generated_one_time
      suspend:
        description:
          - The suspend.
        type: str
        choices:
          - login
          - all
      reason:
        description:
          - The reason.
        type: str
      owner_email:
        description:
          - The owner email.
        type: str
      expires_in_hours:
        description:
          - The expires in hours.
        type: int
      quota_mb:
        description:
          - The quota mb.
        type: int
      delivery:
        description:
          - The delivery.
        type: str
        choices:
          - provider_mail
          - sealed
      seal_to:
        description:
          - The seal to.
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
  mailops.email.mailbox:
"""

RETURN = r"""
requests:
  description: Requests sent, by method.
  type: dict
  returned: always
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("mailbox")


if __name__ == "__main__":
    main()
