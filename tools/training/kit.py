"""Drum kits that no sound font has: each drawn by chance, from drum machines to something like skins in a room.

A sound is made once, in a few takes; strokes differ in gain and brightness.
"""

import numpy as np
from scipy.signal import butter, sosfilt

RATE = 44100
TOMS = (41, 43, 45, 47, 48, 50)


def span(rng, low, high):
    """A number between two, as likely in each octave."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def ticks(seconds):
    return np.arange(int(seconds * RATE)) / RATE


def band(x, low=None, high=None, order=2):
    low, high = low and max(20., low), high and min(20500., high)
    if low and high:
        return sosfilt(butter(order, [low, max(high, low * 1.2)], 'band', fs=RATE, output='sos'), x)
    return sosfilt(butter(order, low or high, 'high' if low else 'low', fs=RATE, output='sos'), x)


def hiss(rng, n):
    return rng.normal(0, 1, n)


def whole(x):
    """At a peak of 1, its end faded."""
    x[-200:] *= np.linspace(1, 0, 200)
    return (x / (np.abs(x).max() + 1e-9)).astype(np.float32)


def kick(rng):
    """A swept sine with a click, from short and hard to a boom of two seconds; or a skin of some modes."""
    if rng.random() < .25:
        t, base = ticks(rng.uniform(.15, .5)), rng.uniform(42, 85)
        x = sum(rng.uniform(.15, 1) / (k + 1) * np.sin(2 * np.pi * base * ratio * t + rng.uniform(0, 1)) * np.exp(-t / span(rng, .03, .16) * (1 + k))
                for k, ratio in enumerate((1, 1.59, 2.14, 2.3, 2.92)))
        slap = band(hiss(rng, len(t)), rng.uniform(800, 2500), rng.uniform(3500, 9000)) * np.exp(-t / span(rng, .002, .012))
        return lambda: whole(x + slap * span(rng, .05, .8))
    long = span(rng, .08, .35) if rng.random() < .75 else span(rng, .4, 1.4)
    t, base = ticks(min(2., long * 4 + .05)), rng.uniform(38, 72)
    fall, deep = span(rng, .004, .05), base * span(rng, .4, 9)
    phase = 2 * np.pi * (base * t + deep * fall * (1 - np.exp(-t / fall)))
    if rng.random() < .3:
        phase += 2 * np.pi * rng.uniform(10, 90) * .06 * (1 - np.exp(-t / .06))
    x = np.sin(phase + rng.choice([0, np.pi / 2])) * np.exp(-(t / long) ** rng.choice([1, 1, 1.7]))
    if rng.random() < .5:
        x = np.tanh(x * span(rng, 1.2, 8))
    x *= np.minimum(1, t / span(rng, .0002, .003))
    click = {0: lambda: band(hiss(rng, len(t)), rng.uniform(1000, 5000)) * np.exp(-t / span(rng, .0008, .006)),
             1: lambda: np.sin(2 * np.pi * rng.uniform(700, 4000) * t) * np.exp(-t / span(rng, .001, .008)), 2: lambda: 0 * t}[int(rng.integers(3))]()
    loud = span(rng, .03, .5)
    return lambda: whole(x + click * loud)


def snare(rng):
    """Two or more modes of the skin that fall a little, and the wires' noise; gated, brushed, or of a machine."""
    base, high = rng.uniform(120, 290), rng.uniform(1.4, 2.3)
    skin, wires = span(rng, .02, .16), span(rng, .03, .25)
    brush, gated = rng.random() < .1, rng.uniform(.08, .25) if rng.random() < .15 else None
    t = ticks(min(.9, 5 * max(skin, wires)) if gated is None else gated + .03)
    drop, body = rng.uniform(0, .6), 0 if rng.random() < .1 else span(rng, .1, 1.5)
    low, top, tilt = span(rng, 400, 4000), span(rng, 5500, 20000), rng.uniform(.2, 2)
    attack = span(rng, .004, .03) if brush else span(rng, .0001, .0015)
    ring = rng.uniform(2.5, 6) if rng.random() < .3 else 0

    def take():
        bend = t + drop * .015 * (1 - np.exp(-t / .015))
        tone = np.sin(2 * np.pi * base * bend) * np.exp(-t / skin) + .6 * np.sin(2 * np.pi * base * high * bend + 1) * np.exp(-t / (.7 * skin))
        if ring:
            tone += .35 * np.sin(2 * np.pi * base * ring * t) * np.exp(-t / (1.5 * skin))
        rattle = band(hiss(rng, len(t)), low, top, 1 if rng.random() < .5 else 2)
        rattle /= np.abs(rattle).max()
        rattle *= (np.exp(-t / wires) + tilt * np.exp(-t / (.2 * wires))) / (1 + tilt) if gated is None else (t < gated)
        return whole((tone * body * (.1 if brush else 1) + rattle) * np.minimum(1, t / attack))
    return take


