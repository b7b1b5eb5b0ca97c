# Everything a contributor or CI runs. Nothing has to be installed by hand beside python3 (3.11+) with venv, make and git.
# All that is created lies in .cache/ and dist/; `make clean` removes both.

# Shims of version managers shadow interpreters with programs that fail, so PATH holds only the environment and the system.
SYSTEM_PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ROOT := $(CURDIR)
CACHE := $(ROOT)/.cache
VENV := $(CACHE)/venv
PY := $(VENV)/bin/python
TREE := $(CACHE)/tree
LINK := $(TREE)/ansible_collections/mailops/email

# The core of the environment, and what `make constraints` resolves.
CORE := 2.19
# A second, older core that `make test` tries the smoke tests on, and all that `make matrix` tries (core:Python).
OLD_CORE ?= 2.18
MATRIX ?= 2.16:3.11 2.17:3.11 2.18:3.11 2.19:3.11 2.20:3.12 2.21:3.12 2.21:3.13
PYTEST_ARGS ?=
# Files side by side: each test file starts what it needs, and stops it.
PYTEST_JOBS ?= 2

export PATH := $(VENV)/bin:$(SYSTEM_PATH)
# What a developer's own shell says about Ansible must not decide the outcome of a test.
unexport $(filter ANSIBLE_%,$(.VARIABLES)) PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export ANSIBLE_HOME := $(CACHE)/ansible
export ANSIBLE_COLLECTIONS_PATH := $(TREE)
export MYPYPATH := $(TREE)
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo sandbox test lint lint-python lint-types lint-yaml lint-ansible lint-docs lint-changelog \
	lint-archive lint-ee lint-shell format sanity unit integration contract kill soak live stores dns smoke-old matrix molecule bench build constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- environments ------------------------------------------------------------------------------------------------

RUNTIME_FILES := requirements.txt extensions/sandbox/requirements.txt
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

$(RUNTIME): $(RUNTIME_FILES) constraints.txt tests/tools/venv.sh
	@echo "setting up .cache/venv (about half a minute the first time)"
	@tests/tools/venv.sh $(VENV) pinned $(RUNTIME_FILES)
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt tests/requirements.txt
	@echo "adding the test tools to .cache/venv"
	@tests/tools/venv.sh $(VENV) pinned $(RUNTIME_FILES) requirements-dev.txt
	@touch $@

# Relative, so that a moved checkout still finds itself. Ansible follows it; ansible-test does not (see `sanity`).
$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

setup: $(RUNTIME) | $(LINK) ## the environment that the demo and the sandbox run in

setup-dev: $(DEV) | $(LINK) ## that and the test tools

# ---- to look at --------------------------------------------------------------------------------------------------

demo: setup ## a change request from CSV to mailboxes and back, on the local sandbox
	@$(PY) extensions/sandbox/demo.py

sandbox: setup ## the sandbox in the foreground, its data in .cache/sandbox
	@mkdir -p $(CACHE)/sandbox
	@echo "Point a run at it with MAILOPS_API_URL=http://127.0.0.1:8025/api/v1 and MAILOPS_API_TOKEN=<the token below>; Ctrl-C stops it."
	@$(PY) extensions/sandbox/serve.py --data $(CACHE)/sandbox --port 8025

# ---- the gate ----------------------------------------------------------------------------------------------------

test: setup-dev ## every gate, then every test; what CI runs
	@echo "linters, ansible-test sanity, the older core and molecule run side by side (minutes the first time, then seconds)"
	@$(MAKE) --no-print-directory -k -j2 --output-sync=target lint sanity smoke-old molecule
	@PYTHONPATH=$(TREE) $(PY) -m pytest -n $(PYTEST_JOBS) --dist loadfile $(PYTEST_ARGS) tests/unit tests/sandbox tests/kill tests/integration tests/contract tests/postgres tests/dns tests/live

unit: setup-dev ## tests without a server
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/unit

integration: setup-dev ## ansible-playbook against the sandbox, and the sandbox against its contract
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/sandbox tests/integration

contract: setup-dev ## every driver against its provider: in memory, the sandbox, a real Modoboa (docs/providers.md)
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/contract

# What it needs to be repeated is printed: SEED for all of it, TRIAL for one of them.
kill: setup-dev ## runs killed at 300 seeded points, and run again; SEED, TRIALS, TRIAL (docs/testing.md)
	@$(PY) tests/kill/run.py --trials $(or $(TRIALS),300) $(addprefix --seed ,$(SEED)) $(addprefix --only ,$(TRIAL)) $(KILL_ARGS)

