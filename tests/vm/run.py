"""Starts the virtual machine, and prints what the checks inside of it find: run.py FOLDER.

FOLDER has what goes into the machine (1/*.deb, 2/*.deb, the music). Exits with 0 if every check is good. The machine is
emulated, so that it runs anywhere; it has no network.
"""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VM = os.path.join(HERE, "../../target/vm")
# The whole run, and the longest silence: an emulated machine on a busy host is slow.
WHOLE_S = 3600
SILENCE_S = 600


def pack(folder):
    """What starts: Debian's archive, and one with our files after it."""
    extra = os.path.join(VM, "extra")
    shutil.rmtree(extra, ignore_errors=True)
    shutil.copytree(folder, os.path.join(extra, "opt/downbeat-test"))
    for name in "inside.py", "rig.toml":
        shutil.copy(os.path.join(HERE, name), os.path.join(extra, "opt/downbeat-test"))
    with open(os.path.join(extra, "opt/downbeat-test/parts"), "w") as parts:
        parts.write(os.environ.get("PARTS", ""))
    whole = os.path.join(VM, "initrd")
    shutil.copy(os.path.join(VM, "base.cpio.zst"), whole)
    # The kernel takes archives one after the other, each from a multiple of four bytes.
    with open(whole, "ab") as file:
        file.write(b"\0" * (-file.tell() % 4))
        file.flush()
        find = subprocess.Popen(["find", ".", "-print0"], cwd=extra, stdout=subprocess.PIPE)
        subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet", "--owner=0:0"], cwd=extra,
                       stdin=find.stdout, stdout=file, check=True)
    shutil.rmtree(extra)
    return whole


def start(initrd):
    paths = {name: os.path.join(VM, name) for name in ("console.log", "port", "qmp")}
    for path in paths.values():
        if os.path.exists(path):
            os.remove(path)
    machine = subprocess.Popen([
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "3072", "-nodefaults",
        "-display", "none", "-no-reboot", "-kernel", os.path.join(VM, "vmlinuz"), "-initrd", initrd,
        "-append", "rdinit=/sbin/init edd=off console=ttyS0 quiet mitigations=off audit=0 systemd.show_status=0",
        "-serial", "file:" + paths["console.log"],
        "-chardev", f"socket,id=port,path={paths['port']},server=on,wait=off", "-serial", "chardev:port",
        "-qmp", f"unix:{paths['qmp']},server=on,wait=off", "-device", "virtio-gpu-pci,xres=640,yres=480",
    ])
    end = time.monotonic() + 30
    while not (os.path.exists(paths["port"]) and os.path.exists(paths["qmp"])):
        if machine.poll() is not None or time.monotonic() > end:
            sys.exit("test-vm: qemu does not start")
        time.sleep(0.1)
    def connect(name):
        side = socket.socket(socket.AF_UNIX)
        side.connect(paths[name])
        return side

    return machine, connect("port"), connect("qmp").makefile("rwb", buffering=0)


def ask(qmp, command, **arguments):
    """One request of qemu, to its answer; events in between are not ours."""
    qmp.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
    while True:
        answer = json.loads(qmp.readline())
        if "return" in answer or "error" in answer:
            return answer


def picture(path):
    """(pixels, share of pixels that are not black) of a PPM file."""
    data = open(path, "rb").read()
    width, height = data.split(b"\n", 3)[1].split()
    pixels = data[-int(width) * int(height) * 3:]
    lit = sum(1 for at in range(0, len(pixels), 3) if max(pixels[at:at + 3]) > 12)
    return pixels, lit / (len(pixels) / 3)


class Table:
    """The checks, as they come."""

    def __init__(self):
        self.good = self.bad = 0
        self.began = time.monotonic()

    def row(self, name, good, figure):
        self.good, self.bad = self.good + bool(good), self.bad + (not good)
        print(f"{'ok  ' if good else 'FAIL'}  {name:<66}  {figure}", flush=True)


def screens(table, seen):
    """What one sees on the screen itself."""
    if not {"first", "second", "blackout"} <= seen.keys():
        return table.row("the screen shows the node's picture", False, "no picture was taken")
    (first, lit), (second, _), (_, dark) = seen["first"], seen["second"], seen["blackout"]
    colours = len({first[at:at + 3] for at in range(0, len(first), 3)})
    table.row("the screen shows the node's picture", lit > 0.05 and colours > 20, f"{lit:.0%} of the pixels lit, {colours} colours")
    moved = sum(1 for at in range(0, len(first), 3) if first[at:at + 3] != second[at:at + 3]) / (len(first) / 3)
    table.row("the picture moves", moved > 0.02, f"{moved:.0%} of the pixels changed in some seconds")
    table.row("a blackout darkens the screen", dark < 0.001, f"{dark:.1%} of the pixels lit")


def main():
    initrd = pack(sys.argv[1])
    machine, port, qmp = start(initrd)
    qmp.readline()
    ask(qmp, "qmp_capabilities")
    table, seen, done = Table(), {}, None
    end = time.monotonic() + WHOLE_S
    try:
        held = b""
        heard = time.monotonic()
        while done is None and machine.poll() is None:
            readable, _, _ = select.select([port], [], [], 1.0)
            if not readable:
                if time.monotonic() > min(end, heard + SILENCE_S):
                    table.row("the machine answers", False, f"silent for {time.monotonic() - heard:.0f} s")
                    break
                continue
            heard = time.monotonic()
            part = port.recv(65536)
            if not part:
                break
            *lines, held = (held + part).split(b"\n")
            for line in lines:
                try:
                    what = json.loads(line)
                except ValueError:
                    continue
                if "check" in what:
                    table.row(what["check"], what["good"], what["figure"])
                elif "note" in what:
                    print("      " + what["note"].rstrip().replace("\n", "\n      | "), flush=True)
                elif "screen" in what:
                    path = os.path.join(VM, what["screen"] + ".ppm")
                    ask(qmp, "screendump", filename=path)
                    seen[what["screen"]] = picture(path)
                    port.sendall(b"taken\n")
                    if what["screen"] == "blackout":
                        screens(table, seen)
                elif "done" in what:
                    done = what["done"]
    finally:
        machine.kill()
        machine.wait()
        os.remove(initrd)
    if done is None:
        table.row("the checks come to an end", False, "see target/vm/console.log")
    print(f"\n{table.good} passed, {table.bad} failed, in {(time.monotonic() - table.began) / 60:.0f} minutes")
    sys.exit(table.bad > 0 or done is None)


if __name__ == "__main__":
    main()
