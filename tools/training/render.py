"""Makes the training set: renders MIDI (Groove, POP909, composed) with free sound fonts, roughens it as stages do, and
keeps what the net hears of it with the truth.

    render.py MIDI_FOLDER OUT_FOLDER INPUTS_PROGRAM KIND FIRST COUNT [BANK]

KIND is groove, pop, grid, odd, noise, idle, click, synth, floor, rise or strokes; the piece with number n is the same whenever it is made. With
the BANK of world.py each piece is kept twice: as it is, and in a world of its own.
"""

import glob, os, subprocess, sys
import numpy as np
import pretty_midi
from scipy.signal import butter, sosfilt, fftconvolve
from arrange import break_down, click
from compose import BASSES, DISTORTED, GUITARS, KEYS, KITS, LEADS, PADS, PATTERNS, MAJOR, Piece, compose
from idle import idle
from kit import Kit
from strokes import strike_anew
from voice import Voice
from world import World
import fluidsynth

RATE, SECONDS = 44100, 45
FONTS = ['/usr/share/sounds/sf2/FluidR3_GM.sf2', '/usr/share/sounds/sf2/TimGM6mb.sf2', '/usr/share/sounds/sf3/MuseScore_General.sf3',
         '/usr/share/sounds/sf2/OPL-3_FM_128M.sf2']
FONT_CHANCES = [.34, .28, .30, .08]
DRUMS = {'kick': {35, 36}, 'snare': {37, 38, 39, 40}, 'hat': {22, 26, 42, 44, 46}}
ROLAND = {22: 42, 26: 46, 58: 43, 59: 51, 53: 51, 52: 57}  # an electronic kit's edges as General MIDI
synths = {}


def synth(font):
    if font not in synths:
        made = fluidsynth.Synth(gain=.4, samplerate=float(RATE))
        made.setting('synth.reverb.active', 0); made.setting('synth.chorus.active', 0); made.setting('synth.polyphony', 128)
        synths[font] = (made, made.sfload(FONTS[font]))
    return synths[font]


def play(notes, programs, font, seconds):
    """The sound of some notes, mono."""
    fs, sf = synth(font)
    fs.system_reset()
    for channel, program in programs.items():
        if fs.program_select(channel, sf, 128 if channel == 9 else 0, program) != 0:
            fs.program_select(channel, sf, 128 if channel == 9 else 0, 0)
    events = sorted([(t, 1, c, p, v) for t, d, c, p, v in notes] + [(t + d, 0, c, p, 0) for t, d, c, p, v in notes])
    out, now, end = [], 0, int(seconds * RATE)
    for t, on, c, p, v in events:
        until = min(end, int(t * RATE))
        if until > now:
            out.append(fs.get_samples(until - now)); now = until
        if t >= seconds:
            break
        fs.noteon(c, p, v) if on else fs.noteoff(c, p)
    if now < end:
        out.append(fs.get_samples(end - now))
    return np.concatenate(out).reshape(-1, 2).astype(np.float32).mean(1) / 32768


def level(x):
    loud = np.abs(x).reshape(-1)
    return np.sqrt(np.mean(loud[loud > 1e-4] ** 2)) + 1e-5 if (loud > 1e-4).any() else 1.0


def room(rng, x):
    length = rng.uniform(.1, 1.6)
    n = int(length * RATE)
    tail = rng.normal(0, 1, n).astype(np.float32) * np.exp(-6.9 * np.arange(n) / n).astype(np.float32)
    tail = sosfilt(butter(2, [150, rng.uniform(3000, 9000)], 'band', fs=RATE, output='sos'), tail)
    wet = fftconvolve(x, tail)[:len(x)].astype(np.float32)
    return x + wet * (level(x) / level(wet)) * rng.uniform(.05, .5)


