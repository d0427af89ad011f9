"""What lies between a band and a microphone, or between a desk and our input: loudspeakers, rooms, people, hum, overload,
filters, codecs; and that songs begin and end while all of that goes on.

    world.py BANK COUNT      writes COUNT minutes of talk, the bank that `World` takes its people from
"""

import os, subprocess, sys, tempfile
import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

RATE = 44100


def power(x):
    """The root of the mean square of what is not silent."""
    loud = np.abs(x) > 1e-4 * (np.abs(x).max() + 1e-12)
    return float(np.sqrt(np.mean(np.square(x[loud], dtype=np.float64)))) if loud.any() else 1e-9


def filtered(x, order, edges, kind):
    return sosfilt(butter(order, edges, kind, fs=RATE, output='sos'), x).astype(np.float32)


def bank(path, count, speech):
    """Talk of many voices, a minute each, as 16-bit floats."""
    rng = np.random.default_rng(77)
    np.save(path, np.stack([speech(rng, 60) for _ in range(count)]).astype(np.float16))


class World:
    """Draws a world for each piece. `talk` is the bank."""

    def __init__(self, talk):
        self.talk = talk

    def voice(self, rng, n):
        row, start = self.talk[rng.integers(len(self.talk))], int(rng.integers(60 * RATE - n)) if n < 60 * RATE else 0
        return np.resize(row[start:start + n], n).astype(np.float32)

    def syllables(self, rng, n):
        """Somebody who talks, as an oscillator and hiss through formants: no voice of espeak-ng, but the same manners."""
        x, at, pitch = np.zeros(n, np.float32), int(rng.uniform(0, RATE)), rng.uniform(80, 250)
        pace, lazy = rng.uniform(.08, .2), rng.uniform(.05, .4)
        while at < n:
            k = int(pace * rng.uniform(.5, 1.8) * RATE)
            t = np.arange(k) / RATE
            if rng.random() < .75:
                f0 = pitch * np.exp(rng.normal(0, .12)) * (1 + rng.normal(0, .3) * t)
                phase, formants = 2 * np.pi * np.cumsum(f0) / RATE, (rng.uniform(250, 900), rng.uniform(900, 2500), rng.uniform(2300, 3500))
                part = sum(np.sin(h * phase) * sum(w / (1 + ((h * f0[0] - f) / 180) ** 2) for f, w in zip(formants, (1, .5, .25))) for h in range(1, int(4000 / pitch)))
            else:
                part = filtered(rng.normal(0, 1, k), 1, [rng.uniform(1500, 4000), rng.uniform(5000, 9000)], 'band') * rng.uniform(.2, 1)
            end = min(n, at + k)
            x[at:end] += (part * np.sin(np.pi * np.arange(k) / k) ** rng.uniform(.3, 1) * rng.uniform(.4, 1))[:end - at]
            at += k + int(rng.uniform(0, .06) * RATE) + (int(rng.exponential(lazy) * RATE) if rng.random() < .25 else 0)
        return x

    def crowd(self, rng, n):
        """People who talk at once, with claps, glasses and shouts; far ones are dull."""
        x = np.zeros(n, np.float32)
        for _ in range(int(rng.integers(2, 14))):
            x += self.voice(rng, n) * rng.uniform(.2, 1)
        if rng.random() < .5:
            x = filtered(x, 1, rng.uniform(1500, 8000), 'low')
        if rng.random() < .6:
            x = self.room(rng, x, np.exp(rng.uniform(np.log(.3), np.log(2.5))), rng.uniform(-6, 6))
        loud = power(x)
        for _ in range(int(rng.integers(0, 2 + n // (3 * RATE)))):
            k, at = int(rng.integers(400, 9000)), int(rng.integers(max(1, n - 9000)))
            strike = rng.normal(0, 1, k) if rng.random() < .6 else np.sin(2 * np.pi * rng.uniform(300, 5000) * np.arange(k) / RATE)
            x[at:at + k] += (strike * np.exp(-6 * np.arange(k) / k) * loud * rng.uniform(.5, 5)).astype(np.float32)[:n - at]
        return x

    def applause(self, rng, n):
        """Clapping and cheering that swell and thin out."""
        clap = (rng.normal(0, 1, 900) * np.exp(-np.arange(900) / rng.uniform(80, 260))).astype(np.float32)
        hits = np.zeros(n, np.float32)
        hands = rng.integers(0, n, int(n / RATE * np.exp(rng.uniform(np.log(8), np.log(900)))))
        np.add.at(hits, hands, rng.uniform(.2, 1, len(hands)).astype(np.float32))
        x = oaconvolve(hits, clap)[:n] + rng.normal(0, .05, n)
        if rng.random() < .6:  # cheering: noise of voices, ooh and woo
            f = rng.uniform(500, 1500)
            x = x + filtered(rng.normal(0, 1, n), 1, [f * .7, f * 2.5], 'band') * rng.uniform(0, 2) * power(x)
        swell = np.interp(np.arange(n), np.sort(rng.integers(0, n, 6)), rng.uniform(.1, 1, 6))
        return (x * swell).astype(np.float32)

    def hum(self, rng, n):
        """The mains and its overtones, a fan, hiss."""
        t, x = np.arange(n) / RATE, np.zeros(n)
        mains = float(rng.choice([50, 60]))
        for k in (1, 2, 3, 4, 5, 6, 7, 9):
            x += np.sin(2 * np.pi * mains * k * t + rng.uniform(0, 6)) * rng.uniform(0, 1) / k
        x *= rng.uniform(0, 1)
        white = rng.normal(0, 1, n)
        if rng.random() < .6:
            f = np.fft.rfft(white)
            white = np.fft.irfft(f / np.maximum(np.arange(len(f)), 30) ** rng.uniform(.2, 1), n)
            white /= power(white)
        return (x + white * rng.uniform(.05, 1)).astype(np.float32)

    def floor(self, rng, n):
        """What goes on whether or not there is music, of power 1."""
        x = np.zeros(n, np.float32)
        parts = [(self.crowd, .6), (self.hum, .5), (self.applause, .22), (self.voice, .18)]
        for make, chance in parts:
            if rng.random() < chance:
                part = make(rng, n)
                if rng.random() < .3:  # it comes and goes
                    part = part * np.interp(np.arange(n), np.sort(rng.integers(0, n, 5)), rng.uniform(0, 1, 5))
                x = x + part / power(part) * 10 ** (rng.uniform(-12, 0) / 20)
        x = x if np.abs(x).max() > 0 else self.hum(rng, n)
        return (x / power(x)).astype(np.float32)

    def room(self, rng, x, seconds, direct_db):
        """Early reflections and a tail whose highs die first."""
        n = int(seconds * RATE)
        t = np.arange(n) / n
        low = filtered(rng.normal(0, 1, n), 1, rng.uniform(800, 3000), 'low') * np.exp(-6.9 * t)
        high = rng.normal(0, 1, n) * np.exp(-6.9 * t * rng.uniform(1, 3)) * rng.uniform(.1, .6)
        tail = low / power(low) + high
        tail[:int(rng.uniform(.002, .03) * RATE)] = 0
        for at in rng.integers(int(.003 * RATE), int(.06 * RATE), int(rng.integers(0, 12))):
            if at < n:
                tail[at] += rng.normal(0, 1) * 12
        tail = filtered(tail, 1, [rng.uniform(40, 200), rng.uniform(3000, 12000)], 'band')
        wet = oaconvolve(x, tail.astype(np.float32))[:len(x)]
        return (x / power(x) + wet / power(wet) * 10 ** (-direct_db / 20)).astype(np.float32)

    def loudspeaker(self, rng, x):
        x = filtered(x, int(rng.integers(1, 4)), rng.uniform(35, 160), 'high')
        for _ in range(int(rng.integers(0, 4))):  # a box, a room mode
            f = np.exp(rng.uniform(np.log(60), np.log(6000)))
            x = x + filtered(x, 1, [f * .8, min(f * 1.25, 20000)], 'band') * rng.uniform(-.8, 2)
        return x

    def filtering(self, rng, x):
        which = rng.integers(4)
        if which == 0:  # a telephone, a small radio
            return filtered(x, int(rng.integers(2, 5)), [rng.uniform(200, 500), rng.uniform(2500, 5000)], 'band')
        if which == 1:  # the next room, a bass box
            return filtered(x, int(rng.integers(2, 5)), np.exp(rng.uniform(np.log(140), np.log(1500))), 'low')
        if which == 2:
            return filtered(x, int(rng.integers(2, 5)), np.exp(rng.uniform(np.log(120), np.log(1200))), 'high')
        return filtered(x, 2, np.exp(rng.uniform(np.log(1500), np.log(9000))), 'low')

    def overload(self, rng, x):
        x = x / np.abs(x).max()
        drive = 10 ** (rng.uniform(3, 26) / 20)
        return (np.tanh(x * drive) if rng.random() < .5 else np.clip(x * drive, -1, 1)).astype(np.float32)

    def codec(self, rng, x):
        """What a stream leaves of it, delayed by nothing."""
        rate, kind = str(rng.choice([16, 24, 32, 48])), 'mp3' if rng.random() < .5 else 'opus'
        raw = ['-f', 'f32le', '-ar', str(RATE), '-ac', '1']
        with tempfile.TemporaryDirectory() as folder:
            file = f'{folder}/x.{"mp3" if kind == "mp3" else "ogg"}'
            rate = max(32, int(rate)) if kind == 'mp3' else rate
            x = (x / (np.abs(x).max() + 1e-9) * .7).astype('<f4')
            quiet = ['ffmpeg', '-v', 'error', '-y']
            subprocess.run(quiet + raw + ['-i', '-', '-b:a', f'{rate}k', '-c:a', 'libmp3lame' if kind == 'mp3' else 'libopus', file], input=x.tobytes(), check=True)
            y = subprocess.run(quiet + ['-i', file] + raw + ['-'], capture_output=True, check=True).stdout
        y = np.frombuffer(y, '<f4')
        return np.concatenate([y, np.zeros(max(0, len(x) - len(y)), np.float32)])[:len(x)]

    def levelling(self, rng, x):
        """A recorder that turns up what is quiet."""
        step = RATE // 20
        loud = np.sqrt(np.mean(np.square(x[:len(x) // step * step].reshape(-1, step)), 1)) + 1e-6 * np.abs(x).max() + 1e-9
        env, now, keeps = np.zeros(len(loud)), float(loud[:20].max()), np.exp(-.05 / rng.uniform(.5, 4))
        for k, level in enumerate(loud):
            now = max(level, now * keeps + level * (1 - keeps))
            env[k] = now
        gain = np.interp(np.arange(len(x)), np.arange(len(env)) * step, env ** -rng.uniform(.3, .8))
        return (x * gain).astype(np.float32)

    def live(self, rng, x):
        """A piece in a world of its own: the sound, and from when to when there is music, in seconds."""
        n, seconds = len(x), len(x) / RATE
        begin, end = 0., seconds
        if rng.random() < .22:
            begin = float(rng.uniform(1, seconds * .3))
        if rng.random() < .45:
            end = float(rng.uniform(seconds * .35, seconds - 2))
        x = x.copy()
        if begin:
            at, fade = int(begin * RATE), int(rng.uniform(.002, .05) * RATE)
            x[:at] = 0; x[at:at + fade] *= np.linspace(0, 1, fade)
        if end < seconds:
            fade = int((rng.uniform(.005, .15) if rng.random() < .7 else rng.uniform(.5, 3)) * RATE)
            at = int(end * RATE)
            fade = min(fade, n - at)
            x[at:at + fade] *= np.linspace(1, 0, fade) ** 2; x[at + fade:] = 0
            end += .4 * fade / RATE
        if rng.random() < .45:
            x = self.loudspeaker(rng, x)
        if rng.random() < .62:
            x = self.room(rng, x, np.exp(rng.uniform(np.log(.2), np.log(3.2))), rng.uniform(-5, 10))
        if rng.random() < .8 or begin or end < seconds:
            x = x / power(x) + self.floor(rng, n) * 10 ** (-rng.choice([rng.uniform(-3, 8), rng.uniform(5, 22), rng.uniform(20, 55)], p=[.42, .3, .28]) / 20)
        if rng.random() < .3:
            x = self.filtering(rng, x)
        if rng.random() < .25:
            x = self.overload(rng, x)
        if rng.random() < .1:
            x = self.levelling(rng, x)
        if rng.random() < .06:
            x = self.codec(rng, x)
        return x.astype(np.float32), begin, end


if __name__ == '__main__':
    from render import speech
    bank(sys.argv[1], int(sys.argv[2]), speech)
