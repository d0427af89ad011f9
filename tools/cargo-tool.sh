#!/usr/bin/env bash
# Builds a tool for cargo into target/tools, in the version that the project uses, unless it is there already:
# tools/cargo-tool.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
cargo-deb) version=3.8.0 ;;
cargo-deny) version=0.20.2 ;;
cargo-audit) version=0.22.2 ;;
*)
    echo "cargo-tool: give one of cargo-deb, cargo-deny, cargo-audit" >&2
    exit 2
    ;;
esac

grep -qsF "\"$1 $version (" target/tools/.crates.toml && [[ -x target/tools/bin/$1 ]] && exit 0
echo "cargo-tool: building $1 $version, once"
# A tool that runs for seconds needs no optimiser that runs for minutes.
CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --quiet --locked --root target/tools --target-dir target/tools/build --version "$version" "$1"
