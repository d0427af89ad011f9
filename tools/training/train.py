"""Trains the net on what render.py made, and writes the weights that the daemon reads.

    train.py FOLDER OUT.bin MINUTES [WIDTH] [START]

START is what an earlier run left, START.pt, which may be narrower, or the weights that the daemon reads. The folder may
grow meanwhile; several folders have colons between.

A causal temporal convolutional network: an input layer over three ticks, then residual blocks whose taps lie 1, 2, 4 …
512 ticks apart, so that the last one looks 20 s back. Heads: beat, downbeat, kick, snare, hat, onset, and whether there is
music at all (sigmoid each), and the tempo (softmax over none and 60 tempi). S. Böck, M. Davies: "Deconstruct, analyse, reconstruct: how to improve
tempo, beat, and downbeat estimation", ISMIR 2020, is the model for one trunk with several heads.
"""

import glob, os, sys, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import weights
from descent import Descent

torch.manual_seed(0)
torch.set_num_threads(int(os.environ.get('THREADS', 1)))
rng = np.random.default_rng(0)
BLOCKS, TAPS, MARKS, TEMPI, SLOWEST, FASTEST = 10, 3, 6, 60, 45.0, 220.0
HEADS = MARKS + 1  # the last one: whether there is music
QUICK = 55  # inputs that are the quick spectrum
FELT, FORGETS = 3, 4.0  # the tempo is read from these blocks on, over so many seconds
WEIGHTS = torch.tensor([3., 5., 2., 3., 2.5, 1.2])
RISE = torch.tensor([2., 4., 3., 3., 2., 1.5])[:, None]  # how much more a mark counts than its absence


