# Holdfast. `make` alone shows what there is.
GO        ?= go
BIN       := bin
LINT_VER  := v2.15.0
LINT      := $(BIN)/tools/golangci-lint-$(LINT_VER)

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt bench bench-resilience bench-stop bench-simulator prove-resilience prove-shutdown cover env

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the reference service: SQLite, and a simulated Autotask when you have no credentials
	@$(GO) build -trimpath -o $(BIN)/ticketdesk ./cmd/ticketdesk
	@APP_ENV=$${APP_ENV:-dev} SHUTDOWN_HEALTH_GRACE_PERIOD=$${SHUTDOWN_HEALTH_GRACE_PERIOD:-0} exec $(BIN)/ticketdesk serve

test: ## run all tests (needs no server and no C compiler)
	CGO_ENABLED=0 $(GO) test -shuffle=on ./...

lint: $(LINT) ## check style, bugs and the layers
	$(LINT) run ./...
	cd bench && ../$(LINT) run -c ../.golangci.yml ./...

fmt: $(LINT) ## format the code
	$(LINT) fmt ./...

bench: ## compare with plain echo: CPU per request, start, memory
	cd bench && $(GO) run ./compare

bench-resilience: ## compare the resilience core with its peers, in this process, as one table
	cd bench && $(GO) run ./resilience

bench-stop: ## compare what a stop loses with other servers, under the same load (about 2 minutes)
	cd bench && $(GO) run ./stop

bench-simulator: ## what the simulated Autotask takes over loopback, at 1,203 and 1,000,000 tickets (about 1 minute)
	cd bench && $(GO) run ./simulator

prove-resilience: ## the reliability bars in full: outage, deadlines, overload, broken links (about 6 minutes)
	cd bench && PROVE=full $(GO) test -count=1 -timeout 20m -v ./prove

prove-shutdown: ## stop a real binary under load, again and again: nothing may be lost (about 7 minutes)
	PROVE=full $(GO) test -count=1 -parallel 1 -timeout 30m -v ./app/apptest/stoptest

cover: ## test coverage, as coverage.html
	CGO_ENABLED=0 $(GO) test -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html
	@$(GO) tool cover -func=coverage.out | tail -n 1

env: ## write .env.example anew from the Config structs
	$(GO) run ./cmd/ticketdesk config --example > .env.example

$(LINT):
	GOBIN=$(CURDIR)/$(BIN)/tools $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VER)
	mv $(BIN)/tools/golangci-lint $@
