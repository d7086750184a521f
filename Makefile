# The two commands of the README are `make demo` and `make test`; both install what they need.
PYTHON := .venv/bin/python
BUILD := build
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/core

.DEFAULT_GOAL := help
.PHONY: help setup generate build library python java javascript go compiler release-compiler demo test test-long lint format bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what building and testing needs
	@tools/setup.sh

generate: setup ## write the generated files from core/spec
	@$(PYTHON) tools/generate.py

build: library compiler python java javascript go ## the library, the compiled compiler and all five bindings

library: setup ## libkeelback.so, its headers, the C examples and driver
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE=$(CURDIR)/$(PYTHON) > $(BUILD).log 2>&1 || (cat $(BUILD).log; exit 1)
	@cmake --build $(BUILD)

python: library ## the Python binding's extension
	@tools/build_binding.sh python

java: library ## the JDBC driver
	@tools/build_binding.sh java

javascript: library ## the Node binding
	@tools/build_binding.sh javascript

go: library ## the Go driver
	@tools/build_binding.sh go

compiler: setup ## the compile tower by mypyc: taken instead of its sources while it is that of them
	@nice $(PYTHON) tools/mypyc_build.py

release-compiler: library ## the same as a release has it, compiled twice: a fifth faster
	@nice $(PYTHON) tools/mypyc_build.py --profile

demo: build ## one real database, read and written from five languages
	@$(PYTHON) demo/demo.py

test: build ## all tests that take seconds; a summary line at the end
	@tools/test.sh

test-long: build ## the slow tests too: kills, fuzzing, CPython's own sqlite3 tests
	@KEELBACK_LONG=1 tools/test.sh

lint: setup ## layout, lint, types, import direction, generated files
	@tools/lint.sh

format: setup ## put the source into its layout
	@ruff format core tools compat-tests demo bench bindings/python -q; ruff check --fix -q core tools compat-tests demo bench

bench: build ## the same programs on real SQLite and on Keelback, side by side
	@$(PYTHON) bench/bench.py

clean: ## remove what was built
	@rm -rf $(BUILD) $(BUILD).log bindings/java/target bindings/javascript/build bindings/javascript/node_modules
