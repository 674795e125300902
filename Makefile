.PHONY: build builtin

build:
	go build -o bin/bloom ./cmd/bloom

# The facts about PostgreSQL itself, read from servers of all majors: BLOOM_PG_BIN_15 … BLOOM_PG_BIN_18 are their
# bin folders. SERVERS can name more of them, as -server 17=postgres://…, for the extensions they have.
builtin:
	go run ./catalog/builtin/gen -o catalog/builtin $(SERVERS)