def roughen(rng, x):
    """What lies between the band and the ear: tone, room, drive, band limits, hiss."""
    if rng.random() < .5:
        f = np.exp(rng.uniform(np.log(80), np.log(8000)))
        band = sosfilt(butter(1, [f * .6, min(f * 1.7, 20000)], 'band', fs=RATE, output='sos'), x).astype(np.float32)
        x = x + band * rng.uniform(-.7, 2.5)
    if rng.random() < .5:
        x = room(rng, x)
    if rng.random() < .6:
        drive = np.exp(rng.uniform(np.log(.5), np.log(8))) / (level(x) * 4)
        x = np.tanh(x * drive)
    if rng.random() < .10:
        x = sosfilt(butter(4, rng.uniform(3000, 9000), 'low', fs=RATE, output='sos'), x).astype(np.float32)
    if rng.random() < .08:
        x = sosfilt(butter(2, rng.uniform(60, 250), 'high', fs=RATE, output='sos'), x).astype(np.float32)
    if rng.random() < .4:
        x = x + rng.normal(0, level(x) * 10 ** rng.uniform(-3, -1), len(x)).astype(np.float32)
    return x


def speech(rng, seconds):
    words = open('/usr/share/dict/words').read().split() if os.path.exists('/usr/share/dict/words') else None
    if words is None:
        syllables = [a + b for a in 'b d f g h k l m n p r s t v w sh ch st tr pl'.split() for b in 'a e i o u ay ee oh an en in on un ar er'.split()]
        words = [''.join(rng.choice(syllables, rng.integers(1, 4))) for _ in range(300)]
    text = ' '.join(rng.choice(words, int(seconds * 4))) if rng.random() < .3 else ', '.join(' '.join(rng.choice(words, rng.integers(3, 14))) for _ in range(int(seconds / 2)))
    voice = str(rng.choice(['en', 'en-us', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'sv'])) + str(rng.choice(['', '+f1', '+f2', '+f3', '+m1', '+m3', '+m5', '+m7', '+croak', '+whisper']))
    wav = subprocess.run(['espeak-ng', '-v', voice, '-s', str(rng.integers(110, 230)), '-p', str(rng.integers(15, 85)), '--stdout', text], capture_output=True).stdout
    x = np.frombuffer(wav[44:], '<i2').astype(np.float32) / 32768
    x = np.interp(np.arange(int(len(x) * RATE / 22050)) * 22050 / RATE, np.arange(len(x)), x).astype(np.float32)
    return np.resize(x, int(seconds * RATE))


def drone(rng, n):
    """Tones that stay, swell and waver, at no pace."""
    t, x = np.arange(n) / RATE, np.zeros(n)
    for _ in range(int(rng.integers(1, 9))):
        f, slow = float(np.exp(rng.uniform(np.log(40), np.log(2500)))), rng.uniform(.01, .35)
        swell = np.interp(t, np.sort(rng.uniform(0, SECONDS, 10)), rng.uniform(0, 1, 10))
        phase = 2 * np.pi * f * t + rng.uniform(0, 8) * np.sin(2 * np.pi * slow * t)
        x += swell * (np.sin(phase) if rng.random() < .5 else 2 * (phase / (2 * np.pi) % 1) - 1) * rng.uniform(.2, 1)
    x = sosfilt(butter(1, rng.uniform(300, 8000), fs=RATE, output='sos'), x)
    return (x + rng.normal(0, .01 * rng.random(), n)).astype(np.float32)


def band_noise(rng, n):
    """Noise that falls with frequency, still or waving."""
    spectrum = np.fft.rfft(rng.normal(0, 1, n))
    x = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 20) ** rng.uniform(0, 1.1), n)
    if rng.random() < .5:
        x *= np.interp(np.arange(n), np.sort(rng.integers(0, n, 14)), rng.uniform(.05, 1, 14))
    return (x / np.abs(x).max()).astype(np.float32)


