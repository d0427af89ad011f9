"""What arrangers do to a piece: breakdowns, in which the drums stay away and the beat goes on; and a bare click."""

import numpy as np
from compose import Clock, Piece

ROLL, BUILD = 38, .55  # a snare, and how often it rolls up to the drop
CLICKS = [33, 34, 37, 42, 56, 75, 76, 77]  # General MIDI's metronome, rim, hat, bell, claves and wood


def break_down(rng, piece, seconds):
    """Takes drums and bass away for some bars, as before a drop: held chords stay, noise and a roll may lead back. The beats
    are where they were."""
    starts = [t for t in piece.downbeats if 7 < t < seconds * .6]
    if len(starts) < 2:
        return
    start = float(rng.choice(starts))
    ends = [t for t in piece.downbeats if start + 5 < t < min(start + 24, seconds - 3)]
    if not ends:
        return
    end = float(rng.choice(ends))
    bars = [t for t in piece.downbeats if start <= t < end]
    gone = {9, 0} | {channel for channel in (1, 2, 4) if rng.random() < .5}
    kept = {int(rng.choice([36, 42, 39]))} if rng.random() < .15 else set()  # one drum that plays on
    piece.notes = [n for n in piece.notes if not (start - .03 <= n[0] < end - .03 and n[2] in gone and n[3] not in kept)]
    # A chord that rang into it ends with it; pads are held over each bar or two.
    root, held = int(rng.integers(48, 60)), int(rng.choice([1, 1, 2, 4]))
    for k in range(0, len(bars), held):
        until = bars[k + held] if k + held < len(bars) else end
        for tone in (0, int(rng.choice([3, 4])), 7, 12):
            piece.add(bars[k], until - bars[k], 3, root + tone + int(rng.choice([0, 0, 5, -2])), rng.integers(60, 100))
    piece.vague.add(3)
    if rng.random() < .75:
        piece.risers.append((start + (end - start) * rng.uniform(0, .7), end))
    if rng.random() < BUILD and len(bars) > 1:
        beats = [t for t in piece.beats if bars[-min(len(bars), int(rng.choice([1, 2, 4])))] <= t < end - .01]
        for k, t in enumerate(beats):
            times = 2 if k < len(beats) / 2 else 4
            length = (beats[k + 1] if k + 1 < len(beats) else end) - t
            for part in range(times):
                piece.add(t + length * part / times, .1, 9, ROLL, 50 + 60 * (k + part / times) / len(beats))


def click(rng, seconds):
    """A metronome, or somebody who taps: the beat and nothing else, the one perhaps higher."""
    bpm = float(np.exp(rng.uniform(np.log(55), np.log(205))))
    count = int(seconds * bpm / 60) + 2
    clock, piece = Clock(rng, bpm, count, rng.uniform(0, 3)), Piece()
    metre, loose = int(rng.choice([1, 1, 2, 3, 4, 4])), float(rng.choice([0, 0, .004, .012]))
    low, high = [int(drum) for drum in rng.choice(CLICKS, 2)]
    piece.beats = [clock(k) for k in range(count) if clock(k) < seconds]
    piece.downbeats = piece.beats[::metre] if metre > 1 else []
    for k, t in enumerate(piece.beats):
        one = metre > 1 and k % metre == 0
        piece.add(t + rng.normal(0, loose), .1, 9, high if one else low, rng.integers(95, 120) if one else rng.integers(70, 105))
    piece.programs, piece.drawn = {9: 0}, rng.random() < .5
    return piece
