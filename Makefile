# What people and CI type. Each target installs what it lacks first (Debian, Ubuntu) or says what to install.

CARGO ?= cargo
# Empty, or the flags for every cargo call, such as -j2.
FLAGS ?=

.PHONY: help test check films tests programs demo screenshots bench targets links model load captures fuzz clean
.NOTPARALLEL:

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

test: check films tests ## all checks and all tests: what CI runs

check: ## format, lints, documentation
	@scripts/install.sh build
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(FLAGS) --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy $(FLAGS) --locked -p beside-server --no-default-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(FLAGS) --locked --workspace --no-deps

films: ## the feature h264: lints and its tests, where there is a C++ compiler
	@if command -v c++ >/dev/null; then set -ex; \
	  $(CARGO) clippy $(FLAGS) --locked -p beside-protocol --features h264 --all-targets -- -D warnings; \
	  $(CARGO) test $(FLAGS) --locked -p beside-protocol --features h264 --lib film; \
	else echo "no C++ compiler: the feature h264 is not tested"; fi

tests: programs ## the tests alone, the end-to-end ones on virtual displays included
	@scripts/install.sh test
	$(CARGO) build $(FLAGS) --locked --workspace --examples
	$(CARGO) test $(FLAGS) --locked --workspace --doc
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  set -x; $(CARGO) nextest run $(FLAGS) --locked --workspace; \
	else \
	  set -x; $(CARGO) test $(FLAGS) --locked --workspace --lib --bins --tests; \
	fi

programs: ## builds both programs: target/debug/beside-server and beside-viewer
	@scripts/install.sh build
	$(CARGO) build $(FLAGS) --locked --workspace --bins

demo: programs ## a user's desktop, a server in it, a viewer outside it, on this machine
	@scripts/install.sh demo
	@scripts/demo.sh

screenshots: programs ## pictures of the user's windows in all languages; those of the README go where it has them
	@scripts/install.sh test
	$(CARGO) run $(FLAGS) --locked -p beside-tests --example screenshots -- target/debug/beside-server target/screenshots
	cp target/screenshots/prompt-*.png target/screenshots/stranger-en.png target/screenshots/banner-en.png docs/pictures

bench: ## measures the encoder on this machine: the tables of docs/benchmarks.md
	@scripts/install.sh build
	$(CARGO) run $(FLAGS) --locked --release -p beside-benches --bin table -- $(wildcard benches/captures)

targets: ## what is wanted of the encoder, and whether it holds on this machine
	@scripts/install.sh build
	if command -v c++ >/dev/null; then set -- --features h264; else set --; fi; \
	$(CARGO) run $(FLAGS) --locked --release -p beside-benches "$$@" --bin targets

links: ## how late pictures are over bad lines, in virtual time: the same on every machine
	@scripts/install.sh build
	LINES="20000,20,0,100 20000,20,20,100 2000,60,10,300 5000,50,0,500 1000000,1,0,50" \
	$(CARGO) test $(FLAGS) --locked -p beside-tests --test suite -- --nocapture net::table

model: ## a million random visits against the reference model of consent: takes a quarter of an hour
	@scripts/install.sh build
	VISITS=1000000 $(CARGO) test $(FLAGS) --locked --release -p beside-tests --test suite -- model::

load: ## many viewers of one server, and floods of strangers, on this machine: takes three minutes
	@scripts/install.sh test
	$(CARGO) build $(FLAGS) --locked --release -p beside-server --bins
	$(CARGO) run $(FLAGS) --locked --release -p beside-tests --example load

captures: ## records what real programs show, for make bench
	benches/capture.sh

fuzz: ## a minute of each fuzz target; needs cargo-fuzz and a nightly compiler
	@scripts/fuzz.sh 60

clean: ## removes what was built
	$(CARGO) clean
	rm -rf tests/fuzz/target