class Net(nn.Module):
    """Everything as products of matrices over (tick, channel), which processors do best."""

    def __init__(s, inputs, width):
        super().__init__()
        s.norm = nn.BatchNorm1d(inputs)
        s.first = nn.Linear(TAPS * inputs, width)
        s.look = nn.ModuleList([nn.Linear(TAPS * width, width) for k in range(BLOCKS)])
        s.mix = nn.ModuleList([nn.Linear(width, width) for k in range(BLOCKS)])
        s.heads = nn.Linear(width, HEADS)
        s.tempo = nn.Linear(width * (BLOCKS - FELT), 1 + TEMPI)
        s.drop = nn.Dropout(.1)
        for mix in s.mix:
            nn.init.normal_(mix.weight, 0, .5 * width ** -.5 * BLOCKS ** -.5); nn.init.zeros_(mix.bias)

    def trunk(s, x):
        """What is known at each tick, and what the slow blocks felt."""
        y = F.relu(s.first(taps(s.norm(x.transpose(1, 2)).transpose(1, 2), 1)))
        felt = []
        for k, (look, mix) in enumerate(zip(s.look, s.mix)):
            hidden = F.relu(look(taps(y, 2 ** k)))
            if k >= FELT:
                felt.append(hidden)
            y = y + mix(s.drop(hidden))
        return y, felt

    def forward(s, x):
        y, felt = s.trunk(x)
        marks = s.heads(y).float().transpose(1, 2)
        # Every tenth tick: means of ten ticks, each mean forgotten over FORGETS seconds.
        felt = torch.cat(felt, 2)
        felt = felt[:, :felt.shape[1] // 10 * 10].unflatten(1, (-1, 10)).mean(2).float()
        age = torch.arange(felt.shape[1])[:, None] - torch.arange(felt.shape[1])[None]
        keeps = float(np.exp(-.1 / FORGETS))
        pooled = torch.where(age >= 0, (1 - keeps) * keeps ** age.clamp(min=0), 0.) @ felt
        return marks, s.tempo(s.drop(pooled)).float().transpose(1, 2)


def taps(x, apart):
    """Each tick beside those one and two steps before it, the oldest first."""
    ticks, early = x.shape[1], F.pad(x, (0, 0, (TAPS - 1) * apart, 0))
    return torch.cat([early[:, k * apart:k * apart + ticks] for k in range(TAPS - 1)] + [x], 2)


def bin_of(tempo):
    """The bin of each tempo, 0 for none, as soft places between two bins are not needed at this width (2.7 %)."""
    place = np.log(np.maximum(tempo, 1) / SLOWEST) / np.log(FASTEST / SLOWEST) * (TEMPI - 1)
    return np.where(tempo > 0, 1 + np.clip(np.round(place), 0, TEMPI - 1), 0).astype(np.int64)


def load(file):
    z = np.load(file)
    x = z['inputs']
    return x, np.unpackbits(z['truth'], axis=1)[:, :len(x)], bin_of(z['tempo'].astype(np.float32))


def number(file):
    return int(''.join(c for c in os.path.basename(file) if c.isdigit()))


SOON = np.array([.5, .5, .7, .7, .7, 1.], np.float32)[:, None]  # how right a mark is at the first tick that could know


def wide(marks):
    """A mark is best heard one tick after it could be known at all, an onset at once; the neighbours are half right."""
    y = np.zeros(marks.shape, np.float32)
    y[:, 1:] = marks[:, :-1]
    y[:, :] = np.maximum(y, SOON * marks)
    y[:, 2:] = np.maximum(y[:, 2:], .5 * marks[:, :-2])
    return y


def vary(x, y, t):
    """The same piece a little faster or slower, higher or lower, and through other loudspeakers."""
    if rng.random() < .6:
        speed, last = float(np.exp(rng.uniform(-.12, .12))), len(x) - 1
        place = np.arange(len(x)) * speed
        kept = place < last
        low, part = np.minimum(place.astype(int), last - 1), (place % 1)[:, None].astype(np.float32)
        x = np.where(kept[:, None], x[low] * (1 - part) + x[low + 1] * part, 0)
        moved = np.zeros_like(y)
        for row, marks in zip(moved, y):
            at = np.floor(np.where(marks)[0] / speed + .5).astype(int)
            row[at[at < len(row)]] = 1
        y, t = moved, np.where(kept & (t[low] > 0), np.clip(t[low] + int(np.round(np.log(speed) / np.log(FASTEST / SLOWEST) * (TEMPI - 1))), 1, TEMPI), 0)
    if rng.random() < .7:  # three semitones make two of the quick bands
        up = int(rng.integers(-2, 3))
        x = np.concatenate([np.roll(x[:, :QUICK], up, 1), np.roll(x[:, QUICK:], 3 * up // 2, 1)], 1)
    if rng.random() < .7:
        bands = np.interp(np.arange(QUICK), np.sort(rng.uniform(0, QUICK, 6)), rng.normal(0, .25, 6))
        x = x.copy(); x[:, :QUICK] = np.maximum(0, x[:, :QUICK] * (1 + .4 * bands)).astype(np.float32)
    if rng.random() < .15:
        at = int(rng.integers(0, len(x) - 400)); x = x.copy(); x[at:at + int(rng.integers(10, 400))] *= rng.uniform(0, .3)
    return x.astype(np.float32), y, t


def batch(pieces, chosen):
    X, Y, T = [], [], []
    for k in chosen:
        x, y, t = pieces[k]
        if rng.random() < .2:  # one song breaks off and another begins
            x2, y2, t2 = pieces[rng.integers(len(pieces))]
            at = int(rng.integers(800, len(x) - 800))
            x, y, t = np.concatenate([x[:at], x2[:len(x) - at]]), np.concatenate([y[:, :at], y2[:, :len(x) - at]], 1), np.concatenate([t[:at], t2[:len(x) - at]])
        x, y, t = vary(x.astype(np.float32), y, t)
        X.append(x); Y.append(wide(y)); T.append(t)
    return torch.tensor(np.stack(X)), torch.tensor(np.stack(Y)), torch.tensor(np.stack(T))


def loss(out, y, t):
    out, felt = out
    marks = F.binary_cross_entropy_with_logits(out[:, :MARKS], y, pos_weight=RISE, reduction='none')[:, :, 100:].mean((0, 2))
    tempo = F.cross_entropy(felt[:, :, 20:], t[:, 209::10])
    music = F.binary_cross_entropy_with_logits(out[:, MARKS, 50:], (t[:, 50:] > 0).float())
    return (marks * WEIGHTS).sum() + .08 * tempo + .25 * music, marks, tempo, music


def missed(net, x, y, t):
    with torch.autocast('cpu', dtype=torch.bfloat16):
        out = net(x)
    return loss(out, y, t)[0]


def widened(old, net):
    """Puts a narrower net's weights into a wider one, so that it says the same: what is new has no say in the old yet."""
    was, now = len(old['first.bias']), len(net.first.bias)
    state = net.state_dict()
    for name, value in old.items():
        fresh = state[name]
        if name.startswith(('look', 'mix', 'heads', 'tempo')) and name.endswith('weight'):
            fresh[:len(value)] = 0  # the old hear nothing from the new
            for part in range(value.shape[1] // was):
                fresh[:len(value), part * now:part * now + was] = value[:, part * was:(part + 1) * was]
        elif value.dim() and fresh.shape != value.shape:
            fresh[:len(value)] = value
        else:
            fresh.copy_(value)
    net.load_state_dict(state)


def begun(start, net, pieces):
    """A net that goes on from another: from what a run left, or from the weights that the daemon reads."""
    if start.endswith('.pt'):
        return widened(torch.load(start), net)
    scale, shift, layers = weights.read(start, 6, shapes)
    some = np.concatenate([x[::7] for x, *_ in pieces[::max(1, len(pieces) // 400)]]).astype(np.float32)
    weights.settle(net.norm, scale, shift, some)
    with torch.no_grad():
        for layer, (weight, bias) in zip(layered(net), layers):
            layer.weight[:len(weight)] = weight; layer.bias[:len(bias)] = bias


def shapes(inputs, width, blocks, heads, felt, tempi):
    """Inputs and outputs of each layer in a file."""
    return inputs, [(TAPS * inputs, width)] + [(TAPS * width, width), (width, width)] * blocks + [(width, heads), (width * (blocks - felt), tempi)]


def layered(net):
    """The first layer, the blocks, the heads, the tempo."""
    return [net.first] + [layer for pair in zip(net.look, net.mix) for layer in pair] + [net.heads, net.tempo]


def export(net, path):
    """The first layer, the blocks, the heads, the tempo."""
    sizes = [len(net.norm.weight), net.first.out_features, BLOCKS, HEADS, FELT, 1 + TEMPI]
    weights.write(path, sizes, net.norm, [(layer.weight, layer.bias) for layer in layered(net)])


if __name__ == '__main__':
    folder, path, minutes = sys.argv[1], sys.argv[2], float(sys.argv[3])
    width = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    pieces, held, known = [], [], set()

    def refresh():
        for file in sorted(f for part in folder.split(':') for f in glob.glob(part + '/*.npz')):
            if file not in known and time.time() - os.path.getmtime(file) > 3:
                known.add(file)
                piece = load(file)
                if np.isfinite(piece[0]).all():  # a rare piece that no string of sounds was made of
                    # By the number, so that a piece and its double in another world are on one side.
                    (held if number(file) % 16 == 5 else pieces).append(piece)

    refresh()
    net = Net(pieces[0][0].shape[1], width)
    if len(sys.argv) > 5:
        begun(sys.argv[5], net, pieces)
    print(sum(p.numel() for p in net.parameters()), 'weights', len(pieces), 'pieces', flush=True)
    peak = 1.2e-3 if len(sys.argv) > 5 else 3e-3
    descent, epoch = Descent(net, peak, minutes, 100), 0
    while descent.done() < 1:
        refresh()
        for chosen in descent.rounds(len(pieces), 8, rng):
            descent.step(missed(net, *batch(pieces, half)) for half in (chosen[:4], chosen[4:]))
        epoch += 1
        with torch.no_grad():
            checked = [loss(net(torch.tensor(x.astype(np.float32)[None])), torch.tensor(wide(y)[None]), torch.tensor(t[None])) for x, y, t in held[::max(1, len(held) // 120)]]
        marks = torch.stack([c[1] for c in checked]).mean(0).numpy()
        print(epoch, len(pieces), descent.told(), 'held %.4f' % np.mean([float(c[0]) for c in checked]), 'marks', np.round(marks, 4),
              'tempo %.3f music %.3f' % tuple(np.mean([[float(c[k]) for k in (2, 3)] for c in checked], 0)), flush=True)
        torch.save(net.state_dict(), path + '.pt'); export(net, path)
