"""Real, produced music to learn from: excerpts of the soundtracks of free games, as Debian packages them. No beats are known in them.

    recorded.py FOLDER OUT [PACKAGE...]     fetches what FOLDER lacks, prints the licences, writes excerpts of 45 s to OUT

An excerpt is mono, 44.1 kHz, 16-bit floats, `PACKAGE_TRACK_K.npy`. The packages, their music and whom to credit stand in
`sources.toml`. What a track gives depends only on its package's name, its path and its sound. Needs ffmpeg and, for
tracker modules, openmpt123.
"""

import fnmatch, hashlib, os, re, subprocess, sys, tempfile, time, tomllib, zipfile
import numpy as np

RATE = 44100
SECONDS = 45
SHORTEST = 40               # below it are jingles, and loops that hold one bar
PER_EXCERPT, MOST = 60, 4   # a long track says the same again
QUIET = 1e-3                # -60 dBFS: what nobody hears
RECORDED = {'.ogg', '.oga', '.mp3', '.opus', '.flac', '.wav', '.m4a'}
MODULES = {'.mod', '.xm', '.s3m', '.it', '.mptm', '.med', '.okt', '.mtm', '.stm', '.umx', '.mo3'}
CONTAINERS = {'.pk3', '.zip', '.love'}


def fetch(folder, source):
    """Unpacks a package into the folder, the version of `sources.toml` if the mirror still has it."""
    name, there = source['name'], os.path.join(folder, source['name'])
    if os.path.isdir(there):
        return there
    with tempfile.TemporaryDirectory() as scratch:
        for wish in (f"{name}={source['version']}", name):
            if subprocess.run(['apt-get', 'download', '-q', wish], cwd=scratch, capture_output=True).returncode == 0:
                break
            print(f'{wish}: not on the mirror', flush=True)
        else:
            return None
        package = os.path.join(scratch, os.listdir(scratch)[0])
        half = there + '.half'
        subprocess.run(['rm', '-rf', half])
        subprocess.run(['dpkg-deb', '-x', package, half], check=True)
        os.rename(half, there)
    return there


def unzip(root):
    """Games keep music in archives; only what sounds is taken out of them, beside the archive."""
    for folder, _, files in list(os.walk(root)):
        for file in files:
            there = os.path.join(folder, file) + '.out'
            if os.path.splitext(file)[1].lower() in CONTAINERS and not os.path.exists(there):
                try:
                    archive = zipfile.ZipFile(os.path.join(folder, file))
                except zipfile.BadZipFile:
                    continue
                half = os.path.join(folder, file) + '.half'
                for member in archive.namelist():
                    if os.path.splitext(member)[1].lower() in RECORDED | MODULES:
                        archive.extract(member, half)
                os.makedirs(half, exist_ok=True)
                os.rename(half, there)


def tracks(root, source):
    """Paths of what may be music, in an order that does not depend on the disk."""
    found = []
    for folder, _, files in os.walk(root):
        for file in files:
            path = os.path.join(folder, file)
            inside = os.path.relpath(path, root)
            known = os.path.splitext(file)[1].lower() in RECORDED | MODULES
            if os.path.islink(path) or not (known or any(fnmatch.fnmatch(inside, p) for p in source.get('also', []))):
                continue
            if not any(fnmatch.fnmatch(inside, pattern) for pattern in source.get('skip', [])):
                found.append((inside, path))
    return sorted(found)


def is_module(path):
    return os.path.splitext(path)[1].lower() in MODULES


def length(path):
    """Seconds of a track, 0 if it cannot be read."""
    if is_module(path):
        said = subprocess.run(['openmpt123', '--info', path], capture_output=True, text=True, errors='replace').stdout
        found = re.search(r'Duration\.*:\s*(?:(\d+):)?(\d+):([\d.]+)', said)
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
    if os.path.getsize(path) < 100_000:
        return 0.0
    said = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path],
                          capture_output=True, text=True).stdout.strip()
    try:
        return float(said)
    except ValueError:
        return 0.0


