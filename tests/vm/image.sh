#!/usr/bin/env bash
# Builds the root file system of the virtual machine, as an archive that Debian's kernel starts from: tests/vm/image.sh
# leaves target/vm/{base.cpio.zst,vmlinuz}. It needs root and a Debian mirror, takes minutes, and is done once.
set -euo pipefail
cd "$(dirname "$0")/../.."

vm=target/vm
suite=bookworm
# The mirror that this machine uses, if it is a Debian; otherwise debootstrap knows one.
mirror=${MIRROR:-$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
    sed -nE 's/^(URIs:|deb) .*(https?:[^ ]*\/debian)\/?( .*)?$/\2/p' | head -n 1 || true)}
# What the packages of ours depend on or recommend, and what the checks use. There is no network in the machine.
packages=(linux-image-amd64 python3-minimal libpython3-stdlib jackd2 a2jmidid alsa-utils curl procps mesa-vulkan-drivers
    weston libpam-systemd libvulkan1 libwayland-client0 libxkbcommon0 libxkbcommon-x11-0 libxcursor1 libxi6 libjack-jackd2-0)

stamp=$(sha256sum "$0" | cut -c1-16)
[[ -f $vm/base-$stamp && -f $vm/base.cpio.zst ]] && exit 0
echo "test-vm: building a Debian $suite, once"
root=$vm/root
rm -f "$vm"/base-*
mkdir -p "$vm"
log=$vm/image.log
trap 'echo "test-vm: the image could not be built; see $log" >&2; tail -n 5 "$log" >&2' ERR
[[ -f $root/installed-$stamp ]] || {
    rm -rf "$root"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,udev,kmod,init-system-helpers "$suite" "$root" ${mirror:+"$mirror"}
    # Nothing starts while it is built.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    # It starts from an archive of ours, not from an initial one of the kernel package.
    INITRD=No DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -y --no-install-recommends install "${packages[@]}"
    touch "$root/installed-$stamp"
} >"$log" 2>&1
rm -f "$root/usr/sbin/policy-rc.d"

cp "$root"/boot/vmlinuz-* "$vm/vmlinuz"
# The modules for a loop of sound, MIDI and a screen; the rest of a Debian only fills the memory.
modules=$(echo "$root"/lib/modules/*)
(
    cd "$modules/kernel"
    find . -name '*.ko' ! -path './sound/core/*' ! -path './sound/drivers/*' ! -path './sound/soundcore.ko' \
        ! -path './drivers/gpu/drm/tiny/*' ! -path './drivers/gpu/drm/virtio/*' ! -path './drivers/gpu/drm/drm*' \
        ! -path './drivers/gpu/drm/ttm/*' ! -path './drivers/virtio/*' ! -path './drivers/dma-buf/*' \
        ! -path './drivers/i2c/*' ! -path './drivers/input/*' -delete
)
chroot "$root" depmod "${modules##*/}"
rm -rf "$root"/{boot,var/lib/apt/lists,var/cache/apt,usr/share/{doc,man,locale,i18n,zoneinfo,X11/locale,icons,fonts},usr/lib/x86_64-linux-gnu/gconv}
mkdir -p "$root"/var/{lib/apt/lists,cache/apt}/partial
find "$root" -name __pycache__ -prune -exec rm -r {} +

printf 'downbeat-vm\n' >"$root/etc/hostname"
printf '127.0.0.1 localhost downbeat-vm\n' >"$root/etc/hosts"
# virmidi comes with one card of one port, and the loop as the first card, so that the shipped settings find it.
printf 'snd-aloop\nsnd-virmidi\nsnd-seq\nvirtio-gpu\n' >"$root/etc/modules-load.d/test.conf"
printf 'options snd-aloop index=0 pcm_substreams=1\noptions snd-virmidi index=1 midi_devs=1\n' >"$root/etc/modprobe.d/test.conf"
chroot "$root" passwd -d root >/dev/null
rm -f "$root/etc/machine-id"
for unit in getty@tty1.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
    e2scrub_all.timer; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
cat >"$root/etc/systemd/system/downbeat-test.service" <<'UNIT'
[Unit]
Description=Checks the packages
After=multi-user.target
[Service]
Type=simple
ExecStart=/usr/bin/python3 -u /opt/downbeat-test/inside.py
StandardOutput=journal
StandardError=journal
Environment=PYTHONUNBUFFERED=1
UNIT
ln -sf ../downbeat-test.service "$root/etc/systemd/system/multi-user.target.wants/downbeat-test.service"

(cd "$root" && find . -path ./proc -prune -o -path ./sys -prune -o -print0 |
    cpio --null --create --format=newc --quiet) | zstd -q -T0 -9 -f -o "$vm/base.cpio.zst"
rm -rf "$root"
touch "$vm/base-$stamp"
