# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checks of the DNS find, by code: how bad it is, what it breaks, what to do next (R-DNS-15 to R-DNS-18, R-PAT-15)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Finding

ERROR = "error"
WARNING = "warning"
INFO = "info"

# What breaks, in the words of the incident runbook.
INBOUND = "inbound stops"
OUTBOUND = "outbound rejected"
ALIGNMENT = "alignment breaks"
SILENT = "silent block"
SPOOFING = "others can send in its name"
PRIVACY = "mail may travel without TLS"
REPORTS = "reports are lost"
NOTHING = "nothing yet"


@dataclasses.dataclass(frozen=True)
class DnsFinding(Finding):
    """A finding that also says what it breaks, and for which class of records it speaks.

    :param breaks: one of the sentences above.
    :param record_class: ``mx``, ``spf``, ``dkim``, ``dmarc``, ``mta_sts``, ``tls_rpt``, ``dane``, ``bimi``, ``parked``,
        ``authority`` or ``baseline``.
    """

    breaks: str = NOTHING
    record_class: str = ""

    def to_dict(self) -> dict[str, str]:
        return t.cast("dict[str, str]", dataclasses.asdict(self))
