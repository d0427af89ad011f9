"""Composes music with exact truth: drums, bass, chords and melody on a grid, in many styles, tempi and metres."""

import numpy as np
from hard import HARD

MAJOR, MINOR = [0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]
PROGRESSIONS = [[0, 4, 5, 3], [0, 5, 3, 4], [5, 3, 0, 4], [0, 3, 4, 3], [0, 6, 5, 6], [1, 4, 0, 0], [0, 0, 3, 4], [0, 3],
                [0, 6], [0, 2, 3, 4], [0, 0, 0, 0, 3, 3, 0, 0, 4, 3, 0, 4], [0, 5, 1, 4], [0, 4], [0, 0, 5, 5]]

# Drum patterns on sixteenths of a 4/4 bar: (kick, snare, hat); digits are chances in tenths, x is always.
PATTERNS = {
    'house': ('x...x...x...x...', '....x.......x...', '..x...x...x...x.'),
    'house16': ('x...x...x...x...', '....x.......x...', '3.x23.x23.x23.x2'),
    'techno': ('x...x...x...x..1', '....2.......2..1', '..x.2.x.2.x.2.x.'),
    'trance': ('x...x...x...x...', '....x.......x...', '.2x3.2x3.2x3.2x3'),
    'disco': ('x...x...x...x...', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'rock': ('x.....3.x.5.....', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'rock2': ('x......3.3x..3..', '....x.......x..1', 'x.x.x.x.x.x.x.x.'),
    'rock3': ('x.4.....x.x.....', '....x.......x...', 'x...x...x...x...'),
    'punk': ('x...x...x...x...', '..x...x...x...x.', 'x.x.x.x.x.x.x.x.'),
    'punk2': ('x..x..x.x..x..x.', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'metal': ('xxxxxxxxxxxxxxxx', '....x.......x...', 'x...x...x...x...'),
    'metal2': ('x.xxx.xxx.xxx.xx', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'half': ('x.....3...5..3..', '........x.......', 'x.x.x.x.x.x.x.x.'),
    'pop': ('x.....x.x.......', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'funk': ('x..3..x...x..3..', '.1..x..3.2.2x..3', 'xxx.xxx.xxx.xxx.'),
    'funk2': ('x.x....3..x..x..', '....x..x.3..x.2.', 'x.x.x.x.x.x.x.x.'),
    'hiphop': ('x.....3.3.x..2..', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'boombap': ('x.x....x..x.....', '....x.......x...', 'x.x.x.x.x.x.x.x.'),
    'trap': ('x.....4...x..3..', '....x.......x...', 'xxxxxxxxxxxxxxxx'),
    'dnb': ('x.........x.....', '....x.......x..2', 'x.x.x.x.x.x.x.x.'),
    'dnb2': ('x..3......x..3..', '....x..2.2..x...', 'xxxxxxxxxxxxxxxx'),
    'breaks': ('x.x.......x3....', '....x..3.3..x..3', 'x.x.x.x.x.x.x.x.'),
    'onedrop': ('........x.......', '........x.......', 'x.x.x.x.x.x.x.x.'),
    'steppers': ('x...x...x...x...', '........x.......', 'x.x.x.x.x.x.x.x.'),
    'dembow': ('x...x...x...x...', '...x..x....x..x.', 'x.x.x.x.x.x.x.x.'),
    'bossa': ('x.....xx.....xx.'[:16].replace(' ', '.'), 'x..x..x...x..x..', 'xxxxxxxxxxxxxxxx'),
    'samba': ('x..xx..xx..xx..x', '3.x.3x.x.3x.3.x.', 'xxxxxxxxxxxxxxxx'),
    'highlife': ('x.....x.x.....x.', '....x..x....x..x', 'x.xxx.xxx.xxx.xx'),
    'march': ('x.......x.......', 'x.x.xxx.x.x.xxxx', '................'),
    'ride': ('x.....2.x..2....', '....3..2....3.2.', 'x...x.x.x...x.x.'),
    'four': ('x...x...x...x...', '................', '................'),
    'hats': ('................', '................', 'x.x.x.x.x.x.x.x.'),
    'clap': ('................', '....x.......x...', '................'),
    'none': ('................', '................', '................'),
}
TEMPI = {'house': (118, 130), 'house16': (118, 130), 'techno': (124, 150), 'trance': (130, 145), 'disco': (105, 128),
         'rock': (80, 175), 'rock2': (80, 160), 'rock3': (70, 150), 'punk': (150, 200), 'punk2': (140, 190),
         'metal': (90, 190), 'metal2': (90, 180), 'half': (70, 160), 'pop': (75, 135), 'funk': (85, 125),
         'funk2': (85, 125), 'hiphop': (65, 105), 'boombap': (80, 100), 'trap': (65, 85), 'dnb': (160, 180),
         'dnb2': (160, 180), 'breaks': (100, 145), 'onedrop': (65, 100), 'steppers': (65, 150), 'dembow': (85, 110),
         'bossa': (100, 160), 'samba': (85, 115), 'highlife': (95, 135), 'march': (90, 130), 'ride': (90, 220),
         'four': (80, 150), 'hats': (70, 150), 'clap': (80, 140), 'none': (60, 170)}
# Other metres on sixteenths: beats in the bar, sixteenths in a beat, patterns.
ODD = [
    (3, 4, ('x...........', '....x...x...', '....x...x...'), (80, 190)),
    (3, 4, ('x.......3...', '....x...x...', 'x.x.x.x.x.x.'), (80, 180)),
    (3, 4, ('x.....3.....', '........x...', 'x.x.x.x.x.x.'), (70, 150)),
    (3, 4, ('x...x...x...', '........x...', '..x...x...x.'), (80, 170)),
    (2, 6, ('x...........', '......x.....', 'x.x.x.x.x.x.'), (50, 95)),
    (2, 6, ('x.......3...', '......x.....', 'x.x.x.x.x.x.'), (50, 95)),
    (4, 6, ('x...........x.......3...', '......x...........x.....', 'x.x.x.x.x.x.x.x.x.x.x.x.'), (50, 100)),
    (5, 4, ('x.......x.......3...', '....x.......x.......', 'x.x.x.x.x.x.x.x.x.x.'), (90, 170)),
    (5, 4, ('x...........x.......', '........x.......x...', 'x.x.x.x.x.x.x.x.x.x.'), (90, 170)),
    (5, 4, ('x...x...x...x...x...', '........x.......x...', '..x...x...x...x...x.'), (100, 150)),
    (7, 4, ('x.......x.......x...........', '....x.......x.......x...x...', 'x.x.x.x.x.x.x.x.x.x.x.x.x.x.'), (110, 200)),
    (7, 4, ('x...........x...x.......3...', '........x...........x...x...', 'x.x.x.x.x.x.x.x.x.x.x.x.x.x.'), (110, 200)),
    (6, 4, ('x...........x...............', '............................', 'x.x.x.x.x.x.x.x.x.x.x.x.'), (90, 160)),
]
KICKS, SNARES = [36, 36, 35], [38, 38, 40, 39]
BASSES = [32, 33, 33, 34, 35, 36, 38, 38, 39, 39, 87, 58, 43]
GUITARS, DISTORTED = [24, 25, 26, 27, 28], [29, 30]
KEYS = [0, 0, 1, 2, 4, 5, 7, 16, 17, 18, 19, 21, 11, 12]
PADS = [48, 49, 50, 51, 52, 88, 89, 90, 91, 94, 95, 61, 62]
LEADS = [80, 81, 82, 84, 85, 87, 56, 60, 65, 66, 68, 71, 73, 75, 22, 40, 52, 53, 54, 11, 104, 0]
KITS = [0, 0, 0, 8, 16, 24, 25, 25, 32, 40]


class Piece:
    """Notes as (seconds, length, channel, pitch, velocity), channel 9 for drums; programs by channel; the truth."""

    def __init__(self):
        self.notes, self.programs, self.beats, self.downbeats, self.pumped = [], {}, [], [], None
        self.drawn, self.risers, self.vague = False, [], set()  # whether its sounds may be drawn; channels whose notes begin too slowly to be onsets

    def add(self, time, length, channel, pitch, velocity):
        self.notes.append((max(0.0, time), max(0.03, length), channel, int(np.clip(pitch, 12, 115)), int(np.clip(velocity, 1, 127))))


class Clock:
    """Places on the grid, in beats, as seconds: steady, drifting, with a step or a ramp."""

    def __init__(self, rng, bpm, beats, start, slowest=48):
        tempi = np.full(beats + 1, float(bpm))
        kind = rng.random()
        at = int(rng.integers(beats // 4, max(beats // 4 + 1, 3 * beats // 4)))
        if kind < .10:
            tempi[at:] *= rng.choice([.75, .8, .85, .9, .95, 1.06, 1.12, 1.2, 1.3, 4 / 3])
        elif kind < .20:
            long = int(rng.integers(8, 48))
            ramp = np.clip((np.arange(beats + 1) - at) / long, 0, 1)
            tempi *= 2 ** (ramp * rng.uniform(-.5, .5))
        elif kind < .35:
            tempi *= np.exp(np.cumsum(rng.normal(0, .004, beats + 1)))
        tempi = np.clip(tempi, slowest, 215)
        self.times = start + np.concatenate([[0], np.cumsum(60 / tempi)])

    def __call__(self, beat):
        return float(np.interp(beat, np.arange(len(self.times)), self.times))


def floor(rng):
    """Four on the floor, with any clap and hat, and hands on drums and shakers."""
    kick = rng.choice(['x...x...x...x...', 'x...x...x...x...', 'x...x...x...x.3.', 'x..xx...x..xx...', 'x.......x.......'])
    snare = rng.choice(['....x.......x...', '....x.......x...', '....x.......x..2', '................', '........x.......', '....x..x....x...', '...x..x....x.x..'])
    hat = rng.choice(['..x...x...x...x.', 'x.x.x.x.x.x.x.x.', 'xxxxxxxxxxxxxxxx', 'x...x...x...x...', 'x.xxx.xxx.xxx.xx', '.xxx.xxx.xxx.xxx', '................'])
    asked = {'open': rng.random() < .3, 'snare': int(rng.choice([38, 40, 39, 39, 39, 37]))}
    if rng.random() < .6:
        hands = ['..x..x....x..xx.', 'x..x..x...x.x...', '...x..x....x..x.', 'xxxxxxxxxxxxxxxx', 'x.xxx.xxx.xxx.xx', '......x.......xx', 'x.x.x.x.x.x.x.x.']
        drums = rng.choice([63, 64, 60, 61, 70, 70, 82, 54, 45, 75, 56], 2)
        asked['lines'] = {int(drum): str(rng.choice(hands)) for drum in drums}
    return [str(kick), str(snare), str(hat)], (112, 148), asked


def compose(rng, seconds, hard=False, dance=False, odd=False):
    """A piece of about so many seconds; if hard, mostly of the patterns that are hard, with more that leads astray; if odd, not
    in four."""
    asked = {}
    odd |= rng.random() < .16
    if dance:
        style, metre, steps = 'house', 4, 4
        pattern, span, asked = floor(rng)
    elif hard and rng.random() < .72:
        style = list(HARD)[rng.integers(len(HARD))]
        *pattern, span, asked = HARD[style]
        metre, steps = asked.get('metre', 4), asked.get('steps', 4)
    elif odd:
        metre, steps, pattern, span = ODD[rng.integers(len(ODD))]
        style = 'odd'
    else:
        styles = list(PATTERNS)
        style = styles[rng.integers(len(styles))]
        metre, steps, pattern, span = 4, 4, PATTERNS[style], TEMPI[style]
    if rng.random() < (.05 if hard else .12):
        span = (55, 200)
    bpm = float(np.exp(rng.uniform(np.log(span[0]), np.log(span[1]))))
    beats = int(seconds * bpm / 60) + 8
    clock = Clock(rng, bpm, beats, rng.choice([0.0, rng.uniform(0, 2.5)]), 44 if hard else 48)
    swing = rng.choice([0, 0, 0, rng.uniform(.05, .18)]) if steps == 4 else 0
    if asked.get('swing') and rng.random() < .6:
        swing = rng.uniform(.05, .2)
    loose = rng.choice([0, 0, .004, .008, .012])
    piece = Piece()
    piece.beats = [clock(k) for k in range(beats) if clock(k) < seconds]
    pickup = int(rng.choice([0, 0, 0, rng.integers(0, metre)]))
    piece.downbeats = [clock(k) for k in range(pickup, beats, metre) if clock(k) < seconds]
    if style in ('house', 'house16', 'techno', 'trance', 'psy', 'clavehouse', 'rimhouse') and rng.random() < .6:
        piece.pumped = rng.uniform(.3, .9)

    def when(bar, sixteenth):
        place = sixteenth / steps
        if swing:
            whole, part = divmod(place * 2, 1)
            place = (whole + (part * (1 - swing) if whole % 2 else part * (1 + swing)) + (swing if whole % 2 else 0)) / 2
        return clock(pickup + bar * metre + place) + rng.normal(0, loose)

    bars = beats // metre
    length = int(rng.choice([2, 4, 4, 8]))
    sections = [int(k) for k in range(0, bars, length)]
    root, scale = int(rng.integers(0, 12)), [MAJOR, MINOR][rng.integers(2)]
    progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
    slow = int(rng.choice([1, 1, 1, 1, 2]))
    layers = {'drums': .93, 'bass': .85, 'chords': .75, 'melody': .5, 'pad': .3, 'arp': .25}
    if style in ('none', 'hats', 'clap', 'four'):
        layers['chords'] = layers['bass'] = .9
    has = {name: rng.random() < chance for name, chance in layers.items()}
    if not any(has[name] for name in ('drums', 'chords', 'bass')):
        has['drums'] = True
    if asked:
        has['drums'] = True
        for name, layer in (('chords', 'chords'), ('bass', 'bass')):
            has[layer] |= name in asked and rng.random() < .7
    heavy = style in ('metal', 'metal2', 'punk', 'punk2', 'punkoff', 'punkback', 'skatepunk', 'dbeat', 'dbeat2', 'blast', 'blast2', 'gallop') or (style.startswith('rock') and rng.random() < .5)
    piece.programs = {9: int(rng.choice(KITS)), 0: int(rng.choice(BASSES)), 1: int(rng.choice(DISTORTED if heavy else GUITARS + KEYS)),
                      2: int(rng.choice(LEADS)), 3: int(rng.choice(PADS)), 4: int(rng.choice(KEYS + LEADS + GUITARS))}
    bass_style = rng.choice(['kick', 'eighths', 'quarters', 'offbeat', 'octaves', 'whole', 'syncopated', 'walking', 'sixteenths'])
    chord_style = rng.choice(['bar', 'quarters', 'eighths', 'offbeat', 'arpeggio', 'stabs', 'half', 'strum'])
    if heavy:
        chord_style = rng.choice(['eighths', 'bar', 'stabs', 'sixteenths', 'half'])
    if rng.random() < .75:
        bass_style, chord_style = asked.get('bass', bass_style), asked.get('chords', chord_style)
    fixed = {k: [c == 'x' or (c.isdigit() and rng.random() < int(c) / 10) for c in line] for k, line in zip('ksh', pattern)}
    kick, snare, hat, ride = int(rng.choice(KICKS)), int(rng.choice(SNARES)), 42, int(rng.choice([42, 42, 46, 51, 51, 49, 57]))
    hat_step = rng.choice([1, 1, 1, 2])
    loud, lines, opened, clapped, crash_every = {}, {}, False, False, 0
    if hard:
        snare = asked.get('snare', int(rng.choice([38, 38, 38, 40, 39, 39, 37])))
        lines, opened = asked.get('lines', {}), asked.get('open', False) and rng.random() < .6
        if rng.random() < .2:
            lines = {**lines, int(rng.choice([54, 70, 70, 82, 63, 56])): str(rng.choice(['x.x.x.x.x.x.x.x.', 'xxxxxxxxxxxxxxxx', '..x...x...x...x.', 'x..x..x..x..x.x.']))}
        clapped, crash_every = snare in (38, 40) and rng.random() < .2, int(rng.choice([0, 0, 0, 1, 2, 4]))
        loud = {name: float(rng.choice([1, 1, 1, .75, .5])) for name in 'ksh'}  # not always the kick that leads
        if rng.random() < .25:
            accents_at = int(rng.integers(0, metre * steps))  # somebody stresses one place that is not the one
            loud['at'] = accents_at
        if asked.get('ride') and rng.random() < .8:
            hat = ride = 51
    arp = [int(n) for n in rng.integers(0, 6, 8)]
    motif = [(int(s), int(n)) for s in range(metre * steps) for n in [rng.integers(0, 9)] if rng.random() < rng.uniform(.1, .4)]
    accents = [a for a in range(0, metre * steps, 3)] if rng.random() < .5 else sorted(rng.choice(metre * steps, min(5, metre * steps), replace=False).tolist())
    on, intro = dict(has), rng.random() < .3
    for bar in range(bars):
        if bar in sections:
            on = {name: yes and (rng.random() < (.55 if bar == 0 and intro else .85)) for name, yes in has.items()}
            if has['drums'] and rng.random() < .75:
                on['drums'] = True
            if not any(on.values()):
                on = dict(has)
            use_ride = rng.random() < .3
            struck = hard and crash_every and rng.random() < .5
        if when(bar, 0) > seconds:
            break
        total = metre * steps
        beat = lambda n: clock(pickup + bar * metre + n)
        second = beat(1) - beat(0)
        degree = progression[(bar // slow) % len(progression)]
        pitch = lambda n: root + scale[(degree + n) % 7] + 12 * ((degree + n) // 7)
        fill = bar + 1 in sections and rng.random() < .5
        if on['drums']:
            if bar in sections and bar and rng.random() < .6:
                piece.add(when(bar, 0), 1, 9, int(rng.choice([49, 57])), rng.integers(80, 120))
            if hard and struck and bar % crash_every == 0:
                piece.add(when(bar, 0), 1, 9, 49, rng.integers(80, 120))
            for step in range(total):
                for drum, line in lines.items():
                    if line[step % len(line)] == 'x' and rng.random() < .96:
                        piece.add(when(bar, step), .1, 9, drum, rng.integers(45, 100))
                if fill and step >= total - steps * (1 + (metre > 2)):
                    if rng.random() < .75:
                        piece.add(when(bar, step), .1, 9, int(rng.choice([38, 38, 45, 47, 48, 50, 41, 43])), rng.integers(70, 120))
                    if step % steps == 0 and rng.random() < .5:
                        piece.add(when(bar, step), .1, 9, kick, rng.integers(80, 120))
                    continue
                accent = 15 if step % steps == 0 and not (hard and step % 3) else 0
                gain = lambda name, v: v * loud.get(name, 1) * (1.25 if loud.get('at') == step else 1)
                if fixed['k'][step % len(fixed['k'])] and rng.random() < .97:
                    piece.add(when(bar, step), .1, 9, kick, gain('k', rng.integers(90, 115) + accent // 2))
                if fixed['s'][step % len(fixed['s'])] and rng.random() < .97:
                    piece.add(when(bar, step), .1, 9, snare, gain('s', rng.integers(85, 120)))
                    if clapped:
                        piece.add(when(bar, step), .1, 9, 39, gain('s', rng.integers(70, 110)))
                elif rng.random() < .01:
                    piece.add(when(bar, step), .1, 9, 38, rng.integers(25, 50))
                if fixed['h'][step % len(fixed['h'])] and (step % hat_step == 0 or step % steps == 0):
                    sound = 46 if opened else ride if use_ride else (46 if rng.random() < .05 else hat)
                    piece.add(when(bar, step), .1, 9, sound, gain('h', rng.integers(50, 85) + accent))
        if on['bass']:
            low = 28 + (pitch(0) - 28) % 12
            for step in range(total):
                place = step % steps
                hit, long, up = {'kick': (fixed['k'][step % len(fixed['k'])], .3, 0), 'eighths': (step % max(1, steps // 2) == 0, .4, 0),
                                 'quarters': (place == 0, .8, 0), 'offbeat': (place == steps // 2, .4, 0),
                                 'octaves': (step % max(1, steps // 2) == 0, .35, 12 * (place != 0)), 'whole': (step == 0, metre * .95, 0),
                                 'syncopated': (step in accents, .4, 0), 'walking': (place == 0, .9, None),
                                 'sixteenths': (True, .2, 0), 'between': (place != 0, .2, 0), 'push': (step in (total * 3 // 8, total * 3 // 4), .8, 7 * (step * 2 < total))}[bass_style]
                if hit:
                    note = low + (up if up is not None else (0 if step == 0 else scale[int(rng.integers(0, 7))]))
                    piece.add(when(bar, step), long * second, 0, note, rng.integers(80, 112))
        middle = 48 + (pitch(0) - 48) % 12
        chord = [middle, middle + 7, middle + 12] if heavy else [48 + (pitch(n) - 48) % 12 + (12 if n == 4 and rng.random() < .3 else 0) for n in (0, 2, 4)]
        if on['chords']:
            for step in range(total):
                place = step % steps
                hit, long = {'bar': (step == 0, metre), 'quarters': (place == 0, .8), 'eighths': (step % max(1, steps // 2) == 0, .4),
                             'offbeat': (place == steps // 2, .3), 'arpeggio': (step % max(1, steps // 2) == 0, .6), 'stabs': (step in accents, .3),
                             'half': (step in (0, total // 2 // steps * steps), metre / 2), 'strum': (place in (0, steps // 2) and rng.random() < .8, .4),
                             'sixteenths': (True, .2), 'after': (place == 0 and step > 0, .5)}[chord_style]
                if hit:
                    tones = [chord[(step // 2) % 3] + 12 * ((step // 6) % 2)] if chord_style == 'arpeggio' else chord
                    for k, tone in enumerate(tones):
                        spread = k * .012 if chord_style == 'strum' else 0
                        piece.add(when(bar, step) + spread, long * second, 1, tone, rng.integers(65, 100))
        if on['pad'] and bar % slow == 0:
            for tone in chord:
                piece.add(when(bar, 0), metre * slow * second, 3, tone + 12, rng.integers(50, 80))
        if on['melody']:
            if hard and bar in sections and bar and rng.random() < .4:  # leads into the part
                for k in range(int(rng.integers(1, 4))):
                    piece.add(when(bar, -k - 1), second / 4, 2, 60 + (pitch(0) - 60) % 12 + int(rng.integers(0, 7)), rng.integers(70, 110))
            for step, n in motif:
                if rng.random() < .85:
                    piece.add(when(bar, step), second * rng.choice([.25, .5, 1]), 2, 60 + (pitch(0) - 60) % 12 + scale[n % 7] + 12 * (n // 7) - scale[0], rng.integers(70, 110))
        if on['arp']:
            for step in range(0, total, int(hat_step)):
                piece.add(when(bar, step), second * .25, 4, 60 + (pitch([0, 2, 4, 7, 4, 2][arp[step % 8]]) - 60) % 24, rng.integers(55, 90))
    return piece
