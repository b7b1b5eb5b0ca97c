# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps large results small: ansible-core copies a result value by value for each callback, and a controller stores it."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Report

# One entry for each operation.
_OF_OPERATIONS = ("plan", "applied", "diff")


def shorten(
    result: dict[str, t.Any], report: Report, plural: str, limit: int, *, journal_at_hand: bool
) -> dict[str, t.Any]:
    """*result* without its lists that are longer than *limit*.

    A list is left out whole: half a list would be taken for all of it, one that is missing is noticed.

    :param limit: 0 leaves everything in.
    :param journal_at_hand: the journal is on the controller, where the audit callback can read it.
    """
    if limit <= 0:
        return result
    left_out = [plural] if len(report.objects) > limit else []
    operations = len(report.plan.operations) > limit
    if operations:
        left_out += _OF_OPERATIONS
    for name in left_out:
        del result[name]
    # When the journal failed on the way, not all that was done has its outcome there.
    if operations and journal_at_hand and report.fatal is None:
        changes = result["audit"]["changes"]
        # The journal knows nothing of what was never sent.
        kept = [change for change in changes if change["outcome"] == "not_attempted"]
        result["audit"].update(changes=kept, unlisted=len(changes) - len(kept))
        left_out.append("audit.changes")
    if left_out:
        result["left_out"] = "Longer than max_listed (%d) and left out: %s. %s" % (
            limit,
            ", ".join(left_out),
            _where(result["audit"], operations),
        )
    return result


def _where(audit: t.Mapping[str, t.Any], operations: bool) -> str:
    if operations and audit["journal"]:
        return "What was done is in the journal %s, in the lines with task_id %s." % (
            audit["journal"],
            audit["task_id"],
        )
    if operations:
        return "Nothing was carried out, so no journal has them; max_listed 0 lists everything."
    return "The info modules list what is there; max_listed 0 lists everything here."
