# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access paths of an identity over the sandbox: listed, closed, and what is left for people (R-OFF-03, R-OFF-08, R-IRB-D1 to D5)."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from plays import actions, last, plays, refusals
from project import Project, play
from sandboxlib import PASSWORD, Sandbox

ANN, BOB, SUPPORT = "ann@example.com", "bob@example.com", "support@example.com"
HOSTILE = "Ann's \x1b[2J\u202etelephone https://evil.example/x"


@dataclasses.dataclass
class Paths:
    """Two mailboxes and a shared one in example.com, with every kind of path to ann's mail."""

    sandbox: Sandbox
    ids: dict[str, int]
    secrets: list[str]

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.sandbox.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return made.get("data", made)

    def app_password(self, address: str, name: str) -> None:
        made = self.post("/mailboxes/%d/app-passwords" % self.ids[address], {"name": name})
        self.secrets.append(made["password"])

    def token(self, address: str, name: str) -> None:
        number = self.ids[address]
        self.sandbox.call("POST", "/mailboxes/%d/enable-imap" % number, {"password": PASSWORD})
        body = {"name": name, "scopes": ["messages:read"]}
        self.secrets.append(self.post("/mailboxes/%d/message-tokens" % number, body)["token"])

    def device(self, address: str, name: str) -> None:
        made = self.post("/drive/devices", {"mailbox_id": self.ids[address], "name": name})
        self.secrets.append(made["password"])

    def rule(self, address: str, kind: str, value: str, name: str = "") -> dict[str, Any]:
        return self.post(
            "/mailboxes/%d/rules" % self.ids[address],
            {
                "name": name or None,
                "match_type": "all",
                "conditions": [{"field": "subject", "operator": "contains", "value": "offer"}],
                "actions": [{"type": kind, "value": value}],
            },
        )

    def shared(self, address: str, *members: str) -> None:
        local, _at, domain = address.partition("@")
        body = {
            "domain_id": self.sandbox.get("/domains").json()["data"][0 if domain == "example.com" else 1]["id"],
            "local_part": local,
            "display_name": "Support",
            "member_mailbox_ids": [self.ids[one] for one in members],
        }
        self.ids[address] = self.post("/shared-mailboxes", body)["id"]

    def left(self) -> dict[str, list[Any]]:
        """What the sandbox still has, by kind."""
        state = self.sandbox.ours("GET", "/state")
        names = {number: address for address, number in self.ids.items()}
        live = [one for one in state["credentials"] if "revoked_at" in one and one["revoked_at"] is None]
        return {
            "app_password": [one["id"] for one in live if one["kind"] == "app_password"],
            "token": [one["id"] for one in live if one["kind"] == "message_token"],
            "device": [one["id"] for one in state["devices"] if one["revoked_at"] is None],
            "delegate": [(names[one["mailbox_id"]], names[one["member_mailbox_id"]]) for one in state["members"]],
            "rule": [one["id"] for one in state["rules"]],
        }


@pytest.fixture
def paths(project: Project) -> Paths:
    return seeded(project)


def seeded(project: Project) -> Paths:
    """Two mailboxes with access paths of every kind."""
    made = Paths(project.sandbox, {}, [])
    domain = project.sandbox.get("/domains").json()["data"][0]
    assert domain["name"] == "example.com"
    for address in (ANN, BOB):
        made.ids[address] = project.sandbox.mailbox(domain["id"], address.partition("@")[0])["id"]
    made.app_password(ANN, HOSTILE)
    made.app_password(ANN, "tablet")
    made.token(ANN, "assistant")
    made.device(ANN, "laptop")
    made.rule(ANN, "redirect_copy", "Ann@Home.example", "keep a copy")
    made.rule(ANN, "fileinto", "Offers")
    made.shared(SUPPORT, ANN, BOB)
    project.sandbox.ours("POST", "/writes:reset")
    return made


def _key(rows: list[dict[str, Any]], kind: str) -> list[str]:
    return [row["key"] for row in rows if row["kind"] == kind]


def _numbered(key: str) -> str:
    """A rule's key has a mark of what it says in place of a number."""
    return re.sub(r"/rule/[0-9a-f]{10}\Z", "/rule/1", key)


