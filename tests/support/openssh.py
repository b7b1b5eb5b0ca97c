# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests that need OpenSSH's programs: without them they are skipped, in CI they fail."""

from __future__ import annotations

import os
import shutil

import pytest


def need_openssh() -> None:
    if shutil.which("ssh-keygen") and shutil.which("ssh"):
        return
    sentence = "OpenSSH's programs are missing: apt-get install openssh-client"
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
