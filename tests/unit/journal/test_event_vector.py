# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worked pair: canonical bytes and digests of two events are those that others have computed (R-LOG-03, RFC 8785)."""

from __future__ import annotations

import rfc8785
from vector import INTENT, INTENT_DIGEST, OUTCOME, OUTCOME_DIGEST

from ansible_collections.mailops.email.plugins.module_utils.journal.event import event_digest, line_digest, parse_line
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json


def test_the_worked_pair() -> None:
    """The intent has 977 bytes and the outcome 1,222; the outcome's prev is the digest of the intent. One holds a U+2026."""
    for event, size, digest in ((INTENT, 977, INTENT_DIGEST), (OUTCOME, 1222, OUTCOME_DIGEST)):
        data = canonical_json(event)
        assert data == rfc8785.dumps(event) and len(data) == size
        assert event_digest(event) == line_digest(data) == "sha256:" + digest
        assert event_digest(parse_line(data)) == "sha256:" + digest
    assert OUTCOME["prev"] == event_digest(INTENT) and OUTCOME["intent_id"] == INTENT["id"]


def test_any_other_event_has_another_digest() -> None:
    for name in INTENT:
        other = {key: value for key, value in INTENT.items() if key != name}
        assert event_digest(other) != "sha256:" + INTENT_DIGEST
