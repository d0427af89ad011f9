# The commands that a person runs. `make demo` and `make test` do all of their own set-up.

.DEFAULT_GOAL := help
# What the demo starts. It is built to be there soon; for a show of your own: cargo build --release --bins.
DEMO = downbeatd downbeat-renderer downbeat-ctl downbeat-song downbeat-wall
export SHOW DURATION AUDIO JSON CHECK MUSIC ALL PICTURES ONLY ROUNDS JOBS FOLLOWERS HOURS SEED

help: ## Lists the commands.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

demo: BEGUN := $(shell date +%s)
demo: ## Plays the demo song (or AUDIO=file) through the whole rig and shows it; SHOW=evening runs itself; DURATION=40 stops.
	@tools/install.sh build demo
	@cargo build --profile quick --locked $(DEMO:%=-p %) --bins
	@BIN=target/quick BEGUN=$(BEGUN) tools/demo.sh

test: ## Checks formatting and lints, then runs every test.
	@tools/install.sh build test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo build --workspace --bins --locked
	cargo test --workspace --locked
	@tools/test-companion.sh
	@command -v npm >/dev/null || echo "NOT TESTED: foreign OSCQuery clients. They need nodejs and npm."
	@[ "$$(id -u)" = 0 ] || echo "NOT TESTED: what needs hosts with networks between them. It needs root."

test-companion: ## Tests the Companion module against a real daemon (needs Node.js).
	@tools/install.sh build
	@cargo build --locked --bin downbeatd --bin downbeatctl
	@tools/test-companion.sh

test-web: ## Tests the web page in Chromium, as a phone and as a desktop, against a real daemon.
	@tools/install.sh build web
	@cargo build --locked --bin downbeatd --bin downbeatctl --bin downbeat-renderer --bin downbeat-song
	@cd tests/web && npm ci --silent --no-audit --no-fund && npm test

web-pictures: ## Retakes the pictures of the web page in docs/images.
	@tools/install.sh build web
	@cargo build --locked --bin downbeatd --bin downbeatctl --bin downbeat-renderer --bin downbeat-song
	@cd tests/web && npm ci --silent --no-audit --no-fund && node pictures.js

build-for-tests: ## Builds the programs for the end-to-end tests.
	@tools/install.sh build
	cargo build --workspace --bins --locked

bench-latency: ## Measures the latency from JACK's callback to the OSC packet.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-latency $(if $(JSON),--json) $(if $(CHECK),--check)

bench-stalls: ## Stalls each output, the log and the disk in turn, and measures what it costs the others.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-stalls $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(CHECK),--check)

bench-clock: ## Measures the clock error of a follower, in virtual time and over networks (as root).
	@tools/install.sh build test
	@cargo build --release --locked --bin bench-clock --bin downbeatd
	@target/release/bench-clock $(if $(JSON),--json) $(if $(CHECK),--check)

bench-takeover: ## Kills the leader of a show repeatedly, and measures how its standby takes over; ROUNDS=50.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-takeover $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json) $(if $(CHECK),--check)

bench-wall: ## Measures a wall of four nodes: same picture, time apart, delay after a sound (as root); SECONDS=600.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-wall $(if $(SECONDS),--seconds $(SECONDS)) $(if $(JSON),--json) $(if $(CHECK),--check)

bench-fanout: ## Measures what 100 (or FOLLOWERS) followers cost the daemon, compared with a program that only sends.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-fanout $(if $(FOLLOWERS),--followers $(FOLLOWERS)) $(if $(JSON),--json) $(if $(CHECK),--check)

bench-web: ## Measures what open pages cost the daemon; PAGES=10.
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/bench-web $(if $(PAGES),--pages $(PAGES)) $(if $(JSON),--json) $(if $(CHECK),--check)

bench-hearing: ## Measures how well Downbeat hears; MUSIC=dir with truth, ROOMS=dir of it in rooms, ALL=1 adds the generated pieces.
	@tools/install.sh build hearing
	@cargo build --release --locked --bins
	@target/release/bench-hearing $(if $(MUSIC),--music "$(MUSIC)") $(if $(ROOMS),--rooms "$(ROOMS)") $(if $(ALL),--all) \
		$(if $(ONLY),--only "$(ONLY)") $(if $(PICTURES),--picture "$(PICTURES)") $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(CALIBRATION),--calibration "$(CALIBRATION)") $(if $(JSON),--json) $(if $(CHECK),--check)

packages: ## Builds the Debian packages, downbeat and downbeat-renderer, into target/packages.
	@tools/install.sh build packages
	@tools/packages.sh

test-vm: ## Installs the packages in a booted Debian, and breaks, upgrades and removes them (as root; half an hour).
	@tools/install.sh build packages vm
	@tools/test-vm.sh

audit: ## Checks licences, sources and known weaknesses of everything that is built in (needs the network).
	@tools/install.sh build
	@tools/audit.sh

night: ## Plays HOURS (24) of music to the whole engine in virtual time, and checks beats, numbers and memory; 15 minutes.
	@tools/install.sh build
	@cargo build --release --locked -p downbeat-engine --example night
	@nice -n 10 target/release/examples/night $(or $(HOURS),24)

soak: ## Plays HOURS (2) of music to the whole rig while faults happen by chance, from SEED (1), and counts what is lost (as root).
	@tools/install.sh build test
	@cargo build --release --locked --bins
	@target/release/soak --hours $(or $(HOURS),2) --seed $(or $(SEED),1) $(if $(ONLY),--only "$(ONLY)")

fuzz: ## Fuzzes every decoder for SECONDS (600) each, or ONLY one, from the corpus in the tree.
	@tools/install.sh build
	@tools/fuzz.sh $(or $(SECONDS),600)

fuzz-corpus: ## Takes what `make fuzz` has found worth keeping into the corpus in the tree.
	@tools/install.sh build
	@tools/fuzz.sh keep

.PHONY: help demo test test-companion test-web web-pictures build-for-tests bench-latency bench-stalls bench-clock bench-takeover bench-hearing fuzz fuzz-corpus bench-fanout bench-wall bench-web night soak packages test-vm audit