def noise(rng, seconds, more=False):
    n = int(seconds * RATE)
    kind = rng.integers(5)
    if more and rng.random() < .55:
        return drone(rng, n) if rng.random() < .5 else band_noise(rng, n)
    if kind <= 1:
        return speech(rng, seconds) if kind == 0 else sum(speech(rng, seconds) * rng.uniform(.2, 1) for _ in range(int(rng.integers(2, 6))))
    white = rng.normal(0, 1, n).astype(np.float32)
    if kind == 2:  # hiss and rumble
        f = np.exp(rng.uniform(np.log(60), np.log(10000)))
        return sosfilt(butter(1, [f * .3, min(2 * f, 20000)], 'band', fs=RATE, output='sos'), white).astype(np.float32)
    if kind == 3:  # applause: many claps, anywhere
        x = np.zeros(n, np.float32)
        clap = (rng.normal(0, 1, 900) * np.exp(-np.arange(900) / 180)).astype(np.float32)
        for at in rng.integers(0, n - 1000, int(seconds * np.exp(rng.uniform(np.log(15), np.log(900))))):
            x[at:at + 900] += clap * rng.uniform(.2, 1)
        return x + .05 * white
    # knocks and rustling without a pulse
    x = .02 * white
    for at in np.sort(rng.integers(0, n - 9000, int(seconds * rng.uniform(.5, 5)))):
        k = int(rng.integers(300, 8000))
        tone = np.sin(2 * np.pi * rng.uniform(50, 2000) * np.arange(k) / RATE) if rng.random() < .5 else rng.normal(0, 1, k)
        x[at:at + k] += (tone * np.exp(-5 * np.arange(k) / k) * rng.uniform(.1, 1)).astype(np.float32)
    return x


def accompany(rng, piece, pattern=None):
    """Adds a random band, or drums, to a piece that has only beats and its own notes."""
    beats, downs = np.array(piece.beats), np.array(piece.downbeats)
    if len(downs) < 2:
        return
    root, progression = int(rng.integers(12)), [int(d) for d in rng.integers(0, 7, 4)]
    style, bass_style = int(rng.integers(4)), int(rng.integers(3))
    for bar, (start, end) in enumerate(zip(downs[:-1], downs[1:])):
        inside = beats[(beats >= start - .01) & (beats < end - .01)]
        if pattern is not None:
            steps = len(inside) * 4
            grid = np.interp(np.arange(steps) / 4, np.arange(len(inside) + 1), np.append(inside, end))
            for line, drum, velocity in zip(pattern, (36, 38, 42), (105, 100, 70)):
                for k, t in enumerate(grid):
                    c = line[k % len(line)]
                    if c == 'x' or (c.isdigit() and rng.random() < int(c) / 10):
                        piece.add(t, .1, 9, drum, velocity + rng.integers(-12, 13))
            continue
        degree = progression[bar % 4]
        tones = [root + MAJOR[(degree + k) % 7] for k in (0, 2, 4)]
        for k, t in enumerate(inside):
            long = (end - start) / max(1, len(inside))
            if bass_style == 0 or (bass_style == 1 and k == 0):
                piece.add(t, long * .9, 0, 36 + tones[0] % 12, rng.integers(80, 110))
            elif bass_style == 2:
                piece.add(t, long * .45, 0, 36 + tones[0] % 12, 95); piece.add(t + long / 2, long * .45, 0, 36 + tones[0] % 12, 85)
            if style == 0 and k == 0 or style == 1:
                for tone in tones:
                    piece.add(t, (end - start if style == 0 else long) * .9, 1, 52 + tone % 12, rng.integers(55, 90))
            if style == 2:
                for tone in tones:
                    piece.add(t + long / 2, long * .4, 1, 52 + tone % 12, rng.integers(55, 90))
            if style == 3 and rng.random() < .7:
                piece.add(t + rng.choice([0, .5]) * long, long * .5, 2, 60 + tones[int(rng.integers(3))] % 12, rng.integers(70, 105))


def band(rng):
    return {9: int(rng.choice(KITS)), 0: int(rng.choice(BASSES)), 1: int(rng.choice(KEYS + GUITARS + DISTORTED + PADS)),
            2: int(rng.choice(LEADS)), 3: int(rng.choice(PADS)), 4: int(rng.choice(KEYS + LEADS))}


