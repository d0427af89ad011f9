#!/usr/bin/env bash
# Checks the systemd units and the sysusers files in a separate root, with stubs for the programs that they start, and how
# much of the system each service can reach. Prints nothing and exits with 0 if systemd has no complaints; otherwise prints
# them and exits with 1. `tools/verify-units.sh exposure` prints the exposure of each service, too.
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
mkdir -p "$root"/{etc/systemd/system,usr/lib/systemd/system,usr/bin,bin,usr/lib/sysusers.d,etc/default}
cp systemd/*.service "$root/etc/systemd/system/"
cp systemd/sysusers/*.conf "$root/usr/lib/sysusers.d/"
cp packages/downbeat-jackd.default "$root/etc/default/downbeat-jackd"
for program in usr/bin/downbeatd usr/bin/downbeat-renderer usr/bin/jackd usr/bin/a2jmidid usr/bin/weston usr/bin/env bin/sh; do
    printf '#!/bin/sh\n' >"$root/$program"
    chmod +x "$root/$program"
done
# The targets that ours name, and those that every unit needs.
for target in basic graphical multi-user network shutdown sockets sound sysinit timers paths slices; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"$root/usr/lib/systemd/system/$target.target"
done

units=(downbeatd.service downbeat-jackd.service downbeat-a2jmidid.service downbeat-kiosk.service downbeat-renderer@left.service)
said=$(
    systemd-analyze verify --root="$root" --man=no --recursive-errors=no "${units[@]}" 2>&1 || echo "verify: status $?"
    systemd-sysusers --root="$root" 2>&1 >/dev/null | grep -iE 'error|fail|invalid|unknown' || true
    # Those of people's sessions cannot be checked in another root: the programs may not be here.
    XDG_RUNTIME_DIR=$root systemd-analyze --user --man=no --recursive-errors=no verify systemd/user/*.service 2>&1 |
        grep -v 'is not executable: No such file' || true
)

# Compares the exposure of a unit with the most that is allowed, both in tenths of systemd's scale of 0 to 10.
exposed() {
    local unit=$1 most=$2 line tenths
    line=$(systemd-analyze security --offline=true --no-pager "systemd/$unit" | tail -n 1)
    tenths=$(sed -n 's/.*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p' <<<"$line")
    [[ $mode != exposure ]] || echo "$unit: exposure ${tenths%?}.${tenths: -1}, at most ${most%?}.${most: -1}" >&2
    [[ -n $tenths && $((10#$tenths)) -le $most ]] || echo "$unit: its exposure must be ${most%?}.${most: -1} at most: $line"
}
mode=${1:-}
said+=$(
    exposed downbeatd.service 20
    exposed downbeat-renderer@.service 25
    exposed downbeat-kiosk.service 25
    exposed downbeat-jackd.service 20
    exposed downbeat-a2jmidid.service 20
)
if [[ -n $said ]]; then
    echo "$said" >&2
    exit 1
fi
