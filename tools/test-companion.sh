#!/usr/bin/env bash
# Tests the Companion module against the daemon in target/debug. Without Node.js, or the packages of the module, prints
# NOT TESTED and exits with 0.
set -euo pipefail
cd "$(dirname "$0")/../clients/companion"

not_tested() {
    echo "NOT TESTED: the Companion module. $*"
    exit 0
}

command -v npm >/dev/null || not_tested "It needs Node.js 20 or later with npm."
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[[ $major -ge 20 ]] || not_tested "It needs Node.js 20 or later; this is $(node --version)."
# What is there and as the lock says needs no network.
if ! npm ls --omit=dev >/dev/null 2>&1; then
    npm ci --omit=dev --no-audit --no-fund --loglevel=error || not_tested "Its packages cannot be had; see above."
fi
npm test --silent