def test_all_that_lets_in_is_closed_and_closed_once(project: Project, paths: Paths) -> None:
    """R-OFF-03, R-OFF-08: seeded tokens, passwords, devices, members and redirects -> none left; no secret anywhere, a hostile
    name shown as text."""
    ends = play("mailbox_access", {"address": ANN, "reason": "left"})
    applied = project.prove(ends)
    assert paths.left() == {
        "app_password": [],
        "token": [],
        "device": [],
        "delegate": [(SUPPORT, BOB)],
        "rule": [2],  # sorts mail into a folder: lets nobody in
    }
    result = applied.result("mailbox_access")
    assert result["mailboxes"][0]["state"] == "revoked" and result["mailboxes"][0]["paths"] == []
    assert sorted(map(_numbered, result["applied"])) == sorted(
        [
            ANN + "/app_password/1",
            ANN + "/app_password/2",
            ANN + "/token/2",
            SUPPORT + "/delegate/" + ANN,
            ANN + "/device/1",
            ANN + "/rule/1",
        ]
    )
    assert sorted(actions(project)) == [
        "app_password.revoked",
        "app_password.revoked",
        "delegate.revoked",
        "device.revoked",
        "rule.deleted",
        "token.revoked",
    ]
    # R-LOG-04: an object below a mailbox carries mailbox and domain; a delegate who reads it, too.
    for event in project.events():
        thing = event["object"]
        assert thing["domain"] == "example.com", thing
        assert thing["mailbox"] == (SUPPORT if thing["kind"] == "delegate" else ANN)
        assert thing.get("member") == (ANN if thing["kind"] == "delegate" else None)
        assert "reason" in event.get("request", {}) or event["phase"] == "outcome"
    # What a rule was is kept, for whoever takes it back.
    (rule,) = [one for one in project.events() if one["action"] == "rule.deleted" and one["phase"] == "outcome"]
    assert rule["before"]["targets"] == ["ann@home.example"] and rule["before"]["definition"]["actions"]
    # What nobody can close by API is work for people.
    assert [row["kind"] for row in result["left_to_people"]] == ["session", "token"]
    assert all(row["next"] for row in result["left_to_people"])
    text = applied.output + "".join(path.read_text() for path in project.journal.glob("*.jsonl"))
    assert not [secret for secret in paths.secrets if secret in text]
    assert "\x1b[2J" not in applied.output and "\u202e" not in text and "evil.example" not in text


def test_only_the_kinds_that_are_named_end(project: Project, paths: Paths) -> None:
    """R-OFF-04: forward and alias are decisions, and end only when they are named; what the journal knew is in their events."""
    sandbox = project.sandbox
    sandbox.call("PUT", "/mailboxes/%d/forwarding" % paths.ids[ANN], {"enabled": True, "targets": ["ann@home.example"]})
    paths.post(
        "/mailboxes/%d/aliases" % paths.ids[ANN],
        {"local_part": "anna", "domain_id": sandbox.get("/domains").json()["data"][0]["id"]},
    )
    sandbox.ours("POST", "/writes:reset")
    ends = {"address": ANN, "revoke": ["forward", "alias", "token"]}
    applied = project.prove(play("mailbox_access", ends))
    assert sorted(applied.result("mailbox_access")["applied"]) == [ANN, ANN + "/token/2", "anna@example.com"]
    assert sorted(actions(project)) == ["alias.deleted", "forward.deleted", "token.revoked"]
    left = paths.left()
    assert (len(left["app_password"]), left["token"], len(left["rule"])) == (2, [], 2)


def test_a_shared_mailbox_keeps_its_last_member(project: Project, paths: Paths) -> None:
    """R-OFF-09: both directions in one plan, each membership once; the provider refuses to remove the last, so nobody tries."""
    both = [{"address": SUPPORT}, {"address": ANN}, {"address": BOB}]
    applied = project.prove(play("mailbox_access", {"revoke": ["delegate"], "mailboxes": both}))
    result = applied.result("mailbox_access")
    assert result["applied"] == [SUPPORT + "/delegate/" + ANN]
    assert paths.left()["delegate"] == [(SUPPORT, BOB)]
    states = {one["address"]: one["state"] for one in result["mailboxes"]}
    assert states == {SUPPORT: "open", ANN: "revoked", BOB: "open"}
    (left,) = result["mailboxes"][0]["paths"]
    assert left["by"] == "human" and "last member" in left["next"]
    assert any("last member" in row["next"] for row in result["left_to_people"])


def test_another_clients_shared_mailbox_is_left_alone(project: Project, paths: Paths) -> None:
    """R-VAL-02: an identity may read a mailbox of somebody else; that one is told of and not touched."""
    paths.shared("desk@example.net", ANN, BOB)
    options = {"address": ANN, "client_domains": ["example.com"], "revoke": ["delegate"]}
    run = project.task("mailbox_access", options)
    assert run.rc == 0, run.output
    result = run.result("mailbox_access")
    assert result["applied"] == [SUPPORT + "/delegate/" + ANN]
    (row,) = result["mailboxes"][0]["paths"]
    assert row["others"] == ["desk@example.net"] and "example.net" in row["next"] and row["by"] == "human"
    assert ("desk@example.net", ANN) in paths.left()["delegate"]