def rim(rng):
    """A short knock of wood."""
    t, modes = ticks(.12), [(rng.uniform(350, 3200), rng.uniform(.2, 1), span(rng, .003, .03)) for _ in range(int(rng.integers(1, 4)))]
    noise = span(rng, .02, .6)
    return lambda: whole(sum(a * np.sin(2 * np.pi * f * t + .5) * np.exp(-t / d) for f, a, d in modes)
                         + noise * band(hiss(rng, len(t)), 900, 9000) * np.exp(-t / .002))


def clap(rng):
    """Some hands, some milliseconds apart, and what remains of them in the room."""
    hands = np.cumsum(rng.uniform(.004, .016, int(rng.integers(1, 6))))
    hands -= hands[-1] if rng.random() < .35 else hands[0]
    hands -= hands[0]
    tail, crack = span(rng, .03, .28), span(rng, .002, .009)
    t, middle, wide = ticks(hands[-1] + 4 * tail + .02), span(rng, 700, 2600), rng.uniform(1.5, 5)
    loud = rng.uniform(.15, .9)

    def take():
        shape = sum(np.where(t >= h, np.exp(-np.maximum(t - h, 0) / crack), 0) * rng.uniform(.6, 1) for h in hands)
        shape += loud * np.where(t >= hands[-1], np.exp(-np.maximum(t - hands[-1], 0) / tail), 0)
        return whole(band(hiss(rng, len(t)), middle / wide ** .5, middle * wide) * shape)
    return take


def metal(rng, n, low, high, tones, spread):
    """Square waves that share no harmonics, the older machines' cymbal."""
    t = np.arange(n) / RATE
    base = np.exp(rng.uniform(np.log(low), np.log(high)))
    ratios = 1 + np.sort(rng.uniform(0, spread, tones))
    return sum(np.sign(np.sin(2 * np.pi * base * r * t + rng.uniform(0, 6))) for r in ratios) / tones


def hats(rng):
    """Closed, pedal and open, of one pair of cymbals."""
    made, corner = rng.integers(3), span(rng, 2500, 9500)
    n = int(1.2 * RATE)
    squares = metal(rng, n, 180, 700, int(rng.integers(4, 8)), 4)
    modes = [(rng.uniform(2500, 15000), rng.uniform(.2, 1)) for _ in range(int(rng.integers(8, 20)))]
    top = span(rng, 9000, 20000)

    def of(decay, blunt):
        def take():
            t = ticks(min(1.19, 5 * decay + .02))
            x = [squares[:len(t)] + .2 * hiss(rng, len(t)), hiss(rng, len(t)),
                 sum(a * np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) for f, a in modes) + hiss(rng, len(t))][made]
            x = band(x, corner, None, 3)
            if top < 16000:
                x = band(x, None, top)
            return whole(x * np.exp(-t / decay) * np.minimum(1, t / blunt))
        return take
    closed = span(rng, .008, .07)
    return of(closed, span(rng, .0001, .001)), of(closed * rng.uniform(.6, 2), span(rng, .001, .006)), of(span(rng, .1, .45), span(rng, .0002, .002))


def cymbal(rng, long, ping):
    """A ride that pings, or a crash that swells for a moment."""
    corner, swell = span(rng, 900, 5000), span(rng, .0003, .012)
    bell = [(rng.uniform(500, 7000), rng.uniform(.1, 1)) for _ in range(6)]
    squares = metal(rng, int(2.5 * RATE), 200, 900, 6, 5) if rng.random() < .5 else 0

    def take():
        t = ticks(min(2.4, 3 * long))
        x = hiss(rng, len(t)) + (squares[:len(t)] * 1.5 if not np.isscalar(squares) else 0)
        x = band(x, corner) * (np.exp(-t / long) * .6 + .4 * np.exp(-t / (.15 * long))) * np.minimum(1, t / swell)
        x /= np.abs(x).max()
        return whole(x + ping * sum(a * np.sin(2 * np.pi * f * t) for f, a in bell) * np.exp(-t / .06))
    return take


