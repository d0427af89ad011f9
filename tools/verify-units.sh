#!/usr/bin/env bash
# Checks the systemd units and the sysusers file in a separate root, with stubs for the programs that they start.
# Prints nothing and exits with 0 if systemd has no complaints; otherwise prints them and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in systemd-analyze systemd-sysusers; do
    if ! command -v "$program" >/dev/null; then
        echo "verify-units: $program is missing; tools/install.sh test installs it" >&2
        exit 1
    fi
done

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{etc/systemd/system,usr/lib/systemd/system,usr/local/bin,usr/lib/sysusers.d}
cp systemd/*.service "$root/etc/systemd/system/"
cp systemd/downbeat.sysusers.conf "$root/usr/lib/sysusers.d/downbeat.conf"
for program in downbeatd downbeat-renderer; do
    printf '#!/bin/sh\n' >"$root/usr/local/bin/$program"
    chmod +x "$root/usr/local/bin/$program"
done
# The targets that ours name, and those that every unit needs.
for target in basic graphical multi-user network-online shutdown sockets sound sysinit timers paths slices; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"$root/usr/lib/systemd/system/$target.target"
done

units=(downbeatd.service downbeat-renderer@wall-left.service)
said=$(
    systemd-analyze verify --root="$root" --man=no --recursive-errors=no "${units[@]}" 2>&1 || echo "verify: status $?"
    systemd-sysusers --root="$root" 2>&1 >/dev/null | grep -iE 'error|fail|invalid|unknown' || true
)
if [[ -n $said ]]; then
    echo "$said" >&2
    exit 1
fi