def test_the_list_tells_what_there_is(project: Project, paths: Paths) -> None:
    """R-IRB-D1 to D5, R-OFF-04: each kind with since when, whose it is and who closes it; a table in the terminal."""
    sandbox = project.sandbox
    domain = sandbox.get("/domains").json()["data"][0]["id"]
    sandbox.call("PUT", "/mailboxes/%d/forwarding" % paths.ids[BOB], {"enabled": True, "targets": [ANN]})
    sandbox.call("PATCH", "/domains/%d/catch-all" % domain, {"enabled": True, "destination": ANN}, key=None)
    paths.post(
        "/domains/%d/forwarding-addresses" % domain, {"local_part": "sales", "recipients": [ANN], "is_active": True}
    )
    paths.post("/mailboxes/%d/aliases" % paths.ids[ANN], {"local_part": "anna", "domain_id": domain})
    run = project.task("mailbox_access_info", {"addresses": [ANN, "nobody@example.com"]})
    result = last(run)
    rows = result["paths"]
    assert {row["address"] for row in rows} == {ANN} and result["missing"] == ["nobody@example.com"]
    assert _key(rows, "app_password") == [ANN + "/app_password/1", ANN + "/app_password/2"]
    assert _key(rows, "token") == [ANN + "/token/2"]
    assert _key(rows, "delegate") == [SUPPORT + "/delegate/" + ANN]
    assert _key(rows, "device") == [ANN + "/device/1"]
    assert [_numbered(key) for key in _key(rows, "rule")] == [ANN + "/rule/1"]
    assert _key(rows, "alias") == ["anna@example.com"]
    assert _key(rows, "catch_all") == ["example.com"]
    assert _key(rows, "inbound_forward") == [BOB, "sales@example.com"]
    assert _key(rows, "forward") == []
    by_hand = {row["kind"] for row in rows if row["by"] == "human"}
    assert by_hand == {"catch_all", "inbound_forward"} and all(row["next"] for row in rows if row["by"] == "human")
    (rule,) = [row for row in rows if row["kind"] == "rule"]
    assert rule["others"] == ["ann@home.example"] and rule["since"].endswith("Z") and rule["name"] == "keep a copy"
    assert {row["kind"] for row in result["left_to_people"]} == {"session", "token", "administrator"}
    assert "ACCESS PATHS  10 paths of 1 mailbox, 3 to be closed by people" in run.output
    assert "left to people: session of ann@example.com: " in run.output
    assert not [secret for secret in paths.secrets if secret in run.output]
    assert sandbox.writes() == 4  # what the test has made, and nothing else


def test_requests_are_those_of_the_mailboxes_asked(project: Project, paths: Paths) -> None:
    """A mailbox takes a request a kind, whoever else is in the domain; kinds that nobody asks for take none."""
    few = last(project.task("mailbox_access_info", {"addresses": [ANN], "kinds": ["app_password", "token"]}))
    # domains, mailboxes, the recycle bin, and one for each kind
    assert few["requests"] == {"GET": 5}
    assert {row["kind"] for row in few["paths"]} == {"app_password", "token"}


def test_a_script_is_read_and_left_to_people(project: Project, paths: Paths) -> None:
    """R-IRB-D1: a filter script may send mail elsewhere; it is found, and nobody rewrites what a person wrote."""
    script = 'require ["copy"];\n# redirect "not@this.example"\nif true { redirect :copy "Ann@Home.example"; }\n'
    answer = project.sandbox.call("PUT", "/mailboxes/%d/sieve" % paths.ids[ANN], {"script": script})
    assert answer.status_code == 200
    project.sandbox.ours("POST", "/writes:reset")
    run = project.task("mailbox_access", {"address": ANN, "revoke": ["rule"]})
    assert run.rc == 0 and project.sandbox.writes() == 0, run.output
    (row,) = run.result("mailbox_access")["mailboxes"][0]["paths"]
    assert (row["key"], row["others"], row["by"]) == (ANN + "/rule/script", ["ann@home.example"], "human")


