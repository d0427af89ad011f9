"""Synthesiser voices for basses, chords, leads and pads: waves with a filter that an envelope moves, or FM."""

import numpy as np

RATE, TABLE, CUTS = 44100, 2048, 7


def span(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


class Voice:
    def __init__(self, rng, role):
        self.rng = rng
        self.wave = str(rng.choice(['saw', 'saw', 'square', 'pulse', 'triangle', 'fm', 'organ']))
        if role == 'pad':
            self.attack, self.decay, self.sustain, self.release = span(rng, .01, .5), span(rng, .3, 2), rng.uniform(.5, 1), span(rng, .1, .8)
        elif rng.random() < .5:  # plucked
            self.attack, self.decay, self.sustain, self.release = span(rng, .0005, .008), span(rng, .05, .6), rng.uniform(0, .25), span(rng, .01, .2)
        else:
            self.attack, self.decay, self.sustain, self.release = span(rng, .001, .03), span(rng, .1, 1), rng.uniform(.4, 1), span(rng, .01, .15)
        self.cut = span(rng, 90, 900) if role == 'bass' else span(rng, 250, 5000)
        self.open, self.closes = span(rng, 1, 30), span(rng, .03, .5)
        self.detune = rng.uniform(.001, .009) if rng.random() < .45 else 0
        self.sub = rng.uniform(.3, 1) if role == 'bass' and rng.random() < .5 else 0
        self.ratio, self.depth = float(rng.choice([.5, 1, 1, 2, 3, 3.5, 7])), span(rng, .3, 6)
        self.touch, self.octave = rng.uniform(.2, 1.2), 0 if role == 'bass' else int(rng.choice([0, 0, 0, 12, -12]))
        self.echo = (rng.uniform(.2, .6), float(rng.choice([.5, .75, .75, 1]))) if role in ('lead', 'arp') and rng.random() < .3 else None
        self.slow = self.attack > .06
        self.tables, self.notes = {}, {}

    def table(self, pitch):
        """One turn of the wave, through the filter at each of some places."""
        if pitch not in self.tables:
            f = 440 * 2 ** ((pitch - 69) / 12)
            k = np.arange(1, max(2, min(160, int(16000 / f))))
            loud = {'saw': 1 / k, 'square': (k % 2) / k, 'pulse': np.sin(np.pi * k * .2) / k, 'triangle': (k % 2) / k ** 2,
                    'organ': np.isin(k, (1, 2, 3, 4, 6, 8)) / k ** .5}.get(self.wave, 1 / k)
            turn = np.sin(2 * np.pi * np.outer(k, np.arange(TABLE) / TABLE))
            cuts = self.cut * np.geomspace(1, self.open, CUTS)
            self.tables[pitch] = np.array([(loud / np.sqrt(1 + (k * f / cut) ** 4)) @ turn for cut in cuts], np.float32)
        return self.tables[pitch]

    def note(self, pitch, length):
        """A note of a loudness of about 1; it is made once for each length."""
        key = (pitch, round(length * 40))
        if key in self.notes:
            return self.notes[key]
        n = int((length + self.release * 3) * RATE)
        t = np.arange(n, dtype=np.float32) / RATE
        f = 440 * 2 ** ((pitch - 69) / 12)
        loud = np.minimum(1, t / self.attack) * (self.sustain + (1 - self.sustain) * np.exp(-t / self.decay))
        loud *= np.where(t > length, np.exp(-np.maximum(t - length, 0) / self.release), 1)
        if self.wave == 'fm':
            x = np.sin(2 * np.pi * f * t + self.depth * np.exp(-t / self.closes) * np.sin(2 * np.pi * f * self.ratio * t))
        else:
            tables, x = self.table(pitch), 0
            place = (CUTS - 1) * np.exp(-t / self.closes)
            low = np.minimum(place.astype(int), CUTS - 2); part = place - low
            for off in ((-self.detune, 0, self.detune) if self.detune else (0,)):
                at = ((f * (1 + off) * t.astype(np.float64) + (self.rng.random() if self.detune else 0)) % 1 * TABLE).astype(int) % TABLE
                x = x + tables[low, at] * (1 - part) + tables[low + 1, at] * part
        if self.sub:
            x = x + self.sub * np.sin(2 * np.pi * f * t)
        x = (x * loud).astype(np.float32)
        x[-100:] *= np.linspace(1, 0, 100, dtype=np.float32)
        self.notes[key] = x
        return x

    def play(self, notes, seconds, beat):
        x = np.zeros(int(seconds * RATE), np.float32)
        for t, length, _, pitch, velocity in notes:
            if t >= seconds:
                continue
            sound = self.note(int(np.clip(pitch + self.octave, 24, 108)), min(length, 8))
            at = int(t * RATE); n = min(len(sound), len(x) - at)
            x[at:at + n] += sound[:n] * (velocity / 100) ** self.touch
        if self.echo:
            loud, late = self.echo[0], int(self.echo[1] * beat * RATE)
            for _ in range(4):
                if 0 < late < len(x):
                    x[late:] += loud * x[:-late]
                    loud, late = loud ** 2, 2 * late
        return x
