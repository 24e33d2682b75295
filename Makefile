# `make` lists what there is to do.

GO        ?= go
LINT      := 2.15.0
FUZZTIME  ?= 60s
BENCHTIME ?= 1s
ARGS      ?=

.DEFAULT_GOAL := help
.PHONY: help test check lint vet format bench bench-ingest bench-backfill bench-journal bench-prove property chaos fuzz soak demo build clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The longest packages begin first: they set how long all of it takes.
test: ## Run every test with the race detector; brings a real redis-server if there is none
	@.ci/need.sh redis-server cc
	CGO_ENABLED=1 $(GO) test -race -timeout 15m ./tasks/erp ./cmd/odoogate ./tasks ./...

check: format vet lint test ## All that must hold before a merge: gofmt, vet, golangci-lint, test

format:
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not formatted, run gofmt -w on:"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...

lint: ## Run golangci-lint in the version this repository is written for
	@.ci/lint.sh $(LINT)

bench: ## Measure verifying, accepting and planning: ns, bytes and allocations
	@.ci/need.sh redis-server
	@$(GO) test -run '^$$' -bench . -skip '^Benchmark(Ingest|Prove|LiveDuringABackfill)$$' -benchmem -benchtime $(BENCHTIME) \
		$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n 1 dirname | sort -u)

ENTRIES ?= 1000000

bench-journal: ## Measure the journal of events with ENTRIES (1000000) in it: ns per operation, bytes per entry
	@.ci/need.sh redis-server
	@ODOOGATE_ENTRIES=$(ENTRIES) $(GO) test -run '^$$' -bench Journal -benchtime 1000x -timeout 30m ./tasks

bench-ingest: ## Compare the accepting path with an empty Fiber app and a plain Enqueue: requests/s, latency, memory (2 minutes)
	@.ci/need.sh redis-server
	@$(GO) test -run '^$$' -bench '^BenchmarkIngest$$' -benchtime 1x ./cmd/odoogate

ORDERS ?= 10000

bench-prove: ## Prove ORDERS (10000) orders: calls to Odoo and to the shop for all of them, memory held
	@.ci/need.sh redis-server
	@ODOOGATE_ORDERS=$(ORDERS) $(GO) test -run '^$$' -bench '^BenchmarkProve$$' -benchtime 1x -timeout 30m ./cmd/odoogate

bench-backfill: ## Compare how long live orders take alone and beside a sweep over 20,000 older ones (3 minutes)
	@.ci/need.sh redis-server
	@$(GO) test -run '^$$' -bench '^BenchmarkLiveDuringABackfill$$' -benchtime 1x ./cmd/odoogate

LIVES ?= 1000

property: ## Run LIVES (1000) generated lives of orders against the Odoo in memory, told in disorder and cut; SEED repeats a run
	ODOOGATE_LIVES=$(LIVES) ODOOGATE_SEED=$(SEED) $(GO) test -timeout 60m -run 'Li[fv]e' ./tasks/erp ./tasks

CHAOS_TIME   ?= 10m
CHAOS_ORDERS ?= 5000
CHAOS_SEED   ?= $(shell date +%s)

chaos: ## Sell CHAOS_ORDERS (5000) in two shops while all is killed, cut off and wiped for CHAOS_TIME (10m); CHAOS_SEED repeats a run
	@.ci/need.sh redis-server
	CHAOS_TIME=$(CHAOS_TIME) CHAOS_ORDERS=$(CHAOS_ORDERS) CHAOS_SEED=$(CHAOS_SEED) \
		$(GO) test -count=1 -v -timeout 60m -run '^TestNothingIsLostAndNothingTwiceInChaos$$' ./cmd/odoogate

fuzz: ## Run each fuzz test for FUZZTIME (60s)
	@set -e; packages=$$($(GO) list ./...); for package in $$packages; do \
		listed=$$($(GO) test -list '^Fuzz' $$package) || { echo "$$listed"; exit 1; }; \
		for target in $$(echo "$$listed" | grep '^Fuzz'); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

SOAK_TIME ?= 10m

soak: ## Hold a gateway and a worker under load for SOAK_TIME (10m): memory, goroutines, connections and keys stay flat
	@.ci/need.sh redis-server
	SOAK_TIME=$(SOAK_TIME) $(GO) test -run '^TestSoak$$' -count 1 -v -timeout 24h ./cmd/odoogate

demo: ## Show the whole way from a signed webhook to a sale order; nothing to install (ARGS=--once)
	$(GO) run ./cmd/odoogate demo $(ARGS)

build: ## Build the static binary ./odoogate
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o odoogate ./cmd/odoogate

clean: ## Remove what was built here
	rm -rf .bin odoogate dist
