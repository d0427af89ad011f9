"""Runs inside of the virtual machine: installs the packages, and checks what an operator would notice.

Says what it finds on the second serial port, one JSON object a line; all times are of this machine's own clock. The only
thing it asks of the world outside is a picture of the screen.
"""

import ctypes
import glob
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

HERE = "/opt/downbeat-test"
PORT = "/dev/ttyS1"
CONFIG = "/etc/downbeat/downbeat.toml"
WEB = "http://localhost:9480"
# A thread that hangs, or a process that died: the service is back within five seconds. A real machine needs a tenth of a
# second for the start itself, an emulated one several: so systemd must have started the new process by then. READY must
# come, and when it does is in the table.
RECOVERED_S = 5.0
START_S = 0.1
# An emulated processor is slow, and slower when others use the host: limits only end what will never come.
LONG_S = 240.0

now = time.monotonic
port = None
failed = []


def tell(**what):
    port.write(json.dumps(what).encode() + b"\n")


def say(text):
    tell(note=text)


def check(name, good, figure=""):
    tell(check=name, good=bool(good), figure=str(figure))
    if not good:
        failed.append(name)
    return good


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", **options)
    return done.returncode, done.stdout + done.stderr


def show(unit, *properties):
    out = run("systemctl", "show", unit, "-p", ",".join(properties))[1]
    found = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    return [found.get(name, "") for name in properties]


def wait(condition, limit=LONG_S, every=0.1):
    """What the condition returns once it is true, or None."""
    end = now() + limit
    while True:
        found = condition()
        if found:
            return found
        if now() > end:
            return None
        time.sleep(every)


