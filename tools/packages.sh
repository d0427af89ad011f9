#!/usr/bin/env bash
# Builds the Debian packages: tools/packages.sh [VERSION] leaves them in target/packages.
#
# PROFILE=quick builds with less optimisation. VERSION is that of the workspace unless given.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${PROFILE:-release}
target=${CARGO_TARGET_DIR:-target}
out=target/packages
stage=$out/stage
version=${1:-$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml)}

fail() {
    echo "packages: $*" >&2
    exit 1
}

# One line of a configuration, changed for the packages; fails where it is not there as expected.
change() {
    local file=$1 from=$2 to=$3
    [[ $(grep -cFx "$from" "$file") = 1 ]] || fail "$file must have the line \`$from\` once: change it here, too"
    sed -i "s|^$from\$|$to|" "$file"
}

changelog() {
    printf '%s (%s-1) unstable; urgency=medium\n\n  * NEWS.md in this folder says what is new.\n\n' "$1" "$version"
    printf ' -- The Downbeat authors <maintainers@downbeat.invalid>  %s\n' \
        "$(date -R -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}")"
}

# The documents, with the places that things have once they are installed.
documents() {
    local name installed=/usr/share/doc/downbeat
    mkdir -p "$stage/doc/clients"
    cp docs/*.md "$stage/doc/"
    cp -r config/examples config/surfaces "$stage/doc/"
    for name in companion consoles resolume touchosc web; do
        cp "clients/$name/README.md" "$stage/doc/clients/$name.md"
    done
    sed -i -e 's|(\.\./clients/|(clients/|g' -e 's|(\.\./config/examples/|(examples/|g' \
        -e 's|(\.\./config/downbeat\.toml)|(/etc/downbeat/downbeat.toml)|g' \
        -e 's|\[tools/grafana/|[grafana/|g' -e 's|(\.\./tools/grafana/|(grafana/|g' "$stage"/doc/*.md
    sed -i -e 's|(\.\./\.\./config/examples/|(../../examples/|g' -e 's|`config/examples/|`examples/|g' \
        -e 's|(\.\./\.\./docs/|(../../|g' "$stage"/doc/clients/*.md
    sed -i -E -e "s#\\b(clients/[a-z]+/README\.md)#$installed/\1#g" -e "s#\\bdocs/([a-z]+\.md)#$installed/\1#g" \
        "$stage"/doc/*/*.toml "$stage/downbeat.toml"
}

tools/cargo-tool.sh cargo-deb
cargo build --profile "$profile" --locked --bins -p downbeatd -p downbeat-ctl -p downbeat-renderer -p downbeat-manual

rm -rf "$stage"
mkdir -p "$stage/downbeat"
"$target/$profile/downbeat-manual" "$stage"
for name in downbeat downbeat-renderer; do
    changelog "$name" >"$stage/$name/changelog"
done
# A folder of its own: beside it, the unit of the nodes would be taken for one of this name, too.
mkdir -p "$stage/downbeat-renderer/units"
cp systemd/downbeat-kiosk.service "$stage/downbeat-renderer/units/"
# The commented defaults, with what an installed service needs.
"$target/$profile/downbeatd" --defaults >"$stage/downbeat.toml"
change "$stage/downbeat.toml" 'state = ""' 'state = "downbeat-state.json"'
cp config/renderer.toml "$stage/renderer.toml"
change "$stage/renderer.toml" 'mode = "window"' 'mode = "fullscreen"'
documents

for name in downbeatd downbeat-renderer; do
    # Quietly: it warns of each file that cargo does not build.
    target/tools/bin/cargo-deb -q -p "$name" --no-build --strip --profile "$profile" --deb-version "$version-1" --output "$out/"
done
ls -sh "$out"/*_"$version"-1_*.deb
