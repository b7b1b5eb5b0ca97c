# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards on a whole plan: counts that a person has stated, and never to empty (design §4.11, R-BULK-03)."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused

REMOVING_VERBS = frozenset(("delete", "disable"))


def check_guards(
    operations: t.Sequence[Operation],
    records: t.Mapping[str, t.Mapping[str, t.Any]],
    max_changes: int | None,
    max_removals: int | None,
) -> None:
    """:raises Refused: ``blast_radius``, ``too_many_removals``, ``never_to_empty``."""
    # What an earlier run has sent is only settled here; it was counted then.
    operations = [operation for operation in operations if not operation.retry_of]
    if max_changes is not None and len(operations) > max_changes:
        raise Refused(
            "blast_radius",
            "The plan has %d operations, approved are %d." % (len(operations), max_changes),
            "Look at the plan with --check; have the exact number approved, or shorten the list.",
        )
    removals = [operation for operation in operations if operation.verb in REMOVING_VERBS]
    if max_removals is not None and len(removals) > max_removals:
        raise Refused(
            "too_many_removals",
            "The plan removes %d objects, max_removals is %d." % (len(removals), max_removals),
            "State the number that you expect in max_removals, or shorten the list.",
        )
    _never_to_empty([operation for operation in removals if operation.kind == "mailbox"], records.get("mailbox", {}))


def _never_to_empty(removals: t.Sequence[Operation], mailboxes: t.Mapping[str, t.Any]) -> None:
    """A domain's last mailbox is not deleted by a list: an empty domain is removed as a domain."""
    going = collections.Counter(operation.key.rsplit("@", 1)[-1] for operation in removals)
    if not going:
        return
    have = collections.Counter(
        key.rsplit("@", 1)[-1] for key, record in mailboxes.items() if record.get("state") != "trashed"
    )
    for domain, count in sorted(going.items()):
        if count >= have[domain] > 1:
            raise Refused(
                "never_to_empty",
                "The plan would delete all %d mailboxes of %s." % (have[domain], domain),
                "Offboard in parts, or remove the domain itself once it is empty.",
            )
