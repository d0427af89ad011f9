#!/usr/bin/env bash
# Checks what is built in: licences, bans and sources by deny.toml, then known weaknesses by cargo-deny and cargo-audit.
# Weaknesses are in a database that is fetched. Where it cannot be, the script fails, and says so; OFFLINE=1 leaves that part
# out, and says that, too.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/cargo-tool.sh cargo-deny
target/tools/bin/cargo-deny --locked ${OFFLINE:+--offline} check --show-stats licenses bans sources

if [[ -n ${OFFLINE:-} ]]; then
    echo "NOT CHECKED: known weaknesses. They need the network: make audit."
    exit 0
fi
target/tools/bin/cargo-deny --locked check --show-stats advisories
tools/cargo-tool.sh cargo-audit
target/tools/bin/cargo-audit audit --deny warnings
