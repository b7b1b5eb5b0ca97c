# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns and tells: every object by name, its cause once, its next step (design 4.6, 4.8, 4.14)."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.model import (
    JournalError,
    MailopsError,
    Operation,
    Plan,
    ProviderError,
    Refused,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox import Mailbox
from ansible_collections.mailops.email.plugins.module_utils.shell.result import (
    NAMED,
    SHOWN,
    diff_of,
    failure_result,
    message_of,
    report_result,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.shorten import shorten
from ansible_collections.mailops.email.plugins.plugin_utils.plan_table import plan_lines


def operation(number: int = 0, **more: Any) -> Operation:
    key = "u%d@example.com" % number
    after = {"state": "pending", "recipient": "u%d@home.example" % number, "expires_in_hours": 72}
    return Operation(number, "invite", "create", key, "invite.sent", None, after, **more)


def context(check_mode: bool = False) -> Context:
    now = datetime.datetime.now(datetime.timezone.utc)
    actor = {"human": "dana", "system": "test"}
    return Context("REQ-1", "acme", actor, "t@1", "run", now, check_mode=check_mode)


def report(*statuses: str, left: int = 0, **more: Any) -> Report:
    operations = [operation(number) for number in range(len(statuses) + left)]
    made = Report(Plan("acme", "p@x", operations), **more)
    for one, status in zip(operations, statuses, strict=False):
        error = None
        if status in ("failed", "in_doubt"):
            error = ProviderError("plan_limit_reached", "%s: the plan is full." % one.key, "Free places.")
            made.failures.append(Failure(one.index, one.key, "apply", error))
        made.results.append(Result(one, status, one.after, error=error))
    made.not_attempted = operations[len(statuses) :]
    return made


def test_counts_and_names() -> None:
    made = report("applied", "failed", "failed", "in_doubt", "unverified", left=2)
    message = message_of(made)
    first, *rest = message.splitlines()
    assert first.startswith("2 of 7 operations done, 2 failed, 1 in doubt, 2 not attempted; running again")
    assert rest == [
        "[plan_limit_reached] item 1: u1@example.com: the plan is full. Free places. (and 2 more like it: %s)"
        % "u2@example.com, u3@example.com"
    ]
    result = report_result(Mailbox(), made, context())
    assert result["failed"] and result["changed"] and result["msg"] == message
    assert result["applied"] == ["u0@example.com", "u4@example.com"] and result["unverified"] == ["u4@example.com"]
    assert result["not_attempted"] == ["u5@example.com", "u6@example.com"]
    assert [one["key"] for one in result["failed_items"]] == ["u1@example.com", "u2@example.com", "u3@example.com"]
    assert json.loads(json.dumps(result)) == result, "plain types only"


def test_nothing_done_is_not_changed() -> None:
    result = report_result(Mailbox(), report("failed", "in_doubt", left=3), context())
    assert not result["changed"] and result["failed"]


def test_all_done_has_no_message() -> None:
    result = report_result(Mailbox(), report("applied"), context())
    assert result["changed"] and "failed" not in result and "msg" not in result
    assert not report_result(Mailbox(), report(), context())["changed"]


def test_a_broken_journal_comes_first() -> None:
    fatal = JournalError("journal_not_writable", "The journal x cannot be written: full.", "Make room.")
    message = message_of(report("applied", left=2, fatal=fatal))
    assert message.splitlines()[0] == "[journal_not_writable] The journal x cannot be written: full. Make room."
    assert "1 of 3 operations done" in message and "2 not attempted" in message


def short(made: Report, limit: int, check_mode: bool = False, at_hand: bool = True) -> dict[str, Any]:
    result = report_result(Mailbox(), made, context(check_mode))
    return shorten(result, made, "mailboxes", limit, journal_at_hand=at_hand)


def test_counts_are_always_there() -> None:
    made = report("applied", "failed", "in_doubt", "unverified", left=2)
    made.objects = [{"state": "pending"}, {"state": "pending"}, {"state": "present"}, {"state": None}]
    for limit in (0, 1):
        assert short(made, limit)["counts"] == {
            "objects": 4,
            "states": {"pending": 2, "present": 1},
            "operations": 6,
            "predicted": 0,
            "applied": 2,
            "unverified": 1,
            "failed": 1,
            "in_doubt": 1,
            "not_attempted": 2,
        }


def test_a_long_list_is_left_out_whole() -> None:
    """Up to the limit all is there; beyond it everything that needs a person still is, and a word on where the rest is."""
    made = report("applied", "failed", "in_doubt", "unverified", left=2, journal="/j/run.jsonl")
    made.objects = [{"state": "pending"}] * 6
    whole = report_result(Mailbox(), made, context())
    assert short(made, 6) == short(made, 0) == whole and "left_out" not in whole
    result = short(made, 5)
    gone = {"mailboxes", "plan", "applied", "diff"}
    assert set(whole) - set(result) == gone and set(result) - set(whole) == {"left_out"}
    for name in ("failed_items", "unverified", "not_attempted", "plan_digest", "msg", "counts", "changed", "failed"):
        assert result[name] == whole[name], name
    assert [one["mailbox"] for one in result["audit"]["changes"]] == ["u4@example.com", "u5@example.com"]
    assert result["audit"]["unlisted"] == 4
    assert result["left_out"].startswith(
        "Longer than max_listed (5) and left out: mailboxes, plan, applied, diff, audit.changes. "
    )
    assert "/j/run.jsonl" in result["left_out"]


def test_only_the_long_list_is_left_out() -> None:
    """A second run changes nothing, so its plan is short however many objects there are."""
    made = report()
    made.objects = [{"state": "present"}] * 3
    result = short(made, 2)
    assert "mailboxes" not in result and result["plan"] == result["applied"] == [] and "diff" in result
    assert "info modules" in result["left_out"] and result["audit"]["unlisted"] == 0


def test_a_dry_run_says_that_no_journal_has_the_rest() -> None:
    result = short(report("predicted", "predicted"), 1, check_mode=True)
    assert result["audit"]["changes"] == [] and result["audit"]["unlisted"] == 2 and result["changed"]
    assert "no journal has them; max_listed 0" in result["left_out"]


def test_changes_stay_where_the_callback_cannot_read_them() -> None:
    """The journal failed on the way, or it is on another host."""
    fatal = report("applied", "applied", journal="/j", fatal=JournalError("journal_not_writable", "Full.", "Free it."))
    for result in (short(fatal, 1), short(report("applied", "applied", journal="/j"), 1, at_hand=False)):
        assert len(result["audit"]["changes"]) == 2 and result["audit"]["unlisted"] == 0
        assert "plan" not in result and "audit.changes" not in result["left_out"]


def refusals(*errors: MailopsError) -> Report:
    failures = [Failure(number, "k%d@x.example" % number, "plan", error) for number, error in enumerate(errors)]
    return Report(Plan("acme", "p@x", []), failures)


def test_refused_items_are_all_told_at_once() -> None:
    made = refusals(Refused("a", "k0@x.example: bad.", "Fix."), Refused("b", "Worse.", "Mend."))
    assert message_of(made).splitlines() == [
        "2 items refused; nothing was changed.",
        "[a] item 0: k0@x.example: bad. Fix.",
        "[b] item 1: k1@x.example: Worse. Mend.",
    ]
    result = report_result(Mailbox(), made, context(check_mode=True))
    assert not result["changed"] and result["failed"]


def test_many_failures_stay_readable() -> None:
    """Hundreds of the same are one line that names some; many kinds are cut with a word on where the rest is."""
    same = message_of(report(*["failed"] * 300))
    assert len(same.splitlines()) == 2 and "and 299 more like it" in same and ", …)" in same
    assert same.count("@example.com") == NAMED + 1
    kinds = message_of(refusals(*(Refused("c%d" % number, "No %d." % number, "Do.") for number in range(SHOWN + 5))))
    assert "and 5 more kinds of failure, see failed_items" in kinds and len(kinds.splitlines()) == SHOWN + 2


def test_a_task_that_saw_nothing() -> None:
    error = ProviderError("timeout", "GET /domains: no answer within 1 s.", "Run again later.")
    result = failure_result(error, context(), {"GET": 5})
    assert result["msg"] == "[timeout] GET /domains: no answer within 1 s. Run again later."
    assert result["failed"] and not result["changed"] and result["requests"] == {"GET": 5}
    assert result["audit"]["failures"] == [{"key": "", "phase": "task", "code": "timeout"}]
    assert "audit" not in failure_result(Refused("x", "y"))


def test_audit_says_what_became_of_each() -> None:
    made = report("applied", "failed", "in_doubt", "unverified", left=1)
    changes = report_result(Mailbox(), made, context())["audit"]["changes"]
    assert [one["outcome"] for one in changes] == ["success", "failure", "in_doubt", "unverified", "not_attempted"]
    predicted = report_result(Mailbox(), report("predicted", "predicted"), context(check_mode=True))
    assert [one["outcome"] for one in predicted["audit"]["changes"]] == ["predicted"] * 2 and predicted["changed"]


def test_secrets_are_in_no_result() -> None:
    made = report("applied")
    made.results[0].secret = made.results[0].operation.secret = "hunter2"
    assert "hunter2" not in json.dumps(report_result(Mailbox(), made, context())) + repr(made)


def step(verb: str, before: Any, after: Any, stage: int = 0, key: str = "a@x.example") -> Operation:
    return Operation(0, "mailbox", verb, key, "mailbox.updated", before, after, stage=stage)


def test_a_diff_joins_the_steps_of_an_object() -> None:
    diff = diff_of(
        [
            step("update", {"display_name": "A"}, {"display_name": "B"}, stage=1),
            step("resume", {"suspended": "login"}, {"suspended": ""}),
            step("delete", {"state": "present"}, None, key="b@x.example"),
            step("create", None, {"state": "present"}, key="c@x.example"),
        ]
    )
    assert diff["before"].splitlines() == [
        'mailbox a@x.example: {"display_name":"A","suspended":"login"}',
        'mailbox b@x.example: {"state":"present"}',
    ]
    assert diff["after"].splitlines() == [
        'mailbox a@x.example: {"display_name":"B","suspended":""}',
        'mailbox c@x.example: {"state":"present"}',
    ]


def test_the_plan_as_a_table() -> None:
    result = report_result(Mailbox(), report(left=2), context(check_mode=True))
    lines = plan_lines(result, True)
    assert lines[0] == "PLAN REQ-1  client acme  2 operations  (dry run, nothing is changed)"
    assert lines[1].split() == "+ invite create u0@example.com setup link to u0@home.example, valid 72 h".split()
    assert lines[-1].strip() == "digest " + result["plan_digest"]
    assert plan_lines(result, False)[0].endswith("2 operations")
    assert plan_lines({}, True) == [] and plan_lines({"plan": []}, True) == []


def test_a_long_plan_is_summed_up() -> None:
    lines = plan_lines(report_result(Mailbox(), report(left=100), context(check_mode=True)), True)
    assert len(lines) < 50 and any("and 60 more" in line for line in lines)
    assert any(line.split() == ["example.com", "invite", "create", "100"] for line in lines)


def test_what_the_provider_does_on_the_side_is_in_the_table() -> None:
    """Whoever approves a plan sees what goes off with it."""
    one = step("pause", {"suspended": ""}, {"suspended": "all"})
    entry = {"kind": "alias", "key": "info@example.com", "before": {"enabled": True}, "after": {"enabled": False}}
    one.collateral = [{**entry, "request": {}}]
    lines = plan_lines({"plan": [one.summary()]}, True)
    assert lines[2].split() == "! alias, on the side info@example.com enabled: True -> False".split()


def test_owners_by_recovery_link_in_the_table() -> None:
    made = Operation(0, "mailbox", "create", "a@example.com", "mailbox.created", None, {"credential": "discarded"})
    sent = operation(delivery={"method": "recovery_link", "rank": 1})
    lines = plan_lines({"plan": [made.summary(), sent.summary()]}, True)
    assert "with a secret that nobody keeps" in lines[1] and "recovery link to" in lines[2]


@pytest.mark.parametrize("kind", ["exception", "sealed", "change", "removal"])
def test_rows_of_a_plan(kind: str) -> None:
    exception = {"reason": "moved", "approver": "mira", "expires_at": "2026-01-01T00:00:00Z"}
    one = {
        "exception": step("delete", {"state": "present"}, None),
        "sealed": operation(delivery={"method": "one_time_token_oob", "rank": 2, "seal_to": "age1x"}),
        "change": step("update", {"display_name": "A"}, {"display_name": "B"}),
        "removal": step("delete", {"state": "suspended"}, None),
    }[kind]
    if kind == "exception":
        one.exception = exception
    line = plan_lines({"plan": [one.summary()]}, True)[1]
    words = {
        "exception": "exception by mira: moved",
        "sealed": "sealed setup link for",
        "change": "display_name: A -> B",
        "removal": "- ",
    }
    assert words[kind] in line
