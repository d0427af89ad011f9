#!/usr/bin/env bash
# Installs the packages in a booted Debian and checks them there: tools/test-vm.sh. Prints a table, and exits with 0 if every
# check is good. PARTS="plays upgrades" does only these after the installation: plays, shows, recovers, upgrades, removes.
# Needs root, to build the file system, and takes a quarter of an hour or more: the machine is emulated.
set -euo pipefail
cd "$(dirname "$0")/.."

vm=target/vm
inside=$vm/inside
[[ $EUID -eq 0 ]] || { echo "test-vm: run it as root: it builds a file system" >&2 && exit 1; }

[[ -n ${PACKAGES:-} ]] || tools/packages.sh
packages=${PACKAGES:-target/packages}
rm -rf "$inside"
mkdir -p "$inside"/{1,2}
for name in downbeat downbeat-renderer; do
    # The newest, should there be several.
    cp "$(ls -t "$packages/${name}"_*.deb | head -n 1)" "$inside/1/"
done
# The same as a later version, with other defaults: what an upgrade brings.
for package in "$inside"/1/*.deb; do
    rm -rf "$vm/repack"
    dpkg-deb -R "$package" "$vm/repack"
    sed -i 's/^Version: .*/Version: 9.9.0-1/' "$vm/repack/DEBIAN/control"
    for config in "$vm"/repack/etc/downbeat/*.toml; do
        echo '# A line that a later version brings.' >>"$config"
    done
    dpkg-deb -Znone -b "$vm/repack" "$inside/2" >/dev/null
done
rm -rf "$vm/repack"

# Twelve bars of the demo song's drop, as they are played again and again.
song=${SONG:-target/release/downbeat-song}
[[ -x $song ]] || cargo build --release --locked --bin downbeat-song
"$song" "$vm/song" >/dev/null
python3 - "$vm/song" "$inside" <<'PY'
import json, struct, sys
song, inside = sys.argv[1:]
truth = json.load(open(f"{song}/song.json"))
drop = next(part for part in truth["sections"] if part["name"] == "drop")
wav = open(f"{song}/song.wav", "rb").read()
chunks, at = {}, 12
while at + 8 <= len(wav):
    size = struct.unpack("<I", wav[at + 4:at + 8])[0]
    chunks[wav[at:at + 4]] = wav[at + 8:at + 8 + size]
    at += 8 + size + size % 2
_, channels, rate, _, align, bits = struct.unpack("<HHIIHH", chunks[b"fmt "][:16])
assert (channels, rate, bits) == (2, 48000, 24), "aplay is told 24 bits, 48 kHz, stereo"
first, last = (round(drop[side] * rate) * align for side in ("start", "end"))
open(f"{inside}/music.raw", "wb").write(chunks[b"data"][first:last])
json.dump({"bpm": truth["tempos"][0]["bpm"]}, open(f"{inside}/music.json", "w"))
PY

tests/vm/image.sh
exec python3 tests/vm/run.py "$inside"
