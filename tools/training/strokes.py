"""Drums that keep to no pattern, so that a stroke is known by its sound more than by its place: lines by chance, rolls that
lead up to something, fills, brushes, strokes across the rim."""

import numpy as np
from compose import KITS, PATTERNS
from hard import HARD

HANDS = (54, 56, 60, 61, 63, 64, 70, 70, 75, 82, 82)


def line(rng, drum, steps):
    """Where a drum strikes in a bar of so many sixteenths: as a known pattern does, evenly, or anywhere."""
    way = rng.random()
    if way < .45:
        known = [p for p in list(PATTERNS.values()) + list(HARD.values()) if len(p[0]) % 16 == 0]
        marks = known[rng.integers(len(known))][drum]
        return [marks[k % len(marks)] == 'x' for k in range(steps)]
    if way < .7:
        every = int(rng.choice([1, 2, 3, 4, 8])) if drum != 2 else int(rng.choice([1, 1, 2, 2, 4]))
        return [k % every == int(every > 1) * (every // 2) * (drum != 0) for k in range(steps)]
    return [bool(x) for x in rng.random(steps) < rng.choice([.06, .12, .25, .5] if drum < 2 else [.2, .4, .7])]


def strike_anew(rng, piece):
    """Puts other drums in place of a piece's own; its beats stay."""
    piece.notes = [n for n in piece.notes if n[2] != 9]
    beats = np.array(piece.beats)
    if len(beats) < 8:
        return
    swing, loose = rng.choice([0, 0, 0, rng.uniform(.08, .33)]), rng.choice([0, .003, .006, .01])
    where = lambda beat: float(np.interp(beat, np.arange(len(beats)), beats)) + rng.normal(0, loose)
    bend = lambda step: step / 4 + (swing / 4 if step % 2 else 0)
    steps = 4 * int(rng.choice([2, 3, 4, 4, 4, 4, 4, 5]))
    brushes = rng.random() < .1
    snares = [int(rng.choice([38, 38, 40, 39, 39, 37, 37]))] * 3 + [int(rng.choice([38, 39, 40]))]
    piece.programs[9] = 40 if brushes else int(rng.choice(KITS))
    both, opened = rng.random() < .15, rng.random() < .3
    begin = 0
    while begin < len(beats):
        long = int(rng.choice([8, 8, 16, 16, 32]))
        role = rng.choice(['groove', 'groove', 'groove', 'build', 'rest'])
        snare = int(rng.choice(snares))
        hat = int(rng.choice([42, 42, 42, 42, 46, 51]))

        def add(beat, pitch, velocity):
            if beat < len(beats):
                piece.add(where(beat), .1, 9, pitch, velocity)

        if role == 'build':
            rolled = [int(d) for d in rng.choice([38, 38, 38, 40, 39, 39, snare, 36, 45], int(rng.choice([1, 1, 2])))]
            kicks, hats, breath = rng.random() < .45, rng.random() < .3, rng.choice([0, 0, .5, 1, 2])
            fastest, soft = int(rng.choice([4, 4, 8])), rng.uniform(35, 90)
            for beat in range(long):
                way = beat / long
                if beat >= long - breath:
                    break
                per = fastest if way > .75 else max(1, fastest // 2) if way > .5 else max(1, fastest // 4) if rng.random() < .97 or way > .25 else 1
                if fastest == 4 and rng.random() < .1:
                    per = 3
                for k in range(per):
                    for drum in rolled:
                        add(begin + beat + k / per, drum, soft + (118 - soft) * (way + k / per / long) + rng.normal(0, 4))
                if kicks and way < .9:
                    add(begin + beat, 36, rng.integers(85, 110))
                if hats:
                    add(begin + beat + .5, hat, rng.integers(50, 90))
            piece.risers.append((where(begin), where(min(begin + long, len(beats) - 1))))
        else:
            lines = [line(rng, drum, steps) for drum in range(3)]
            silent = rng.random(3) < (.12 if role == 'groove' else .6)
            hands = {int(rng.choice(HANDS)): line(rng, 2, steps) for _ in range(int(rng.choice([0, 0, 1, 1, 2])))}
            runs = rng.random() < .45
            for beat in range(long):
                if runs and beat == long - 1:
                    per, drums = int(rng.choice([2, 3, 4, 4, 4, 6, 8])), rng.choice([38, 38, 38, 40, 45, 47, 41, snare], 3)
                    for k in range(per):
                        if rng.random() < .85:
                            add(begin + beat + k / per, int(drums[k % 3 if rng.random() < .5 else 0]), rng.integers(70, 122))
                    continue
                for k in range(4):
                    at, place = (beat * 4 + k) % steps, begin + beat + bend(k)
                    if lines[0][at] and not silent[0]:
                        add(place, 36, rng.integers(80, 122))
                    if lines[1][at] and not silent[1]:
                        add(place, snare, rng.integers(60, 122))
                        if both:
                            add(place, 39 if snare != 39 else 38, rng.integers(70, 115))
                    if lines[2][at] and not silent[2]:
                        add(place, 46 if opened and k == 2 else hat, rng.integers(45, 105))
                    for drum, marks in hands.items():
                        if marks[at]:
                            add(place, drum, rng.integers(45, 105))
        if rng.random() < .5:
            add(begin, int(rng.choice([49, 57])), rng.integers(75, 115))
        begin += long