def test_what_is_switched_off_or_not_shown(project: Project, paths: Paths) -> None:
    """404 of app passwords is none; a token without a scope is told so, and the rest is done all the same."""
    project.sandbox.set(app_passwords_enabled=False)
    known = project.sandbox.get("/me").json()["capabilities"]["effective_scopes"]
    few = [scope for scope in known if not scope.startswith(("drive:", "mailboxes:rules:"))]
    token = project.sandbox.mint(scopes=few)
    project.environment["MAILOPS_API_TOKEN"] = token
    options = {"address": ANN, "revoke": ["app_password", "token", "device", "rule"]}
    run = project.task("mailbox_access", options)
    result = run.result("mailbox_access")
    assert run.rc == 0 and result["applied"] == [ANN + "/token/2"], run.output
    told = {row["kind"]: row["next"] for row in result["left_to_people"] if row["kind"] in ("device", "rule")}
    assert "drive:read" in told["device"] and "mailboxes:rules:read" in told["rule"]
    assert any("insufficient_scope" in one for one in result["warnings"])


def test_lost_answers_and_a_path_that_somebody_else_closed(project: Project, paths: Paths) -> None:
    """The journal and the provider agree whatever is lost: read back, and an app password that is gone is as good as revoked."""
    for when in ("after_commit", "before_commit"):
        project.sandbox.fault("reset", when=when, method="DELETE", times=1)
    first = project.task("mailbox_access", {"address": ANN, "deadline": 20})
    again = project.task("mailbox_access", {"address": ANN})
    assert again.rc == 0 and not again.changed, first.output + again.output
    assert paths.left()["app_password"] == [] and paths.left()["token"] == []
    intents = [one["id"] for one in project.events() if one["phase"] == "intent"]
    closed = [one["intent_id"] for one in project.events() if one["phase"] == "outcome" and one["outcome"] == "success"]
    assert sorted(intents) == sorted(closed)


def test_wrong_input_is_refused(project: Project, paths: Paths) -> None:
    refusals(
        project,
        ("mailbox_access", {"address": "nobody@example.com"}, "mailbox_missing"),
        ("mailbox_access", {"address": "ann"}, "address_invalid"),
        ("mailbox_access", {"address": ANN, "revoke": []}, "nothing_to_revoke"),
        ("mailbox_access", {"address": ANN, "max_changes": 2}, "blast_radius"),
        ("mailbox_access", {"address": ANN, "client_domains": ["example.net"]}, "client_boundary"),
    )


def test_a_suspended_login_has_lost_some_already(project: Project, paths: Paths) -> None:
    """The dry run of suspend and revoke together foretells what the two do: the provider itself ends some paths."""
    both = plays(
        ("mailbox", {"address": ANN, "state": "suspended"}),
        ("mailbox_access", {"address": ANN}),
    )
    applied = project.prove(both)
    result = applied.result("mailbox_access")
    assert [row["kind"] for row in result["left_to_people"]] == ["token"]
    left = paths.left()
    assert left["app_password"] == [] and left["device"] == [] and left["token"] == []


def test_a_rollback_gives_back_what_can_come_back(project: Project, paths: Paths) -> None:
    """R-RBK-04: members and rules are again as they were, secrets stay dead and the rollback says so; taken back itself, all is
    closed again."""
    closing = {"request_id": "REQ-2026-009", "client": "acme", "client_domains": ["example.com"]}
    before = project.sandbox.ours("GET", "/state")["rules"]
    ended = project.run(play("mailbox_access", {**closing, "address": ANN}))
    assert ended.rc == 0, ended.output
    back = project.prove(play("rollback", closing))
    left = paths.left()
    assert sorted(left["delegate"]) == [(SUPPORT, ANN), (SUPPORT, BOB)]
    assert left["app_password"] == left["token"] == left["device"] == []
    told = ("name", "match_type", "conditions", "actions", "stop", "enabled")
    rules = project.sandbox.ours("GET", "/state")["rules"]
    assert sorted(str([one[name] for name in told]) for one in rules) == sorted(
        str([one[name] for name in told]) for one in before
    )
    verdicts = {row["kind"]: row["verdict"] for row in last(back)["objects"]}
    assert verdicts == {
        "delegate": "taken_back",
        "rule": "taken_back",
        "app_password": "kept",
        "token": "kept",
        "device": "kept",
    }
    again = project.prove(play("rollback", {**closing, "rollback_id": last(back)["rollback_id"]}))
    assert {row["kind"]: row["verdict"] for row in last(again)["objects"]} == {
        "delegate": "taken_back",
        "rule": "taken_back",
    }
    assert paths.left()["delegate"] == [(SUPPORT, BOB)] and len(paths.left()["rule"]) == 1
