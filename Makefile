# The front door: `make` lists what there is. Each target is a script in scripts/, which says what
# it does, shows progress and is fast the second time.
.DEFAULT_GOAL := help
.PHONY: help deps build demo testbed test lint dev bench bench-growth bench-reconcile bench-cost bench-informer bench-notifications bench-access soak clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps:  ## install what this machine lacks (Debian 12; as root)
	@scripts/deps

build: .deps  ## build the programs into bin/
	@scripts/build release kube-network-manager contrail-config-api contrail-cni

dev: .deps  ## build and run one test: ARGS='core_test', ARGS='core_test Pacing.*'
	@scripts/dev $(ARGS)

demo: .deps  ## guestbook on a real control plane, until Ctrl-C; ARGS='--once', ARGS='--app examples/shop'
	@scripts/demo $(ARGS)

testbed: .deps  ## guestbook with real nodes and packets (as root); ARGS='--once', '--app examples/shop', '--nodes N'
	@scripts/testbed $(ARGS)

test: .deps  ## all tests: unit, property, scenarios, sanitizers, real control plane, real packets (as root)
	@scripts/test

lint: .deps  ## formatting, clang-tidy, pure folders, shell, YAML, Python
	@scripts/lint

bench: .deps  ## the benchmarks; they write docs/benchmarks
	@scripts/bench

bench-growth: .deps  ## one pod's change, memory and restart, by size of the cluster
	@scripts/bench growth

bench-reconcile: .deps  ## requests, time to converge, reaction
	@scripts/bench reconcile

bench-cost: .deps  ## what one pod costs the whole program; its memory
	@scripts/bench cost

bench-informer: .deps  ## what informers cost, beside client-go's, on a real control plane
	@scripts/bench informer

bench-notifications: .deps  ## what the notifications of the config API bring and cost
	@scripts/bench notifications

bench-access: .deps  ## what TLS and tokens cost
	@scripts/bench access

soak: .deps  ## the long tests: thread sanitizer, crash matrix, repetition
	@scripts/soak

clean:  ## remove what was built here (the shared cache stays)
	rm -rf build bin compile_commands.json

.PHONY: .deps
.deps:
	@scripts/deps --check
