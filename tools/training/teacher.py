"""Labels recorded music, of which nobody knows the beats, with what the net itself finds when it may look ahead.

    teacher.py EXCERPTS OUT_FOLDER INPUTS_PROGRAM NET.pt [BANK] [PART/PARTS] [FIRST]

EXCERPTS is what recorded.py leaves. The marks and tempi of the net, of the whole excerpt, go through a bar-pointer model that
is decoded backwards (F. Krebs, S. Böck, G. Widmer, ISMIR 2015), so that each beat is chosen by what comes after it as well.
Only excerpts of which that is sure throughout are kept: the beats stand out, nothing else does, and the tempo is felt. With
the BANK of world.py each is kept a second time, heard in a world of its own but with the truth of the clean one: what the
net is to learn is that people who talk change nothing.
"""

import glob, os, sys
import numpy as np
import torch
import train
from render import RATE, SECONDS, at_peak
from world import World

TICKS, LATE = SECONDS * 100, 1  # a mark is surest a tick after it could be known
PERIODS = np.arange(28, 120)
STIFF, WINDOW = 120, 1 / 16
BEAT, HIT = .3, .3  # marks surer than this count as struck


def decode(activation, tempo):
    """The likeliest beats, in ticks. `tempo` is how likely each period is throughout."""
    starts = np.concatenate([[0], np.cumsum(PERIODS)])
    count = starts[-1]
    first, last = starts[:-1], starts[1:] - 1
    period = np.repeat(np.arange(len(PERIODS)), PERIODS)
    inside = (np.arange(count) - first[period]) < np.ceil(PERIODS * WINDOW)[period]
    ratio = PERIODS[None] / PERIODS[:, None]
    change = -STIFF * np.abs(ratio - 1)  # from row to column
    change -= np.log(np.exp(change).sum(1, keepdims=True))
    on = np.log(np.clip(activation, .001, .99)); off = np.log((1 - np.clip(activation, .001, .99)) / (1 / WINDOW - 1))
    score = np.log(tempo)[period] - np.log(PERIODS)[period]
    back = np.zeros((len(activation), len(PERIODS)), np.int16)
    for t in range(len(activation)):
        arrive = score[last][:, None] + change
        back[t] = arrive.argmax(0)
        score[1:] = score[:-1]
        score[first] = arrive.max(0)
        score += np.where(inside, on[t], off[t])
    state, beats = int(score.argmax()), []
    for t in range(len(activation) - 1, -1, -1):
        p = period[state]
        if state == first[p]:
            beats.append(t)
            state = last[back[t, p]]
        else:
            state -= 1
    return np.array(beats[::-1])


def sure(activation, beats):
    """The beats moved onto their marks, and whether they can be believed throughout."""
    exact, heights = [], []
    for beat in beats:
        window = activation[beat:beat + 6]
        if len(window):
            exact.append(beat + int(window.argmax())); heights.append(float(window.max()))
    exact, heights = np.array(exact), np.array(heights)
    if len(exact) < 30:
        return exact, False
    near = np.zeros(len(activation), bool)
    for shift in range(-4, 5):
        near[np.clip(exact + shift, 0, len(activation) - 1)] = True
    share = activation[near].sum() / activation.sum()
    gaps = np.diff(exact)
    even = np.mean(np.abs(gaps / np.median(gaps) - 1) < .08)
    return exact, np.mean(heights) > .38 and np.mean(heights > .15) > .85 and share > .5 and even > .9


