"""Trains the net that says how sure all of it is, and writes the weights that the daemon reads.

    certainty.py sounds MIDI_FOLDER BANK OUT_FOLDER KIND COUNT    keeps pieces that train.py holds out, as sound; or `voices`
    certainty.py fit FOLDER EVIDENCE_PROGRAM OUT.bin              lets the tracker hear them, and learns from what it told

The tracker says where the beat is; the truth says whether that was so. For each moment: is there music with a beat; if so, is
the tempo the right one; if so, is the beat; if so, is the downbeat. A small net learns how likely each is from what speaks for
the beat and against it (`tracker/certainty.rs`), so that what it says can be taken at its word.
"""

import glob, os, subprocess, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import weights

torch.set_num_threads(1)
RATE, WIDTH, TOLD = 44100, 10, 5
STEPS, PEAK, NOISE, MISSED, FOLDS = 2500, 3e-3, .8, .25, 4
TAPPED = .2, .93  # people tap the level of the grid, and another one, so often where it is clear: they do not agree
SELDOM = .15  # how much a wrong level counts: made music misleads on purpose, and so much less often does what people play
WARY = 2  # how much what has no beat counts: a beat that nobody plays is worse than one that is told late
NEAR, SAME = .07, .04  # seconds and a share: beats and tempi that count as right


def sounds(midi, bank, out, kind, count):
    import render
    from world import World
    world = World(np.load(bank, mmap_mode='r'))
    os.makedirs(out, exist_ok=True)
    if kind == 'voices':  # what no net has heard yet: people alone
        for number in range(count):
            rng, n = np.random.default_rng([9, number]), 30 * RATE
            x = sum(world.syllables(rng, n) * rng.uniform(.3, 1) for _ in range(rng.integers(1, 5)))
            x = world.room(rng, x, rng.uniform(.2, 1.5), rng.uniform(-3, 9)) if rng.random() < .5 else x
            x = x / np.abs(x).max() * 10 ** (rng.uniform(-30, 0) / 20)
            np.savez(f'{out}/voices{number:05d}.npz', x=x.astype(np.float16), beats=np.zeros(0), downs=np.zeros(0))
        return
    for number in range(5, count, 16):
        for piece, take, x, music in render.takes(kind, number, midi, world):
            within = lambda times: np.array([t for t in times if music[0] <= t < min(music[1], render.SECONDS)])
            np.savez(f'{out}/{kind}{number:05d}{take}.npz', x=x.astype(np.float16), gain=0, beats=within(piece.beats), downs=within(piece.downbeats))
        print(kind, number, flush=True)


def right(rows, beats, downs):
    """Whether each thing was so at each moment: 1, 0, or -1 where that is not asked."""
    t, told, tempo, metre, place = rows[:, :TOLD].T
    answers = np.full((len(rows), 4), -1)
    answers[:, 0] = 0
    if len(beats) < 4:
        return answers
    after = np.searchsorted(beats, t)
    gap = np.diff(beats)
    local = np.array([np.median(gap[max(0, k - 3):k + 2]) if len(gap[max(0, k - 3):k + 2]) else 1. for k in after])
    there = (after > 0) & (after < len(beats))
    there &= np.where(there, beats[np.minimum(after, len(beats) - 1)] - beats[np.maximum(after - 1, 0)], 9) < 2.5 * local
    answers[:, 0] = there
    level = np.abs(tempo * local / 60 - 1) < SAME
    answers[there, 1] = level[there]
    asked = there & level
    off = np.abs(told[:, None] - beats[None]).min(1) if len(beats) else np.full(len(t), 9.)
    answers[asked, 2] = off[asked] < NEAR
    asked &= off < NEAR
    if len(downs) > 1:
        one = told - place * 60 / tempo
        one = np.where(place > metre / 2, one + metre * 60 / tempo, one)  # the nearest of its bars
        inside = (one > downs[0] - .3) & (one < downs[-1] + .3) & asked
        near = np.abs(one[:, None] - downs[None]).min(1) < NEAR + .03
        answers[inside, 3] = near[inside]
    return answers