soak: setup-dev ## the same 10,000 times; what was stopped goes on where it was
	@$(PY) tests/kill/run.py --trials $(or $(TRIALS),10000) --seed $(or $(SEED),1) --state $(CACHE)/kill/soak-$(or $(SEED),1).jsonl $(KILL_ARGS)

live: setup-dev ## the collection against real servers: Modoboa, Postfix, Dovecot (as root; docs/testing.md)
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/live

stores: setup-dev ## what keeps the journal: files, and a PostgreSQL that the tests start
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/postgres

dns: setup-dev ## the DNS baseline alone, against real name servers: BIND, Knot, PowerDNS (docs/testing.md)
	@PYTHONPATH=$(TREE) $(PY) -m pytest $(PYTEST_ARGS) tests/unit/dns tests/dns

lint: lint-python lint-types lint-yaml lint-ansible lint-docs lint-changelog lint-archive lint-ee lint-shell ## style, types, docs, archive

lint-python: setup-dev
	@status=0; ruff check --output-format concise . || status=1; ruff format --check --output-format concise . || status=1; exit $$status

PACKAGES := $(foreach part,module_utils plugin_utils,$(if $(wildcard plugins/$(part)),-p ansible_collections.mailops.email.plugins.$(part)))

lint-types: setup-dev
	@status=0; mypy $(PACKAGES) || status=1; MYPYPATH=$(TREE):$(ROOT)/extensions/sandbox mypy extensions/sandbox || status=1; exit $$status

lint-yaml: setup-dev
	@yamllint --strict .

lint-ansible: setup-dev
	@ansible-lint

lint-docs: setup-dev
	@antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .

lint-changelog: setup-dev
	@antsibull-changelog lint

lint-archive: setup-dev
	@rm -rf $(CACHE)/build
	@ansible-galaxy collection build --output-path $(CACHE)/build >/dev/null
	@$(PY) tests/tools/archive.py . $(CACHE)/build/*.tar.gz
	@ANSIBLE_COLLECTIONS_PATH=$(CACHE)/build/installed ansible-galaxy collection install --offline -p $(CACHE)/build/installed $(CACHE)/build/*.tar.gz >/dev/null
	@ANSIBLE_COLLECTIONS_PATH=$(CACHE)/build/installed ansible-galaxy collection verify --offline mailops.email

# No image is built here: the build context alone shows whether the definition and the files that it names fit together.
lint-ee: build setup-dev
	@ansible-builder create --verbosity 1 --file extensions/ee/execution-environment.yml --context $(CACHE)/ee

lint-shell:
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run tests/tools/*.sh; \
	elif [ -n "$(CI)" ]; then echo "shellcheck is missing"; exit 1; \
	else echo "SKIPPED: shellcheck is not installed"; fi

format: setup-dev ## let ruff sort imports and lay out code
	@ruff check --fix .
	@ruff format .

sanity: setup-dev ## ansible-test sanity on the working tree; arguments in SANITY_ARGS
	@$(PY) tests/tools/sanity.py . $(CACHE)/sanity $(SANITY_ARGS)

smoke-old: setup-dev
	@tests/tools/core.sh $(OLD_CORE) $(PY) -m smoke tests/integration

matrix: setup-dev ## the tests on every supported ansible-core whose Python is found
	@tests/tools/matrix.sh $(MATRIX)

molecule: setup-dev ## the main job as a molecule scenario, with a sandbox of its own
	@cd extensions && molecule reset && molecule test

bench: setup-dev ## the measurements of tests/bench
	@PYTHONPATH=$(TREE) $(PY) tests/bench/run.py
	@PYTHONPATH=$(TREE) $(PY) tests/bench/stores.py
	@PYTHONPATH=$(TREE) $(PY) tests/bench/posture.py

# ---- to release --------------------------------------------------------------------------------------------------

build: setup ## the archive for Galaxy, in dist/
	@ansible-galaxy collection build --force --output-path dist

constraints: setup-dev ## resolve constraints.txt anew
	@echo "# The exact versions that make installs, resolved for Python 3.11 by \`make constraints\`. Lower bounds: requirements*.txt." >$(CACHE)/constraints.txt
	@printf 'ansible-core~=$(CORE).0\nuv\n' | UV_SYSTEM_CERTS=1 uv pip compile --quiet --upgrade --no-header --no-annotate \
	  --python-version 3.11 $(RUNTIME_FILES) requirements-dev.txt - >>$(CACHE)/constraints.txt
	@mv $(CACHE)/constraints.txt constraints.txt

clean: ## remove all that make created
	rm -rf $(CACHE) dist tests/output
