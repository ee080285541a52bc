.DEFAULT_GOAL := help
.PHONY: help run test faults again check sequences bench demo mails installed

# The tests and the stack are found by the environment's own programs, whoever calls make.
BIN := .venv/bin
COUNT := 10000
PACKAGES := contracts chassis calendaring clients payments catalog scheduling pilates portal notifications gateway stack

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: installed ## Start everything on this machine (PORT=8000 BOOKLY_HOME=.bookly DEMO=1)
	@exec $(BIN)/python -m stack run

demo: installed ## Load the demo studio into the stack that is running
	@exec $(BIN)/python -m stack demo

test: installed ## Run the tests, on servers started for them
	@exec $(BIN)/python -m pytest -rs -n 2 --dist loadscope --ignore tests/faults

# Alone: who is promised an answer in time, or no 5xx, is promised it on a machine that does nothing else.
faults: installed ## Kill every process, and send crowds to one place (FULL=1: the promised figures)
	@exec $(BIN)/python -m pytest -rs tests/faults $(if $(FULL),--full)

again: installed ## Try once more, alone, what failed last
	@exec $(BIN)/python -m pytest -rA --last-failed --last-failed-no-failures none

check: installed ## Check form, types and architecture
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy $(PACKAGES:%=-p %)
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/architecture

sequences: installed ## Try 10,000 random sequences of decisions about places and credits (COUNT=10000)
	@exec $(BIN)/python -m pytest services/pilates/tests/test_sequences.py --sequences $(COUNT) -n 2 --dist load

bench: installed ## Measure against peers, limits and goals, then try 100,000 sequences (docs/benchmarks.md)
	@$(BIN)/python -m pytest tests/bench
	@$(MAKE) sequences COUNT=100000

mails: installed ## Render every mail in every language to build/mails/index.html
	@exec $(BIN)/python -m notifications.mails.gallery build/mails

installed:
	@deploy/local/bootstrap