def groove(rng, folder):
    files = sorted(f for f in glob.glob(folder + '/groove/**/*_beat_*.mid', recursive=True) if os.path.getsize(f) > 1200)
    file = files[rng.integers(len(files))]
    midi = pretty_midi.PrettyMIDI(file)
    bpm, (over, _) = float(file.split('_')[-3]), map(int, file.split('_')[-1][:-4].split('-'))
    beat = 60 / bpm * (1.5 if file.endswith('6-8.mid') else 1)
    metre = 2 if file.endswith('6-8.mid') else over
    stretch, bar = float(np.exp(rng.uniform(-.18, .18))), beat * metre
    end = midi.get_end_time()
    first = bar * rng.integers(0, max(1, int((end - SECONDS) / bar) + 1)) if end > SECONDS else 0
    piece = Piece()
    loop = max(1, round(min(end - first, SECONDS * 2) / bar)) * bar
    for repeat in range(int(SECONDS / (loop * stretch)) + 1):
        for n in midi.instruments[0].notes:
            t = n.start - first
            if -.02 <= t < loop - .02:
                piece.add((t + repeat * loop) * stretch, .1, 9, ROLAND.get(n.pitch, n.pitch), n.velocity)
    count = int(SECONDS / (beat * stretch)) + 1
    piece.beats = [k * beat * stretch for k in range(count)]
    piece.downbeats = piece.beats[::metre]
    piece.programs = band(rng)
    if rng.random() < .55:
        accompany(rng, piece)
    return piece


def pop(rng, folder):
    songs = sorted(glob.glob(folder + '/POP909/*/[0-9]*.mid'))
    song = songs[rng.integers(len(songs))]
    midi = pretty_midi.PrettyMIDI(song)
    table = np.loadtxt(os.path.dirname(song) + '/beat_midi.txt')
    stretch = float(np.exp(rng.uniform(-.22, .22)))
    first = float(rng.choice(table[:max(1, int(len(table) * .6)), 0])) - rng.uniform(0, 1)
    piece = Piece()
    inside = table[(table[:, 0] >= first) & (table[:, 0] < first + SECONDS / stretch + 8)]
    piece.beats = list((inside[:, 0] - first) * stretch)
    piece.downbeats = list((inside[inside[:, 2] > 0, 0] - first) * stretch)
    channels = {'MELODY': 2, 'BRIDGE': 4, 'PIANO': 1}
    drop = rng.choice(['MELODY', 'BRIDGE', 'nothing', 'nothing'])
    for instrument in midi.instruments:
        if instrument.name == drop:
            continue
        for n in instrument.notes:
            if first <= n.start < first + SECONDS / stretch:
                piece.add((n.start - first) * stretch, (n.end - n.start) * stretch, channels.get(instrument.name, 1), n.pitch, n.velocity)
    piece.programs = band(rng)
    if rng.random() < .4:
        piece.programs[1] = int(rng.choice([0, 0, 1, 4, 24, 25]))
    if rng.random() < .5:
        notes = {'C': 0, 'C#': 1, 'Db': 1, 'D': 2, 'D#': 3, 'Eb': 3, 'E': 4, 'F': 5, 'F#': 6, 'Gb': 6, 'G': 7, 'G#': 8, 'Ab': 8, 'A': 9, 'A#': 10, 'Bb': 10, 'B': 11, 'Cb': 11}
        for line in open(os.path.dirname(song) + '/chord_midi.txt'):
            start, end, name = line.split()
            key = notes.get(name.split(':')[0])
            if key is not None and first <= float(start) < first + SECONDS / stretch:
                piece.add((float(start) - first) * stretch, (float(end) - float(start)) * stretch * .9, 0, 36 + key, rng.integers(80, 110))
    if rng.random() < .6:
        names = [n for n in PATTERNS if n not in ('none', 'metal', 'metal2', 'dnb', 'dnb2')]
        accompany(rng, piece, PATTERNS[names[rng.integers(len(names))]])
    return piece


