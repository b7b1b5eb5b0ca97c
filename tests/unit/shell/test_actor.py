# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who acts: a person by name, and the system that launched the run (R-LOG-02, R-LOG-17)."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.shell import actor
from ansible_collections.mailops.email.plugins.module_utils.shell.actor import SHARED_ACTORS, actor_of, launch_of

HOST = socket.gethostname()


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(actor.getpass, "getuser", lambda: "dana")


def test_the_first_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task's word, then the controller's, then who called sudo, then the login."""
    assert actor_of("", {}) == {"human": "dana", "system": "ansible@" + HOST}
    monkeypatch.setenv("SUDO_USER", "eve")
    assert actor_of("", {})["human"] == "eve"
    assert actor_of("", {"launched_by": "kim"})["human"] == "kim"
    assert actor_of(" ann@agency.example ", {"launched_by": "kim"})["human"] == "ann@agency.example"


@pytest.mark.parametrize("name", [*sorted(SHARED_ACTORS), "ROOT", " Admin ", "   "])
def test_a_shared_login_is_nobody(name: str) -> None:
    with pytest.raises(Refused) as found:
        actor_of(name, {})
    assert found.value.code == "actor_unknown" and "MAILOPS_ACTOR" in found.value.hint


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no user")])
def test_without_a_login_somebody_has_to_be_named(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """In a container the user id often has no name."""

    def fails() -> str:
        raise error

    monkeypatch.setattr(actor.getpass, "getuser", fails)
    with pytest.raises(Refused) as found:
        actor_of("", {})
    assert "(none)" in found.value.message


@pytest.mark.parametrize(
    ("variables", "human", "system"),
    [
        ({"awx_job_id": 8812, "awx_user_name": "dana"}, "dana", "awx:job/8812"),
        ({"tower_job_id": "7", "tower_user_name": "kim"}, "kim", "awx:job/7"),
        ({"semaphore_vars": {"task_details": {"id": 31, "username": "eve"}}}, "eve", "semaphore:task/31"),
        ({"awx_job_id": 1, "awx_user_name": ""}, "dana", "awx:job/1"),
        ({}, "dana", "ansible"),
        ({"semaphore_vars": "x"}, "dana", "ansible"),
        ({"semaphore_vars": {"task_details": None}}, "dana", "ansible"),
    ],
)
def test_a_controller_tells_job_and_person(variables: dict[str, Any], human: str, system: str) -> None:
    assert actor_of("", launch_of(variables)) == {"human": human, "system": "%s@%s" % (system, HOST)}


def test_a_controller_s_own_account_is_nobody() -> None:
    """A schedule has no person behind it: one has to be named."""
    with pytest.raises(Refused):
        actor_of("", launch_of({"awx_job_id": 5, "awx_user_name": "admin"}))
    assert actor_of("dana", launch_of({"awx_job_id": 5, "awx_user_name": "admin"}))["system"] == "awx:job/5@" + HOST


def test_for_whom_it_is_done() -> None:
    assert actor_of("", {}, "acme") == {"human": "dana", "system": "ansible@" + HOST, "on_behalf_of": "client:acme"}


def test_where_the_job_is_to_be_found() -> None:
    """Its address in Semaphore, the project's commit in AWX; what is not told is left out."""
    details = {"id": 31, "username": "eve", "url": "https://semaphore.example/project/1/history?t=31"}
    assert launch_of({"semaphore_vars": {"task_details": details}})["job_url"] == details["url"]
    assert launch_of({"awx_job_id": 1, "awx_project_revision": "3f2c9d1"})["project_commit"] == "3f2c9d1"
    assert set(launch_of({"awx_job_id": 1})) == {"job", "launched_by"}
