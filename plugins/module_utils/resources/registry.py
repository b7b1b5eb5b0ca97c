# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All kinds of resources, by the name of their module."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.resources.alias import Alias
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Resource
from ansible_collections.mailops.email.plugins.module_utils.resources.catch_all import CatchAll
from ansible_collections.mailops.email.plugins.module_utils.resources.domain import Domain, Subdomain
from ansible_collections.mailops.email.plugins.module_utils.resources.evidence import Evidence
from ansible_collections.mailops.email.plugins.module_utils.resources.forward import Forward
from ansible_collections.mailops.email.plugins.module_utils.resources.freeze import Freeze
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import Invite
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox import Mailbox
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox_access import MailboxAccess
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox_owner import MailboxOwner
from ansible_collections.mailops.email.plugins.module_utils.resources.offboarding import Offboarding

RESOURCES: dict[str, type[Resource]] = {
    one.kind: one
    for one in (
        Domain,
        Subdomain,
        Mailbox,
        Invite,
        Forward,
        Alias,
        CatchAll,
        Freeze,
        MailboxAccess,
        MailboxOwner,
        Evidence,
        Offboarding,
    )
}
