# Thin names for the CMake presets and the scripts. `make help` lists them.

JOBS ?= 2
PROGRAMS ?= 2000
# Handed to the shell through the environment, so that paths with spaces and quotes arrive as they are.
export INPUT JOBS

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test build examples docs bench bench-echo bench-http bench-check coverage fuzz system-calls bugs memcheck format lint package clean

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## build and run the tour of the library; INPUT=path: on your own file of numbers (- is standard input); ARGS=--strict
	@scripts/install-dependencies </dev/null
	@scripts/build release tour
	@build/release/examples/tour --timeline=build/timeline.html $(ARGS) $${INPUT:+--input="$$INPUT"}

test: ## build everything and run all tests
	@scripts/install-dependencies
	@scripts/build release
	@ctest --preset release --output-on-failure -j$(JOBS)

build: ## build everything into build/release
	@scripts/install-dependencies
	@scripts/build release

examples: ## build the examples into build/release/examples
	@scripts/install-dependencies
	@scripts/build release examples

docs: ## build the documentation into build/docs, and check its links
	@scripts/install-dependencies docs
	@scripts/docs

bench: ## compare fermata with its peers and with code by hand, into docs/benchmarks; ARGS="--quick --only turn"
	@scripts/install-dependencies bench
	@scripts/build release bench_programs echo_benchmark
	@if command -v clang++-19 >/dev/null; then scripts/build clang bench_programs; fi
	@benchmarks/run $(ARGS)

bench-echo: ## compare the echo server with loops by hand and with its peers; ARGS="--connections 50 --rounds 9"
	@scripts/install-dependencies bench
	@scripts/build release echo_benchmark
	@benchmarks/echo/run.py build/release $(ARGS)

bench-http: ## compare the HTTP server with nginx; ARGS="--rounds 9"
	@scripts/install-dependencies bench
	@scripts/build release http_server
	@benchmarks/http/run.py build/release $(ARGS)

bench-check: ## check the costs that are counted in instructions; ARGS=--update commits what they are now
	@scripts/bench-check $(ARGS)

coverage: ## run the tests with gcov: 95 % of the library's lines are to be run, and tests/coverage/unreached.txt says why no others
	@scripts/install-dependencies ci
	@scripts/build coverage
	@find build/coverage -name '*.gcda' -delete
	@ctest --preset coverage -j$(JOBS)
	@tests/coverage/check.py

fuzz: ## compare PROGRAMS=2000 random programs with CPython: of generators, and as many of asyncio
	@scripts/install-dependencies
	@tests/conformance/fuzz/run.py --programs $(PROGRAMS)
	@scripts/build release fermata async_fuzz_support
	@tests/conformance/async/run.py --programs $(PROGRAMS) --library build/release/libfermata.a \
		--support build/release/tests/conformance/async/libasync_fuzz_support.a

system-calls: ## have each system call that programs of all kinds make fail once (two minutes)
	@scripts/build release uses_system_calls
	@tests/testing/system_calls_test.py --all --report build/robustness/system-calls.json \
		build/release/tests/testing/uses_system_calls

bugs: ## plant bugs in the library, one at a time: the tests must catch each; ARGS="--list" or words of their names
	@scripts/install-dependencies
	@tests/bugs/run.py --jobs $(JOBS) $(ARGS)

memcheck: ## run a part of the tests under valgrind (a minute)
	@scripts/memcheck

package: ## build the Debian packages into build/packages
	@scripts/install-dependencies
	@scripts/package

format: ## format the C++ sources
	@scripts/format

lint: ## check the formatting, and run clang-tidy
	@scripts/lint

clean: ## remove build/
	@rm -rf build
