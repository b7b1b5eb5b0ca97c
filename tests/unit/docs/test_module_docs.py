# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation says what the code does: same options, examples that are valid, and nothing returned that is not told."""

from __future__ import annotations

import ast
import datetime
import json
import re
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from moduledocs import (
    MODULES,
    ROOT,
    all_tasks,
    differences,
    documentation,
    source,
    spec_of,
    tasks,
    texts,
)

from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_baseline import DNS_BASELINE
from ansible_collections.mailops.email.plugins.module_utils.shell.info import INFO_MODULES
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import PROBE
from ansible_collections.mailops.email.plugins.module_utils.shell.rollback import ROLLBACK
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import CONNECTION
from ansible_collections.mailops.email.plugins.module_utils.shell.task import items_of

# A day at which the ends in the examples are neither over nor too far away.
NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
_DOMAIN = re.compile(r"@([A-Za-z0-9.-]+)")
_RESERVED = re.compile(r"(?:.*\.)?example(?:\.com|\.net|\.org)?")


def test_every_module_has_its_files() -> None:
    """A module has documentation, an action of its name, and a place in the action group; and none has only some."""
    for folder in ("modules", "action"):
        names = {path.stem for path in (ROOT / "plugins" / folder).glob("*.py")} - {"__init__"}
        assert names == set(MODULES), folder
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["all"]) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_runs_itself(name: str) -> None:
    """The main function calls the shell with the module's own name, and the module holds nothing else."""
    tree = ast.parse((ROOT / "plugins" / "modules" / (name + ".py")).read_text(encoding="utf-8"))
    (main,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    entry = "run_info_module" if name in INFO_MODULES else "run_resource_module"
    own = {
        PROBE: "run_probe_module()",
        ROLLBACK: "run_rollback_module()",
        DNS_BASELINE: "run_dns_baseline_module()",
    }
    call = own.get(name, "%s('%s')" % (entry, name))
    assert [ast.unparse(one) for one in main.body] == [call]
    action = (ROOT / "plugins" / "action" / (name + ".py")).read_text(encoding="utf-8")
    assert 'KIND = "%s"' % name in action


@pytest.mark.parametrize("name", MODULES)
def test_options_are_those_of_the_spec(name: str) -> None:
    """Names, types, elements, choices, defaults, required, and the same for suboptions."""
    assert differences(documentation(name)["options"], spec_of(name)["argument_spec"]) == []


def test_the_comparison_sees_every_kind_of_fault() -> None:
    """The test above can fail: each planted fault is named."""
    spec = spec_of("mailbox")["argument_spec"]
    sound = documentation("mailbox")["options"]
    faults: list[tuple[str, t.Callable[[dict[str, t.Any]], t.Any]]] = [
        ("note is not documented", lambda o: o.pop("note")),
        ("mailboxes.note is not documented", lambda o: o["mailboxes"]["suboptions"].pop("note")),
        ("exception.reason is not documented", lambda o: o["exception"]["suboptions"].pop("reason")),
        ("ghost is documented and does not exist", lambda o: o.update(ghost={"type": "str"})),
        ("quota_mb: type", lambda o: o["quota_mb"].update(type="str")),
        ("mailboxes: elements", lambda o: o["mailboxes"].pop("elements")),
        ("request_id: required", lambda o: o["request_id"].pop("required")),
        ("suspend: default", lambda o: o["suspend"].update(default="all")),
        ("mailboxes.suspend: default", lambda o: o["mailboxes"]["suboptions"]["suspend"].update(default="login")),
        ("state: choices", lambda o: o["state"].update(choices=["present", "absent"])),
    ]
    for expected, plant in faults:
        options = json.loads(json.dumps(sound))  # aliases of YAML become copies
        plant(options)
        found = differences(options, spec)
        assert len(found) == 1 and found[0].startswith(expected), (expected, found)


@pytest.mark.parametrize("name", MODULES)
def test_every_option_is_explained(name: str) -> None:
    """Whole sentences everywhere, and each environment variable is named where its option is."""
    doc = documentation(name)
    for place, line in texts(doc["options"]):
        assert line.strip().endswith("."), "%s: %r" % (place, line)
    for option, spec in spec_of(name)["argument_spec"].items():
        for variable in spec["fallback"][1] if "fallback" in spec else ():
            assert any("E(%s)" % variable in line for place, line in texts(doc["options"]) if place == option), option


@pytest.mark.parametrize("name", MODULES)
def test_the_head_is_complete(name: str) -> None:
    doc = documentation(name)
    assert doc["module"] == name
    assert str(doc["version_added"]) == "1.0.0"
    assert doc["author"] == ["Mailops authors (@mailops-email)"]
    assert doc["short_description"] and not doc["short_description"].endswith(".")
    assert all(line.endswith(".") for line in doc["description"])
    wanted = {"action_group", "async", "check_mode", "diff_mode", "idempotent", "platform"}
    assert set(doc["attributes"]) == wanted
    assert doc["attributes"]["check_mode"]["support"] == "full"
    assert any(line.startswith("requests") for line in doc["requirements"])
    assert doc["seealso"]


def _filled(value: t.Any, spec: dict[str, t.Any]) -> t.Any:
    """A value with something of the right type in place of a template."""
    if isinstance(value, str) and "{{" in value:
        if spec.get("type") == "list":
            key = [name for name, option in (spec.get("options") or {}).items() if option.get("required")] or [
                "address"
            ]
            return [{key[0]: "alex@example.com"}] if spec.get("elements") == "dict" else ["example.com"]
        return {"int": 1, "bool": True, "dict": {"key": "text"}}.get(str(spec.get("type")), "text")
    return value


def _validated(task: dict[str, t.Any]) -> t.Any:
    spec = dict(spec_of(task["module"]))
    spec.pop("supports_check_mode")
    options = spec["argument_spec"]
    arguments = {name: _filled(value, options.get(name, {})) for name, value in task["arguments"].items()}
    return ArgumentSpecValidator(**spec).validate(arguments)


@pytest.fixture
def only_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that examples speak of: it holds the token and nothing else."""
    for option in (*CONNECTION.values(), *spec_of("mailbox")["argument_spec"].values()):
        for variable in option["fallback"][1] if "fallback" in option else ():
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MAILOPS_API_TOKEN", "none")


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.usefixtures("only_the_token")
def test_examples_are_valid(name: str) -> None:
    """Every task takes the options it is given, with the defaults of its block and the token of the environment."""
    entries = yaml.safe_load(source(name).EXAMPLES)
    found = tasks(name)
    assert any(task["module"] == name for task in found)
    for task in found:
        assert task["module"] in MODULES, task
        assert _validated(task).error_messages == [], task["name"]
    for entry in all_tasks(entries):
        assert entry.get("name"), entry
        modules = [key for key in entry if "." in key]
        assert len(modules) == ("block" not in entry), entry
        assert all(re.fullmatch(r"(ansible\.builtin|mailops\.email)\.[a-z_]+", key) for key in modules), modules


@pytest.mark.usefixtures("only_the_token")
def test_a_wrong_example_is_refused() -> None:
    """The test above can fail."""
    good = {"module": "alias", "arguments": {"request_id": "R", "address": "a@example.com", "mailbox": "b@example.com"}}
    assert _validated(good).error_messages == []
    for wrong in ({"ghost": 1}, {"request_id": None}, {"state": "gone"}, {"aliases": [{"address": "a@example.com"}]}):
        task = {"module": "alias", "arguments": {**good["arguments"], **wrong}}
        if wrong == {"request_id": None}:
            del task["arguments"]["request_id"]
        assert _validated(task).error_messages, wrong


@pytest.mark.parametrize("name", sorted(RESOURCES))
@pytest.mark.usefixtures("only_the_token")
def test_examples_pass_the_policy(name: str) -> None:
    """What an example asks for would not be refused before the provider is asked."""
    for task in tasks(name):
        kind = task["module"]
        if kind not in RESOURCES or any("{{" in str(value) for value in task["arguments"].values()):
            continue
        for item in items_of(kind, _validated(task).validated_parameters):
            normal = RESOURCES[kind]().normalise(item, NOW)
            domains = task["arguments"].get("client_domains")
            assert domains is None or set(RESOURCES[kind]().domains_of(normal)) <= set(domains), task["name"]


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_examples_show_what_people_look_for(name: str) -> None:
    """A single object, a list, a block with module_defaults, the dry run, an exception."""
    text, found = source(name).EXAMPLES, [task["arguments"] for task in tasks(name) if task["module"] == name]
    resource = RESOURCES[name]
    assert any(resource.key_option in arguments for arguments in found)
    assert any(resource.plural in arguments for arguments in found)
    assert "exception" not in resource.options or any("exception" in arguments for arguments in found)
    assert "group/mailops.email.all" in text
    assert "--check --diff" in text


@pytest.mark.parametrize("name", MODULES)
def test_documents_name_no_real_domain(name: str) -> None:
    """RFC 2606 and 6761: only names that belong to nobody."""
    for text in (source(name).DOCUMENTATION, source(name).EXAMPLES, source(name).RETURN):
        for domain in _DOMAIN.findall(text):
            domain = domain.rstrip(".")
            if domain.isdigit():
                continue  # the port of a server
            assert _RESERVED.fullmatch(domain) or domain in ("mailops-email", "1.0.0", "controller"), domain
