#!/usr/bin/env bash
# Installs what is missing: tools/install.sh [build] [demo] [test] [hearing] [web] [packages] [vm]
#
# Prints the Debian packages that it installs, uses sudo if not root, and does nothing if everything is there. On other
# systems it prints what to install. Exits with 0 once nothing is missing.
set -euo pipefail

# A line for each thing: its groups, how to see that it is there, and the Debian package that brings it.
needs='
build      | cc                                        | build-essential
build      | pkg-config                                | pkg-config
build      | pkg-config --exists jack                  | libjack-jackd2-dev
build      | pkg-config --exists alsa                  | libasound2-dev
demo,test  | jackd                                     | jackd2
demo,test  | jack_lsp                                  | jack-example-tools
demo,test  | mpv                                       | mpv
demo,test  | oscdump                                   | liblo-tools
demo,test  | file /usr/share/vulkan/icd.d/*.json       | mesa-vulkan-drivers
demo,test  | library libxkbcommon-x11.so.0             | libxkbcommon-x11-0
demo,test  | library libXcursor.so.1                   | libxcursor1
demo,test  | library libXi.so.6                        | libxi6
hearing    | aubiotrack                                | aubio-tools
test       | lua5.1                                    | lua5.1
test       | ffmpeg                                    | ffmpeg
test       | Xvfb                                      | xvfb
test       | systemd-analyze                           | systemd
test       | ip                                        | iproute2
test       | pw-play                                   | pipewire-bin
test       | pw-jack                                   | pipewire-jack
test       | wireplumber                               | wireplumber
test       | dbus-run-session                          | dbus-daemon
test       | ethtool                                   | ethtool
test       | file /usr/lib/python3/dist-packages/prometheus_client/parser.py | python3-prometheus-client
web        | chromium                                  | chromium
web        | node                                      | nodejs
web        | npm                                       | npm
web        | file /usr/share/vulkan/icd.d/*.json       | mesa-vulkan-drivers
demo,test  | curl                                      | curl
packages   | dpkg-shlibdeps                            | dpkg-dev
vm         | qemu-system-x86_64                        | qemu-system-x86
vm         | debootstrap                               | debootstrap
vm         | cpio                                      | cpio
vm         | zstd                                      | zstd
vm         | python3                                   | python3
'

fail() {
    echo "install: $*" >&2
    exit 1
}

is_there() {
    case $1 in
    'file '*) compgen -G "${1#file }" >/dev/null ;;
    # Not `grep -q`: it leaves at the first match, and ldconfig then fails on the closed pipe.
    'library '*) PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -F "${1#library } " >/dev/null ;;
    'pkg-config '*) command -v pkg-config >/dev/null && $1 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# The packages that are missing for the groups in "$@".
missing() {
    local groups check package group
    while IFS='|' read -r groups check package; do
        read -r check <<<"$check"
        read -r package <<<"$package"
        for group in "$@"; do
            if [[ ",${groups// /}," == *",$group,"* ]] && ! is_there "$check"; then
                echo "$package"
                break
            fi
        done
    done < <(grep '|' <<<"$needs")
}

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

apt() {
    local log
    log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends "$@" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get $* failed; see above"
    fi
    rm -f "$log"
}

for group in "$@"; do
    [[ $group =~ ^(build|demo|test|hearing|web|packages|vm)$ ]] || fail "there is no group \`$group\`; the groups are build, demo, test, hearing, web, packages, vm"
done
if ! command -v cargo >/dev/null; then
    fail "Rust is missing (no cargo in PATH): install it as https://rustup.rs says, then try again"
fi

mapfile -t packages < <(missing "$@")
[[ ${#packages[@]} -gt 0 ]] || exit 0

command -v apt-get >/dev/null ||
    fail "these are missing, by their Debian names: ${packages[*]}. This is no Debian: install them your way, then try again"
if [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; then
    fail "these packages are missing, and there is no sudo; as root, run: apt-get install ${packages[*]}"
fi

echo "install: installing ${packages[*]}"
apt update
# Where jackd2 still brings its own tools (Debian 12) there is no such package; so it comes last, if at all.
mapfile -t first < <(printf '%s\n' "${packages[@]}" | grep -vx jack-example-tools)
[[ ${#first[@]} -eq 0 ]] || apt install "${first[@]}"
if [[ " ${packages[*]} " == *' jack-example-tools '* ]] && ! command -v jack_lsp >/dev/null; then
    apt install jack-example-tools
fi

mapfile -t packages < <(missing "$@")
[[ ${#packages[@]} -eq 0 ]] || fail "still missing after the installation: ${packages[*]}"