class Net(nn.Module):
    def __init__(s, inputs):
        super().__init__()
        s.norm, s.first, s.answers = nn.BatchNorm1d(inputs), nn.Linear(inputs, WIDTH), nn.Linear(WIDTH, 4)

    def forward(s, x):
        return s.answers(F.relu(s.first(s.norm(x))))


def error(p, y, w):
    """How far what is said is from what comes of it, over ten equal bins (the expected calibration error)."""
    bins = np.minimum((p * 10).astype(int), 9)
    return sum(abs((w * (p - y))[bins == k].sum()) for k in range(10)) / max(1, w.sum())


def learnt(X, Y, W, train):
    """A net fitted on some moments, and what it says of all. Pieces are few: it hears them through much noise, lest it knew
    them by heart."""
    torch.manual_seed(0)
    x, y, net = torch.tensor(X), torch.tensor(Y), Net(X.shape[1])
    asked = torch.tensor(Y >= 0).float()
    asked[:, 0] *= torch.tensor(np.where(Y[:, 0] == 0, WARY, 1)).float()
    asked[:, 1] *= torch.tensor(W).float()
    with torch.no_grad():
        net.norm.running_mean.copy_(x[train].mean(0)); net.norm.running_var.copy_(x[train].var(0))
    net.eval()
    adam = torch.optim.AdamW([*net.first.parameters(), *net.answers.parameters()], PEAK, weight_decay=.1)
    rng = np.random.default_rng(0)
    for step in range(STEPS):
        for group in adam.param_groups:
            group['lr'] = PEAK * (.5 + .5 * np.cos(np.pi * step / STEPS))
        chosen = rng.choice(train, 512)
        heard = net.norm(x[chosen])
        heard = (heard + NOISE * torch.randn_like(heard)) * (torch.rand_like(heard) > MISSED)
        truth = y[chosen].clamp(min=0).float()
        truth[:, 1] = TAPPED[0] + (TAPPED[1] - TAPPED[0]) * truth[:, 1]
        loss = (F.binary_cross_entropy_with_logits(net.answers(F.relu(net.first(heard))), truth, reduction='none') * asked[chosen]).mean()
        adam.zero_grad(); loss.backward(); adam.step()
    with torch.no_grad():
        return net, torch.sigmoid(net(x)).numpy()


def fit(folder, program, path):
    X, Y, G = [], [], []
    for n, file in enumerate(sorted(glob.glob(folder + '/*.npz'))):
        z = np.load(file)
        heard = subprocess.run([program, str(RATE)], input=z['x'].astype('<f4').tobytes(), capture_output=True, check=True).stdout
        rows = np.frombuffer(heard, '<f4')
        rows = rows.reshape(-1, int(os.environ.get('EVIDENCE', 35)) + TOLD)
        y = right(rows, z['beats'], z['downs'])
        keep = slice(3, None, 4)
        X.append(rows[keep, TOLD:]); Y.append(y[keep]); G.append(np.full(len(y[keep]), n))
    X, Y, G = [np.concatenate(of) for of in (X, Y, G)]
    W = np.where(Y[:, 1] == 0, SELDOM, 1)
    # A piece and its take in another world stay on one side.
    if 'KEEP' in os.environ:
        np.savez(os.environ['KEEP'], X=X, Y=Y, G=G, W=W)
    fold, told = G // 2 % FOLDS, np.zeros(Y.shape)
    for k in range(FOLDS):
        told[fold == k] = learnt(X, Y, W, np.where(fold != k)[0])[1][fold == k]
    for k, question in enumerate(('pulse', 'level', 'phase', 'one')):
        asked = Y[:, k] >= 0
        p, y, w = told[asked, k], Y[asked, k], W[asked] if k == 1 else np.ones(asked.sum())
        print(f'{question:6} asked {len(y):6} right {np.average(y, weights=w):.3f} error {error(p, y, w):.3f} brier {np.average((p - y) ** 2, weights=w):.3f}', flush=True)
    net = learnt(X, Y, W, np.arange(len(X)))[0]
    weights.write(path, [X.shape[1], WIDTH, 4], net.norm, [(net.first.weight, net.first.bias), (net.answers.weight, net.answers.bias)])


if __name__ == '__main__':
    if sys.argv[1] == 'sounds':
        sounds(*sys.argv[2:6], int(sys.argv[6]))
    else:
        fit(*sys.argv[2:5])
