"""What is heard where nobody plays: people who talk, cheer and laugh, somebody who tries a drum."""

import numpy as np

RATE = 44100


def check(rng, n):
    """A soundcheck: one drum or string after another, struck as somebody at a desk asks for it, at no pace."""
    x, at = np.zeros(n, np.float32), int(rng.uniform(0, 2) * RATE)
    while at < n:
        length, f = int(rng.uniform(.03, .5) * RATE), np.exp(rng.uniform(np.log(45), np.log(900)))
        t = np.arange(length) / RATE
        tone = np.sin(2 * np.pi * f * (t + rng.uniform(0, .02) * (1 - np.exp(-t * 40)))) * rng.uniform(0, 1)
        strike = (tone + rng.normal(0, 1, length) * rng.uniform(0, 1)) * np.exp(-rng.uniform(4, 9) * np.arange(length) / length)
        gap, restless = rng.uniform(.4, 2.2), rng.uniform(.15, .5)
        for _ in range(int(rng.integers(2, 9))):
            if at >= n:
                break
            part = strike[:n - at] * rng.uniform(.5, 1)
            x[at:at + len(part)] += part.astype(np.float32)
            at += int(gap * np.exp(rng.normal(0, restless)) * RATE)
        at += int(rng.uniform(.5, 4) * RATE)
    return x


def cheering(rng, n):
    """Voices that rise and fall together, and whistles."""
    t, x = np.arange(n) / RATE, np.zeros(n, np.float32)
    for _ in range(int(rng.integers(4, 24))):
        start, length = int(rng.integers(0, n)), int(rng.uniform(.4, 3) * RATE)
        part = t[:min(length, n - start)]
        f = rng.choice([rng.uniform(150, 700), rng.uniform(1200, 3000)]) * (1 + rng.uniform(-.3, .3) * part / 2)
        phase = 2 * np.pi * np.cumsum(f) / RATE
        voice = sum(np.sin(k * phase) / k for k in range(1, int(rng.integers(2, 8))))
        x[start:start + len(part)] += (voice * np.sin(np.pi * np.arange(len(part)) / max(1, len(part)))).astype(np.float32) * rng.uniform(.2, 1)
    return x


def idle(rng, n, world):
    """Any of these, alone or together, near or in a room."""
    makers = [lambda: sum(world.syllables(rng, n) * rng.uniform(.2, 1) for _ in range(int(rng.integers(1, 7)))), lambda: cheering(rng, n),
              lambda: check(rng, n), lambda: world.crowd(rng, n), lambda: world.applause(rng, n)]
    chosen = rng.choice(len(makers), int(rng.choice([1, 1, 2, 3])), replace=False, p=[.4, .15, .2, .15, .1])
    x = np.zeros(n, np.float32)
    for k in chosen:
        part = makers[k]()
        x += (part / (np.abs(part).max() + 1e-9) * rng.uniform(.2, 1)).astype(np.float32)
    if rng.random() < .5:
        x = world.room(rng, x, rng.uniform(.2, 2.5), rng.uniform(-4, 9))
    return x