def label(marks, tempi):
    """Rows of truth and beats per minute at each tick; nothing where that is not sure."""
    felt = tempi[1:, 40:].mean(1)
    places = np.clip((np.log(6000 / PERIODS / train.SLOWEST) / np.log(train.FASTEST / train.SLOWEST) * (train.TEMPI - 1)), 0, train.TEMPI - 1)
    likely = np.interp(places, np.arange(train.TEMPI), felt) + .01
    exact, good = sure(marks[0], decode(marks[0], likely / likely.sum()))
    if not good:
        return None
    near = np.abs(places - places[np.argmin(np.abs(PERIODS - np.median(np.diff(exact))))]) < 1.5
    if likely[near].max() < .2:  # another tempo is felt as well
        return None
    truth = np.zeros((6, TICKS), np.uint8)
    truth[0, np.maximum(exact - LATE, 0)] = 1
    # Bars of four or three, by where the marks of downbeats are on average.
    downs = np.array([marks[1, max(0, b - 2):b + 4].max() for b in exact])
    best = max(((downs[k::m].mean() - np.median(downs)) * (1 if m == 4 else .8), m, k) for m in (4, 3) for k in range(m))
    others = sorted(downs[k::best[1]].mean() for k in range(best[1]))
    barred = others[-1] > .3 and others[-1] > 1.35 * others[-2]
    if barred:
        truth[1, np.maximum(exact[best[2]::best[1]] - LATE, 0)] = 1
    for row in (() if barred else (1,)) + (2, 3, 4, 5):  # what is struck, as the net hears it in the clean sound
        peak = (marks[row] >= HIT) & (marks[row] >= np.roll(marks[row], 1)) & (marks[row] > np.roll(marks[row], -1))
        truth[row, np.maximum(np.where(peak)[0] - LATE, 0)] = 1
    tempo = np.interp(np.arange(TICKS), exact[1:], 6000 / np.diff(exact)).astype(np.float32)
    tempo = np.convolve(np.pad(tempo, 150, 'edge'), np.ones(301) / 301, 'valid')
    tempo[:max(0, exact[0] - 100)] = 0
    return truth, tempo.astype(np.float16)


def heard(x, program):
    import subprocess
    told = subprocess.run([program, str(RATE)], input=x.astype('<f4').tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(told, np.float16).reshape(TICKS, -1)


if __name__ == '__main__':
    excerpts, out, program, learnt = sys.argv[1:5]
    world = World(np.load(sys.argv[5], mmap_mode='r')) if len(sys.argv) > 5 else None
    part, parts = map(int, (sys.argv[6] if len(sys.argv) > 6 else '0/1').split('/'))
    begin = int(sys.argv[7]) if len(sys.argv) > 7 else 0  # to go on where an earlier run stopped
    torch.set_num_threads(1)
    state = torch.load(learnt)
    net = train.Net(len(state['norm.weight']), len(state['first.bias'])); net.load_state_dict(state); net.eval()
    os.makedirs(out, exist_ok=True)
    files = np.random.default_rng(3).permutation(sorted(glob.glob(excerpts + '/*.npy')))[part::parts]
    kept = 0
    for n, file in enumerate(files):
        if n < begin:
            continue
        rng = np.random.default_rng([5, n, part])
        x = np.load(file).astype(np.float32)[:SECONDS * RATE]
        if len(x) < SECONDS * RATE or np.abs(x).max() < 1e-3:
            continue
        inputs = heard(at_peak(x, -3), program)
        with torch.no_grad(), torch.autocast('cpu', dtype=torch.bfloat16):
            marks, tempi = net(torch.tensor(inputs.astype(np.float32)[None]))
        found = label(torch.sigmoid(marks[0].float()).numpy(), torch.softmax(tempi[0].float(), 0).numpy())
        if found is not None:
            kept += 1
            truth, tempo = found
            name = f'{out}/rec{part * 10000 + n:05d}'
            np.savez(name + '.npz', inputs=inputs, truth=np.packbits(truth, axis=1), tempo=tempo)
            if world:
                y, start, end = world.live(rng, x)
                truth, tempo = truth.copy(), tempo.copy()
                gone = (np.arange(TICKS) < start * 100) | (np.arange(TICKS) >= end * 100)
                truth[:, gone] = 0; tempo[gone] = 0
                np.savez(name + 'w.npz', inputs=heard(at_peak(y, rng.uniform(-55, 0)), program), truth=np.packbits(truth, axis=1), tempo=tempo)
        if n % 10 == 0:
            print(n, len(files), 'kept', kept, flush=True)