def decode(path, starts):
    """One array for each start."""
    def ffmpeg(file, start):
        done = subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-threads', '1', '-ss', f'{start:.3f}', '-t', str(SECONDS),
                               '-i', file, '-vn', '-ac', '1', '-ar', str(RATE), '-f', 'f32le', '-'], capture_output=True)
        return np.frombuffer(done.stdout, '<f4')[:SECONDS * RATE]
    if not is_module(path):
        return [ffmpeg(path, start) for start in starts]
    with tempfile.TemporaryDirectory() as scratch:
        link = os.path.join(scratch, 'a' + os.path.splitext(path)[1].lower())
        os.symlink(os.path.abspath(path), link)
        subprocess.run(['openmpt123', '-q', '--render', '--samplerate', str(RATE), '--no-float', '--end-time',
                        f'{starts[-1] + SECONDS + 1:.0f}', '--output-type', 'wav', link], capture_output=True)
        return [ffmpeg(link + '.wav', start) for start in starts] if os.path.exists(link + '.wav') else []


def places(key, seconds):
    """Starts of the excerpts: one somewhere in each equal share of the track."""
    count = int(np.clip(seconds // PER_EXCERPT, 1, MOST))
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], 'little'))
    room, draws = max(0.0, seconds - SECONDS), rng.random(count)
    share = seconds / count
    return [float(min(room, k * share + draw * max(0.0, share - SECONDS))) for k, draw in enumerate(draws)]


def sounds(x):
    """False where more than a third is silent, counted in tenths of a second."""
    if len(x) < SHORTEST * RATE * .95 or not np.isfinite(x).all():
        return False
    x = np.pad(x, (0, SECONDS * RATE - len(x)))
    level = np.sqrt(np.mean(np.square(x.reshape(-1, RATE // 10)), axis=1))
    return float(np.mean(level < QUIET)) <= 1 / 3


def excerpts(source, root, out, seen):
    """Writes the excerpts of a package; returns tracks, hours and excerpts."""
    count, hours, written = 0, 0.0, 0
    for inside, path in tracks(root, source):
        digest = hashlib.sha256(open(path, 'rb').read()).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        seconds = length(path)
        if seconds < SHORTEST:
            continue
        count, hours = count + 1, hours + seconds / 3600
        stem = re.sub(r'[^A-Za-z0-9.-]+', '-', os.path.splitext(os.path.basename(inside))[0])
        # two tracks of a package may have the same name in different folders
        name = f"{source['name']}_{stem}-{digest[:6]}"
        starts = places(f"{source['name']}/{inside}", seconds)
        files = [os.path.join(out, f'{name}_{k}.npy') for k in range(len(starts))]
        missing = [(file, start) for file, start in zip(files, starts) if not os.path.exists(file)]
        written += len(files) - len(missing)
        for (file, _), x in zip(missing, decode(path, [start for _, start in missing]) if missing else []):
            if sounds(x):
                # modules and hot masters pass full scale; the top of 16-bit floats is far above
                half = file + '.half'
                with open(half, 'wb') as unfinished:
                    np.save(unfinished, np.pad(x, (0, SECONDS * RATE - len(x))).astype(np.float16))
                os.rename(half, file)
                written += 1
    return count, hours, written


def main():
    folder, out, only = sys.argv[1], sys.argv[2], set(sys.argv[3:])
    os.makedirs(folder, exist_ok=True)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sources.toml'), 'rb') as file:
        sources = tomllib.load(file)['music']
    seen, total, began = set(), np.zeros(3), time.time()
    for source in sources:
        if only and source['name'] not in only:
            continue
        root = fetch(folder, source)
        if root is None:
            continue
        unzip(root)
        count, hours, written = excerpts(source, root, out, seen)
        total += count, hours, written
        print(f"{source['name']:24} {count:4} tracks {hours:6.2f} h {written:4} excerpts  {source['licence']}; {source['credit']}",
              f'({time.time() - began:.0f} s)', flush=True)
    print(f'all: {total[0]:.0f} tracks, {total[1]:.1f} h, {total[2]:.0f} excerpts')


if __name__ == '__main__':
    main()
