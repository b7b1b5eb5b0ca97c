# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox_info
short_description: Show mailbox_info
version_added: 1.0.0
description:
  - Show mailbox_info at a mail provider.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - The domains.
    type: list
    elements: str
  addresses:
    description:
      - The addresses.
    type: list
    elements: str
  state:
    description:
      - The state.
    type: str
    choices:
      - present
      - suspended
      - pending
      - trashed
"""

EXAMPLES = r"""
- name: Example
  mailops.email.mailbox_info:
"""

RETURN = r"""
requests:
  description: Requests sent, by method.
  type: dict
  returned: always
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("mailbox_info")


if __name__ == "__main__":
    main()