def tom(rng, base):
    long, fall, noise = span(rng, .06, .4), rng.uniform(0, 1.2), span(rng, .01, .4)
    t = ticks(3.5 * long + .02)

    def take():
        x = np.sin(2 * np.pi * base * (t + fall * .04 * (1 - np.exp(-t / .04)))) + .4 * np.sin(2 * np.pi * base * 1.6 * t) * np.exp(-t / .05)
        return whole(x * np.exp(-t / long) + noise * band(hiss(rng, len(t)), 300, 6000) * np.exp(-t / .01))
    return take


def shaker(rng):
    rise, fall, corner = span(rng, .002, .03), span(rng, .01, .06), span(rng, 3000, 8000)
    t = ticks(rise + 5 * fall)
    return lambda: whole(band(hiss(rng, len(t)), corner) * np.where(t < rise, t / rise, np.exp(-(t - rise) / fall)))


def bell(rng):
    f, ratio, long, drive = span(rng, 400, 1800), rng.uniform(1.35, 1.6), span(rng, .02, .2), rng.uniform(.5, 4)
    t = ticks(5 * long)
    return lambda: whole(np.tanh(drive * (np.sin(2 * np.pi * f * t) + np.sin(2 * np.pi * f * ratio * t))) * np.exp(-t / long))


class Kit:
    """One of each drum. `also` holds those that a sampled kit plays, in place of these or with them."""

    TAKES = 3

    def __init__(self, rng):
        self.rng = rng
        closed, pedal, opened = hats(rng)
        low = rng.uniform(60, 110)
        made = {35: kick(rng), 36: kick(rng), 37: rim(rng), 38: snare(rng), 39: clap(rng), 40: snare(rng), 42: closed, 44: pedal, 46: opened,
                49: cymbal(rng, span(rng, .4, 1.4), 0), 57: cymbal(rng, span(rng, .3, 1.2), 0), 51: cymbal(rng, span(rng, .1, .6), rng.uniform(.1, 1.2)),
                53: bell(rng), 54: shaker(rng), 56: bell(rng), 70: shaker(rng), 75: rim(rng), 82: shaker(rng)}
        made.update({pitch: tom(rng, low * 1.17 ** k) for k, pitch in enumerate(TOMS)})
        made.update({pitch: tom(rng, rng.uniform(150, 420)) for pitch in (60, 61, 62, 63, 64)})
        self.sounds, self.cache = made, {}
        gains = {35: 1, 36: 1, 37: .5, 38: .8, 39: .7, 40: .8, 42: .3, 44: .25, 46: .35, 49: .5, 57: .5, 51: .3, 53: .3, 56: .3}
        self.gains = {pitch: gains.get(pitch, .4) * 10 ** (rng.normal(0, 4) / 20) for pitch in made}
        groups = [{35, 36}, {38, 40}, {37, 39}, {42, 44, 46}, {49, 51, 57}, set(TOMS)]
        kept = [g for g in groups if rng.random() < .16]
        self.sampled = set().union(*kept) if kept else set()  # left to the sampled kit
        self.layered = set().union(*[g for g in groups if rng.random() < .08] or [set()])  # played by both
        self.touch = rng.uniform(.6, 1.6)  # how much gain a velocity makes
        self.dull = rng.uniform(0, .8)

    def plays(self, pitch):
        return pitch in self.sounds and pitch not in self.sampled

    def stroke(self, pitch):
        """A take, as it is and dull."""
        takes = self.cache.setdefault(pitch, [])
        if len(takes) < self.TAKES:
            take = self.sounds[pitch]()
            takes.append((take, sosfilt(butter(1, 1800, fs=RATE, output='sos'), take).astype(np.float32)))
            return takes[-1]
        return takes[self.rng.integers(self.TAKES)]

    def play(self, notes, seconds):
        """The sound of those notes that it plays, mono."""
        x = np.zeros(int(seconds * RATE), np.float32)
        mine = sorted((n for n in notes if self.plays(n[3])), key=lambda n: n[0])
        hats_at = [n[0] for n in mine if n[3] in (42, 44, 46)]
        for t, _, _, pitch, velocity in mine:
            sharp, dull = self.stroke(pitch)
            soft = self.dull * (1 - velocity / 127)
            sound = (sharp * (1 - soft) + dull * soft) * (self.gains[pitch] * (velocity / 110) ** self.touch)
            if pitch == 46:  # the next stroke ends it
                k = np.searchsorted(hats_at, t + .01)
                if k < len(hats_at):
                    ends = int((hats_at[k] - t) * RATE)
                    if ends + 300 < len(sound):
                        sound = sound[:ends + 300].copy(); sound[-300:] *= np.linspace(1, 0, 300, dtype=np.float32)
            at = int(t * RATE); n = min(len(sound), len(x) - at)
            if n > 0:
                x[at:at + n] += sound[:n]
        return x
