# Shortcuts; each is one command. Without make, use those.
.DEFAULT_GOAL := help
.PHONY: help demo up destroy test lint check bench fuzz mutate golden

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## from curl to S3 on a throw-away local target
	go run -C local . demo

up: ## deploy to the local target and serve until Ctrl-C
	go run -C local . up

destroy: ## tear the local target down
	go run -C local . destroy

test: ## all tests of all modules
	go run -C local . test

lint: ## format and lint checks, changing nothing
	bash .ci/lint

check: ## everything CI checks
	bash .ci/run

bench: ## the benchmarks of all modules
	go test -run '^$$' -bench . -benchmem ./...
	go test -C local -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target, FUZZTIME each (default 30s)
	bash .ci/fuzz

mutate: ## change the program and the templates in small ways; the tests have to notice 90 %
	go run -C local ./test/mutate

golden: ## rewrite golden files and generated tables; read the diff
	go test ./pipeline -update
	go test -C local ./test/settings -update