def sound(rng, piece):
    """The band; with drums and voices of our own in many pieces of a kind that has them drawn."""
    kit = Kit(rng) if piece.drawn and rng.random() < .72 else None
    voiced = piece.drawn and rng.random() < .55
    font = int(rng.choice(4, p=FONT_CHANCES))
    drums = [n for n in piece.notes if n[2] == 9]
    rest = [n for n in piece.notes if n[2] != 9]
    x = np.zeros(SECONDS * RATE, np.float32)
    if drums:
        sampled = [n for n in drums if not kit or not kit.plays(n[3]) or n[3] in kit.layered]
        d = play(sampled, {9: piece.programs[9]}, font, SECONDS)
        if kit:
            d = d / level(d) * (.05 if sampled else 0) + kit.play(drums, SECONDS) * .3
        if rng.random() < .3:
            d = np.tanh(d / level(d) * rng.uniform(.2, 1.0))
        if rng.random() < .3:
            d = room(rng, d)
        x += d / level(d)
    if rest:
        made = {c: Voice(rng, role) for c, role in ((0, 'bass'), (1, 'chord'), (2, 'lead'), (3, 'pad'), (4, 'arp')) if voiced and rng.random() < .75}
        r = play([n for n in rest if n[2] not in made], {c: p for c, p in piece.programs.items() if c != 9}, int(rng.choice(4, p=FONT_CHANCES)), SECONDS)
        r = r / level(r) if made else r
        for channel, voice in made.items():
            own = [n for n in rest if n[2] == channel]
            beat = float(np.median(np.diff(piece.beats))) if len(piece.beats) > 2 else .5
            if own:
                v = voice.play(own, SECONDS, beat)
                r += v / level(v) * 10 ** (rng.uniform(-9, 4) / 20)
                if voice.slow:
                    piece.vague.add(channel)
        if piece.pumped or (voiced and kit and rng.random() < .3):
            depth = piece.pumped or rng.uniform(.2, .95)
            hollow = rng.uniform(.05, .16) if voiced else .09
            gain = np.ones(len(r), np.float32)
            for t, _, _, p, _ in drums:
                if p in DRUMS['kick']:
                    at = int(t * RATE); n = min(int(.3 * RATE), len(r) - at)
                    if n > 0:
                        gain[at:at + n] = np.minimum(gain[at:at + n], 1 - depth * np.exp(-np.arange(n) / (hollow * RATE)))
            r = r * gain
        x += r / level(r) * 10 ** (rng.uniform(-14, 6) / 20 if drums else 0)
    for start, end in piece.risers:
        if end - start > 1 and start < SECONDS and rng.random() < .6:
            climb, at = riser(rng, start, end), int(max(0, start) * RATE)
            climb = climb[:len(x) - at]
            x[at:at + len(climb)] += climb / level(climb) * 10 ** (rng.uniform(-22, -4) / 20)
    return roughen(rng, x)


def curve(times, ticks):
    """A mark at the first tick that can know of each time."""
    y = np.zeros(ticks, np.uint8)
    k = np.floor(np.asarray(times, float) * 100).astype(int)
    y[k[(k >= 0) & (k < ticks)]] = 1
    return y


def floor(rng):
    """Dance music, its drums drawn."""
    piece = compose(rng, SECONDS, hard=True, dance=True)
    piece.drawn = True
    return piece


def rise(rng):
    """Music whose drums stay away for a while, mostly dance music."""
    which = rng.random()
    piece = compose(rng, SECONDS, hard=which < .75, dance=which < .5)
    piece.drawn = rng.random() < .8
    break_down(rng, piece, SECONDS)
    return piece


def drawn(rng, folder):
    """A piece whose drums and voices may be of our own making, mostly composed; or none, which has no notes."""
    which = rng.random()
    piece = Piece() if which < .06 else groove(rng, folder) if which < .2 else pop(rng, folder) if which < .28 else compose(rng, SECONDS, hard=True)
    piece.drawn = True
    return piece


def strokes(rng):
    """A composed piece with drums by chance."""
    piece = compose(rng, SECONDS, hard=rng.random() < .5)
    strike_anew(rng, piece)
    piece.drawn = True
    return piece