def value(address):
    """The value of an address of the tree, as any program of OSCQuery reads it."""
    code, out = run("curl", "-fsS", "-m", "20", f"{WEB}{address}?VALUE")
    try:
        return json.loads(out)["VALUE"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def ready(unit, but_not=None):
    """(process, moment of READY) of a service that runs, in another process than before."""
    state, pid, moment = show(unit, "ActiveState", "MainPID", "ActiveEnterTimestampMonotonic")
    if state == "active" and pid != "0" and pid != but_not:
        return pid, int(moment) / 1e6
    return None


# --- What another program would receive -----------------------------------------------------------------------------


class Osc(threading.Thread):
    """A program that receives OSC: when each address came, and its last value."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", number))
        self.came = {}
        self.last = {}
        self.start()

    def run(self):
        while True:
            self.take(self.socket.recv(65536), now())

    def take(self, packet, at):
        if packet.startswith(b"#bundle\0"):
            place = 16
            while place + 4 <= len(packet):
                size = struct.unpack(">i", packet[place:place + 4])[0]
                self.take(packet[place + 4:place + 4 + size], at)
                place += 4 + size
            return
        address, rest = self.text(packet)
        types, rest = self.text(rest)
        values = []
        for kind in types[1:]:
            if kind in "if":
                values.append(struct.unpack(">" + kind, rest[:4])[0])
                rest = rest[4:]
        self.came.setdefault(address, []).append(at)
        self.last[address] = values

    @staticmethod
    def text(packet):
        end = packet.index(b"\0")
        return packet[:end].decode(), packet[(end + 4) // 4 * 4:]

    def since(self, address, moment):
        return [at for at in self.came.get(address, []) if at >= moment]


class Midi(threading.Thread):
    """A MIDI box behind ALSA: when its clocks and notes came."""

    def __init__(self, device):
        super().__init__(daemon=True)
        self.file = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
        self.clocks, self.notes = [], []
        self.start()

    def run(self):
        status = 0
        while True:
            select.select([self.file], [], [], 1.0)
            try:
                bytes_ = os.read(self.file, 4096)
            except BlockingIOError:
                continue
            except OSError:
                time.sleep(0.1)
                continue
            at = now()
            for byte in bytes_:
                if byte == 0xF8:
                    self.clocks.append(at)
                elif 0x80 <= byte < 0xF8:
                    status = byte
                    if byte & 0xF0 == 0x90:
                        self.notes.append(at)


# --- What is done to it ---------------------------------------------------------------------------------------------


def hang(pid, thread):
    """Stops one thread of a process for good, as a debugger would. Returns the moment, and how to let it go."""
    child = subprocess.Popen([sys.executable, __file__, "hang", thread], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = child.stdout.readline()
    return (float(line) if line.strip() else None), child


def hang_here(thread):
    """The process that stops a thread: it must stay, and take note of the thread's end."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    seize, interrupt, wall = 0x4206, 0x4207, 0x40000000
    if libc.ptrace(seize, thread, None, None) or libc.ptrace(interrupt, thread, None, None):
        sys.exit(f"cannot stop thread {thread}: {os.strerror(ctypes.get_errno())}")
    os.waitpid(thread, wall)
    print(now(), flush=True)
    # Its end must be taken note of, or the process stays as a zombie. Our own end lets it go.
    while True:
        try:
            _, status = os.waitpid(thread, wall)
        except ChildProcessError:
            return
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            return


def threads(pid):
    """(number, name) of each thread."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/comm"):
        try:
            found.append((int(path.split("/")[4]), open(path).read().strip()))
        except OSError:
            pass
    return sorted(found)


def recovers(name, unit, break_it, back=None, limit=15):
    """Breaks a service, and checks that systemd has it back in time. `back` is what an operator waits for."""
    at = None
    # Again, where it ended by itself just now.
    for _ in range(5):
        before = wait(lambda: ready(unit))
        if not before:
            return check(name, False, f"{unit} does not run")
        at, child = break_it(before[0])
        if at is not None:
            break
        time.sleep(1)
    if at is None:
        return check(name, False, "could not be broken")
    # Longer than what counts as recovered, so that the table says by how much it was missed.
    after = wait(lambda: ready(unit, before[0]), limit=limit)
    if child:
        child.kill()
        child.wait()
    if not after:
        return check(name, False, "not recovered")
    started = int(show(unit, "ExecMainStartTimestampMonotonic")[0]) / 1e6 - at
    figure = f"started again after {started:.2f} s, READY after {after[1] - at:.2f} s"
    good = started <= RECOVERED_S - START_S
    if back:
        heard = wait(lambda: back(after[1]), limit=60)
        figure += f", sends after {heard - at:.2f} s" if heard else ", but it does not send"
        good = good and heard
    return check(name, good, figure)


def kill(pid):
    at = now()
    try:
        os.kill(int(pid), signal.SIGKILL)
    except ProcessLookupError:
        return None, None
    return at, None


def apt(*what):
    began = now()
    code, out = run("apt-get", "-y", "-o", "Dpkg::Options::=--force-confold", *what,
                    env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if code:
        say(out[-1500:])
    return code, now() - began, out


def journal(unit, lines=12):
    say(run("journalctl", "-q", "--no-pager", "-o", "cat", "-n", str(lines), "-u", unit)[1])


# --- The checks -----------------------------------------------------------------------------------------------------


def installs():
    code, took, _ = apt("install", *glob.glob(f"{HERE}/1/*.deb"))
    check("apt installs both packages from local files", code == 0, f"{took:.1f} s")
    found = wait(lambda: ready("downbeatd"))
    start = int(show("downbeatd", "ExecMainStartTimestampMonotonic")[0]) / 1e6
    check("the daemon is READY as installed, with no edit", found, f"{found[1] - start:.2f} s" if found else "")
    if not found:
        journal("downbeatd", 30)
    check("it starts with the machine", run("systemctl", "is-enabled", "downbeatd")[1].strip() == "enabled")
    wide = [line for line in sockets() if not re.search(r" (127\.|\[::1\])", line) and ":5353 " not in line]
    check("it serves only its own machine", not wide, "; ".join(wide))
    check("there is a folder for the operator's own lines", os.path.isdir(CONFIG + ".d"))
    for program in "downbeatd", "downbeatctl", "downbeat-renderer":
        run_code, version = run(program, "--version")
        check(f"{program} runs", run_code == 0, version.strip())
    check("bash reads the completions", all(run("bash", "-n", path)[0] == 0 for path in glob.glob("/usr/share/bash-completion/completions/downbeat*"))
          and len(glob.glob("/usr/share/bash-completion/completions/downbeat*")) == 3)


def sockets():
    """What listens, as "protocol address" lines, from the kernel's own tables."""
    found = []
    for kind in "tcp", "tcp6", "udp", "udp6":
        for line in open(f"/proc/net/{kind}").read().splitlines()[1:]:
            fields = line.split()
            host, number = fields[1].split(":")
            if kind.startswith("tcp") and fields[3] != "0A" or kind.startswith("udp") and fields[3] != "07":
                continue
            if len(host) == 8:
                host = ".".join(str(byte) for byte in bytes.fromhex(host)[::-1])
            else:
                host = "[::1]" if host == "00000000000000000000000001000000" else f"[{host}]"
            found.append(f"{kind} {host}:{int(number, 16)} ")
    return found


def is_closed():
    for unit, most in ("downbeatd.service", 2.0), ("downbeat-renderer@renderer.service", 2.5), ("downbeat-kiosk.service", 2.5), ("downbeat-jackd.service", 2.0):
        out = run("systemd-analyze", "security", "--no-pager", unit)[1]
        found = re.search(r"exposure level for .*: ([0-9.]+)", out)
        check(f"exposure of {unit} is at most {most}", found and float(found[1]) <= most, found[1] if found else out[-200:])
    pid = show("downbeatd", "MainPID")[0]
    limits = open(f"/proc/{pid}/limits").read()
    core = re.search(r"Max core file size +(\S+)", limits)[1]
    filter_ = open(f"/proc/{pid}/coredump_filter").read().strip()
    check("no core dump can have keys", core == "0" and int(filter_, 16) == 0, f"limit {core}, filter {filter_}")
    status = open(f"/proc/{pid}/status").read()
    check("the daemon has no capability, and a filter of system calls",
          re.search(r"CapEff:\s*0+$", status, re.M) and re.search(r"Seccomp:\s*2", status) and re.search(r"NoNewPrivs:\s*1", status))
    policies = {name: int(open(f"/proc/{pid}/task/{number}/stat").read().rsplit(") ", 1)[1].split()[38]) for number, name in threads(pid)}
    check("the hop thread is a real-time thread", policies.get("hop") == 1, f"policy {policies.get('hop')}")
    keys = glob.glob("/var/lib/downbeat/*.pem")
    refused = keys and all(run("setpriv", "--reuid=downbeat-renderer", "--regid=downbeat-renderer", "--init-groups", "cat", key)[0] for key in keys)
    check("the renderer's user cannot read the daemon's keys", refused, ", ".join(keys))


def configure():
    """What an operator does: names the ports, an output each, and switches JACK on."""
    text = open(CONFIG).read()
    # Long buffers, few hops: an emulated machine computes slowly, and stumbles where others use the host.
    text = text.replace("hop = 256", "hop = 1024", 1)
    text = text.replace("connect = []", 'connect = ["system:capture_1", "system:capture_2"]', 1)
    text += open(f"{HERE}/rig.toml").read()
    open(CONFIG, "w").write(text)
    open("/etc/default/downbeat-jackd", "a").write('JACKD_OPTIONS="-R -P 60 -S -t 5000 -d alsa -C hw:Loopback,1,0 -r 48000 -p 4096 -n 8"\n')
    # What draws without a graphics card, on the smallest screen.
    ini = open("/etc/downbeat/kiosk.ini").read().replace("use-pixman=false", "use-pixman=true")
    open("/etc/downbeat/kiosk.ini", "w").write(ini + "\n[output]\nname=Virtual-1\nmode=640x480\n")
    node = open("/etc/downbeat/renderer.toml").read()
    node = node.replace("width = 1280", "width = 64", 1).replace("height = 720", "height = 48", 1)
    node = re.sub(r"(?m)^fps = .*$", "fps = 2", node, count=1)
    open("/etc/downbeat/renderer.toml", "w").write(node)
    for command in ["downbeatd", "--config", CONFIG, "--check"], ["downbeat-renderer", "--config", "/etc/downbeat/renderer.toml", "--check"]:
        code, out = run(*command)
        check(f"{command[0]} accepts the edited configuration", code == 0, out.strip())
    code, out = run("systemctl", "enable", "--now", "downbeat-jackd", "downbeat-a2jmidid")
    check("JACK and its MIDI bridge are switched on", code == 0, out.strip() if code else "")
    run("systemctl", "restart", "downbeatd")
    check("the daemon is READY with the edited configuration", wait(lambda: ready("downbeatd")))


def plays(osc, midi):
    # Some bars over and over, without a seam; again where JACK and with it the loop went away.
    loop = f"while cat {HERE}/music.raw; do :; done | aplay -q -B 4000000 -t raw -f S24_3LE -r 48000 -c 2 -D plughw:Loopback,0,0"
    play = ["sh", "-c", f"while :; do {loop}; sleep 1; done"]
    subprocess.Popen(play, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = now()
    truth = json.load(open(f"{HERE}/music.json"))["bpm"]

    def hears():
        tempo = value("/tempo/lock") in (1, True) and value("/tempo/bpm")
        return tempo if tempo and abs(tempo - truth) < 0.05 * truth else None

    tempo = wait(hears)
    good = check("it hears the song in snd-aloop", tempo,
                 f"{tempo or value('/tempo/bpm') or 0:.2f} BPM, {truth:.0f} in the song, after {now() - began:.0f} s")
    if not good:
        for unit in "downbeat-jackd", "downbeat-a2jmidid", "downbeatd":
            journal(unit, 20)
        say(run("sh", "-c", "cat /proc/asound/cards /proc/asound/Loopback/pcm1c/sub0/status; aplay -l")[1])
    # What is checked is the way from the sound to the other programs; how exactly it hears is measured elsewhere, on a
    # machine that keeps up. So one quarter of a minute in which it nearly does is enough.
    for _ in range(12):
        began = now()
        time.sleep(15)
        beats = osc.since("/beat", began)
        levels = osc.since("/level", began)
        clocks = [at for at in midi.clocks if at >= began]
        notes = [at for at in midi.notes if at >= began]
        expected = 15 * truth / 60
        found = [
            ("OSC: a beat comes for each beat of the song", abs(len(beats) - expected) <= 0.25 * expected, f"{len(beats)} in 15 s, {expected:.0f} in the song"),
            ("OSC: a level comes at its rate", len(levels) > 100, f"{len(levels)} in 15 s"),
            ("MIDI: the ALSA port gets 24 clocks a beat", abs(len(clocks) - 24 * expected) <= 0.25 * 24 * expected, f"{len(clocks)} in 15 s, {24 * expected:.0f} in the song"),
            ("MIDI: the ALSA port gets a note on each beat", abs(len(notes) - len(beats)) <= 3, f"{len(notes)} in 15 s"),
        ]
        if all(good for _, good, _ in found):
            break
    for row in found:
        check(*row)
    if not clocks:
        say(run("sh", "-c", "cat /proc/asound/seq/clients; jack_lsp")[1])
        say(str(value("/output/box/error")))


def shows():
    code, out = run("systemctl", "start", "downbeat-kiosk")
    check("a screen comes up without a desktop", code == 0, out.strip())
    if code:
        journal("downbeat-kiosk", 40)
    began = now()
    code, out = run("systemctl", "start", "downbeat-renderer@renderer")
    found = wait(lambda: ready("downbeat-renderer@renderer"))
    check("a node is READY on it", found, f"{now() - began:.1f} s")
    if not found:
        journal("downbeat-renderer@renderer", 40)
        journal("downbeat-kiosk", 40)
        return
    rate = wait(lambda: value("/node/renderer/fps"), limit=60)
    check("the daemon lists the node", rate, f"{rate or 0:.1f} frames a second of 2")
    run("downbeatctl", "command", "/layer/back/scene", "tunnel")
    time.sleep(5)
    for name in "first", "second":
        tell(screen=name)
        port.readline()
        time.sleep(3)
    run("downbeatctl", "command", "/show/blackout", "1")
    time.sleep(15)
    tell(screen="blackout")
    port.readline()
    run("downbeatctl", "command", "/show/blackout", "0")


# Threads that nothing watches. They may wait for long, and nobody waits for them: for a name server, for libjack, for a
# disk or a terminal, for a signal (a second SIGTERM ends the daemon at once).
UNWATCHED = ("resolve:", "jack", "midi:", "log", "signals")


def recovers_from_everything(osc, midi):
    sends = lambda since: next(iter(osc.since("/level", since)), None)
    for _ in range(3):
        recovers("kill -9 of the daemon", "downbeatd", kill, sends)
    settle()
    pid = show("downbeatd", "MainPID")[0]
    names = sorted({name for _, name in threads(pid) if not name.startswith(UNWATCHED)})
    say("threads of the daemon: " + ", ".join(names))
    for name in names:
        def hang_it(pid, name=name):
            number = next((number for number, found in threads(pid) if found == name), None)
            return hang(pid, number and str(number)) if number else (None, None)
        recovers(f"a hung thread of the daemon: {name}", "downbeatd", hang_it, sends)
        settle()
    node = "downbeat-renderer@renderer"
    if ready(node):
        recovers("kill -9 of the node", node, kill, limit=90)
        wait(lambda: ready(node))
        time.sleep(3)
        recovers("a hung frame loop of the node", node, lambda pid: hang(pid, pid), limit=90)
    for unit in "downbeat-jackd",:
        recovers(f"kill -9 of {unit}", unit, kill, lambda since: value("/tempo/lock") and now())


def settle():
    """Until every thread of a new daemon is there, the one for JACK among them."""
    wait(lambda: ready("downbeatd") and value("/bus/main/state") == "playing", limit=60)


def upgrades(osc):
    said = []

    def moves():
        code, out = run("downbeatctl", "command", "/layer/back/opacity", "0.35")
        said.append(out.strip())
        return code == 0

    # Again, where the emulated machine is too slow to answer in time.
    check("a fader is moved", wait(moves, limit=60), said[-1])
    time.sleep(3)
    edited = open(CONFIG).read()
    before = ready("downbeatd")
    node = ready("downbeat-renderer@renderer")
    began = now()
    code, took, out = apt("install", *glob.glob(f"{HERE}/2/*.deb"))
    check("apt upgrades both packages", code == 0, f"{took:.1f} s")
    version = run("dpkg-query", "-f", "${Version}", "-W", "downbeat")[1]
    after = wait(lambda: ready("downbeatd", before[0]))
    check("the new daemon runs", after and version.startswith("9.9"), version)
    check("the edited configuration is kept", open(CONFIG).read() == edited and os.path.exists(CONFIG + ".dpkg-dist"), "the new defaults are beside it")
    opacity = wait(lambda: value("/layer/back/opacity"))
    check("the state is kept: the fader stays where it was", opacity and abs(opacity - 0.35) < 0.001, opacity)
    check("the check of the configuration leaves no key behind", not os.path.exists("/var/lib/downbeat/.local"))
    settle()
    levels = osc.since("/level", began)
    gap = max((b - a for a, b in zip(levels, levels[1:])), default=None)
    check("the show goes on over the upgrade", gap is not None and gap < 10, f"no OSC for {gap:.2f} s" if gap else "no OSC at all")
    if node:
        check("the node runs the new program", wait(lambda: ready("downbeat-renderer@renderer", node[0])))


def removes():
    code, took, _ = apt("remove", "downbeat", "downbeat-renderer")
    check("apt removes both packages", code == 0, f"{took:.1f} s")

    def ours():
        lines = run("ps", "-eo", "user:30,args", "--no-headers")[1].splitlines()
        return [line for line in lines if re.match(r"downbeat|\S+ +\S*downbeat[d-]", line)]

    # logind takes some seconds to end what was a session.
    gone = wait(lambda: not ours(), limit=30)
    check("nothing is left running", gone, "; ".join(ours()))
    left = [line for line in run("systemctl", "list-units", "--plain", "--no-legend", "downbeat*")[1].splitlines() if " running" in line]
    check("no unit of it runs", not left or all("downbeat-test" in line for line in left), "; ".join(left))
    busy = [line for line in sockets() if re.search(r":(9440|9441|9480) ", line)]
    check("its ports are free", not busy, "; ".join(busy))
    check("configuration and state are kept", os.path.exists(CONFIG) and os.path.exists("/var/lib/downbeat/downbeat-state.json"))
    code, _, _ = apt("purge", "downbeat", "downbeat-renderer")
    left = [path for path in ("/var/lib/downbeat", "/var/lib/downbeat-renderer", CONFIG, "/usr/bin/downbeatd", "/etc/default/downbeat-jackd") if os.path.exists(path)]
    check("purge takes state and configuration", code == 0 and not left, ", ".join(left))


def main():
    tell(note=f"systemd runs after {now():.0f} s")
    installs()
    is_closed()
    osc = Osc(7700)
    configure()
    midi = Midi(sorted(glob.glob("/dev/snd/midiC1D*"))[0])
    parts = {
        "plays": lambda: plays(osc, midi),
        "shows": shows,
        "recovers": lambda: recovers_from_everything(osc, midi),
        "upgrades": lambda: upgrades(osc),
        "removes": removes,
    }
    wanted = open(f"{HERE}/parts").read().split()
    for name, part in parts.items():
        if not wanted or name in wanted:
            part()


if __name__ == "__main__":
    if sys.argv[1:2] == ["hang"]:
        hang_here(int(sys.argv[2]))
    else:
        port = open(PORT, "r+b", buffering=0)
        try:
            main()
        except Exception:  # The table must say what ended it.
            check("the checks themselves", False, traceback.format_exc()[-600:])
        tell(done=not failed)
        subprocess.run(["systemctl", "poweroff", "-ff"], check=False)