def riser(rng, start, end):
    """Noise that climbs until something begins."""
    n, x = int((end - start) * RATE), rng.normal(0, 1, int((end - start) * RATE))
    way, out = np.linspace(0, 1, n), np.zeros(n)
    low, high = rng.uniform(150, 800), rng.uniform(3000, 12000)
    for k in range(0, n, RATE // 4):
        f = low * (high / low) ** (k / n)
        part = slice(max(0, k - 2000), k + RATE // 4)
        sweep = sosfilt(butter(1, [f * .5, min(f * 2, 20000)], 'band', fs=RATE, output='sos'), x[part])
        out[k:k + RATE // 4] = sweep[k - part.start:]
    return (out * way ** rng.uniform(.5, 2)).astype(np.float32)


KINDS = ['groove', 'pop', 'grid', 'noise', 'synth', 'floor', 'strokes', 'rise', 'odd', 'click', 'idle']


def perform(kind, number, folder, world):
    """A piece and its sound, the same whenever it is asked for; and the chance that it was made with."""
    rng = np.random.default_rng([1 + KINDS.index(kind), number])
    piece = {'groove': lambda: groove(rng, folder), 'pop': lambda: pop(rng, folder), 'grid': lambda: compose(rng, SECONDS), 'noise': Piece, 'idle': Piece,
             'synth': lambda: drawn(rng, folder), 'floor': lambda: floor(rng), 'strokes': lambda: strokes(rng), 'rise': lambda: rise(rng),
             'odd': lambda: compose(rng, SECONDS, odd=True), 'click': lambda: click(rng, SECONDS)}[kind]()
    if piece.notes:
        x = sound(rng, piece)
    else:
        x = idle(rng, SECONDS * RATE, world) if kind == 'idle' else roughen(rng, noise(rng, SECONDS, kind == 'synth'))
    if piece.notes and rng.random() < .06:  # somebody talks over the music
        talk = speech(rng, SECONDS)
        x = x / level(x) + talk / level(talk) * rng.uniform(.3, 1.5)
    return piece, x, rng


def takes(kind, number, folder, world):
    """The piece, and its takes: what to add to its name, the sound, and from when to when there is music."""
    piece, x, rng = perform(kind, number, folder, world)
    yield piece, '', at_peak(x, rng.uniform(-30, 0)), (0, SECONDS)
    if world:
        rng = np.random.default_rng([len(kind), number, 8])
        x, begin, end = world.live(rng, x)
        yield piece, 'w', at_peak(x, rng.uniform(-55, 0)), (begin, end)


def at_peak(x, decibels):
    return x / np.abs(x).max() * 10 ** (decibels / 20)


def make(kind, number, folder, out, program, world):
    for piece, take, x, music in takes(kind, number, folder, world):
        keep(f'{out}/{kind}{number:05d}{take}', x, piece, music, program)


def keep(path, x, piece, music, program):
    """Keeps what the net hears of a sound, with the truth of a piece between two moments; nothing is true elsewhere."""
    heard = subprocess.run([program, str(RATE)], input=x.astype('<f4').tobytes(), capture_output=True, check=True).stdout
    ticks = SECONDS * 100
    inputs = np.frombuffer(heard, np.float16).reshape(ticks, -1)
    within = lambda times: [t for t in times if music[0] <= t < music[1]]
    notes = [n for n in piece.notes if n[0] < SECONDS]
    marks = {'beat': piece.beats, 'down': piece.downbeats, 'onset': [n[0] for n in notes if n[2] not in piece.vague and (n[4] > 25 or n[2] != 9)]}
    marks.update({name: [n[0] for n in notes if n[2] == 9 and n[3] in drums and n[4] > 25] for name, drums in DRUMS.items()})
    truth = np.stack([curve(within(marks[name]), ticks) for name in ('beat', 'down', 'kick', 'snare', 'hat', 'onset')])
    beats = np.asarray(piece.beats, float)
    tempo = np.zeros(ticks, np.float16)  # beats per minute around each tick, 0 where there is no music
    if len(beats) > 4:
        smooth = np.convolve(np.diff(beats), np.ones(3) / 3, 'valid')
        now = (np.arange(ticks) + 1) / 100
        there = (now >= max(beats[0], music[0])) & (now < music[1])
        tempo = np.where(there, np.interp(now, beats[1:1 + len(smooth)], 60 / smooth), 0).astype(np.float16)
    np.savez(path + '.npz', inputs=inputs, truth=np.packbits(truth, axis=1), tempo=tempo)


if __name__ == '__main__':
    folder, out, program, kind, first, count = sys.argv[1:7]
    world = World(np.load(sys.argv[7], mmap_mode='r')) if len(sys.argv) > 7 else None
    os.makedirs(out, exist_ok=True)
    for number in range(int(first), int(first) + int(count)):
        if not os.path.exists(f'{out}/{kind}{number:05d}.npz'):
            make(kind, number, folder, out, program, world)
        if number % 20 == 0:
            print(kind, number, flush=True)
