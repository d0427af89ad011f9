"""Trains the net that tells the drums apart, and writes the weights that the daemon reads.

    drums.py FOLDER FIRST.pt OUT.bin MINUTES [START]

FIRST.pt is the net that train.py made, WIDTH 64: its trunk, which stays as it is, tells what the music is like; the last
five ticks tell what was struck. FOLDER may be several, with colons between. Every fourth piece without drums is taken.
"""

import glob, os, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import train
import weights
from descent import Descent
from train import TAPS, Net, batch, load, taps

torch.set_num_threads(int(os.environ.get('THREADS', 1)))
LOCAL, KNOWN, WIDTH, BLOCKS, DRUMS = 5, 64, 64, 6, 3
WEIGHTS = torch.tensor([1., 2., 1.])
RISE = torch.tensor([1.5, 2., 1.5])[:, None]
SOON = (.4, .9, 1., .4)  # how right a mark is at the first tick that can know of a stroke, and at the next ones


class Drums(nn.Module):
    def __init__(s, inputs):
        super().__init__()
        s.norm = nn.BatchNorm1d(inputs)
        s.first = nn.Linear(LOCAL * inputs + KNOWN, WIDTH)
        s.look = nn.ModuleList([nn.Linear(TAPS * WIDTH, WIDTH) for _ in range(BLOCKS)])
        s.mix = nn.ModuleList([nn.Linear(WIDTH, WIDTH) for _ in range(BLOCKS)])
        s.heads = nn.Linear(WIDTH, DRUMS)
        s.drop = nn.Dropout(.05)
        for mix in s.mix:
            nn.init.normal_(mix.weight, 0, .5 * WIDTH ** -.5 * BLOCKS ** -.5); nn.init.zeros_(mix.bias)

    def forward(s, x, known):
        ticks = x.shape[1]
        early = F.pad(s.norm(x.transpose(1, 2)).transpose(1, 2), (0, 0, LOCAL - 1, 0))
        y = F.relu(s.first(torch.cat([early[:, k:k + ticks] for k in range(LOCAL)] + [known], 2)))
        for k, (look, mix) in enumerate(zip(s.look, s.mix)):
            y = y + mix(s.drop(F.relu(look(taps(y, 2 ** k)))))
        return s.heads(y).float().transpose(1, 2)


def known(net, x):
    """What the first net knows, which does not learn here."""
    with torch.no_grad():
        return net.trunk(x)[0]


def wide(marks):
    y = np.zeros((DRUMS, marks.shape[1]), np.float32)
    for late, right in enumerate(SOON):
        y[:, late:] = np.maximum(y[:, late:], right * marks[2:2 + DRUMS, :marks.shape[1] - late])
    return y


def loss(out, y):
    return F.binary_cross_entropy_with_logits(out, y, pos_weight=RISE, reduction='none')[:, :, 100:].mean((0, 2))


def missed(net, drums, x, y, _):
    with torch.autocast('cpu', dtype=torch.bfloat16):
        out = drums(x, known(net, x))
    return (loss(out, y) * WEIGHTS).sum()


def begun(start, drums, pieces):
    """Goes on from what a run left, or from the weights that the daemon reads."""
    if start.endswith('.pt'):
        return drums.load_state_dict(torch.load(start))
    shapes = lambda inputs, known, width, taps, blocks, drums: (inputs, [(taps * inputs + known, width)] + [(TAPS * width, width), (width, width)] * blocks + [(width, drums)])
    scale, shift, layers = weights.read(start, 6, shapes)
    weights.settle(drums.norm, scale, shift, np.concatenate([x[::7] for x, *_ in pieces[::max(1, len(pieces) // 400)]]).astype(np.float32))
    into = [drums.first] + [layer for pair in zip(drums.look, drums.mix) for layer in pair] + [drums.heads]
    with torch.no_grad():
        for layer, (weight, bias) in zip(into, layers):
            layer.weight.copy_(weight); layer.bias.copy_(bias)


def export(drums, path):
    """The first layer, the blocks, the heads."""
    layers = [drums.first] + [layer for pair in zip(drums.look, drums.mix) for layer in pair] + [drums.heads]
    sizes = [len(drums.norm.weight), KNOWN, WIDTH, LOCAL, BLOCKS, DRUMS]
    weights.write(path, sizes, drums.norm, [(layer.weight, layer.bias) for layer in layers])


if __name__ == '__main__':
    folders, first, path, minutes = *sys.argv[1:4], float(sys.argv[4])
    train.wide = wide
    rng = train.rng
    pieces, held = [], []
    for number, file in enumerate(f for folder in folders.split(':') for f in sorted(glob.glob(folder + '/*.npz'))):
        if os.path.basename(file).startswith('rec'):  # of recorded music nobody knows the drums
            continue
        piece = load(file)
        if np.isfinite(piece[0]).all() and (piece[1][2:5].sum() > 8 or number % 4 == 0):
            (held if train.number(file) % 16 == 5 else pieces).append(piece)
    held = held[::max(1, len(held) // 60)]
    net = Net(pieces[0][0].shape[1], KNOWN)
    net.load_state_dict(torch.load(first)); net.eval()
    drums = Drums(pieces[0][0].shape[1])
    if len(sys.argv) > 5:
        begun(sys.argv[5], drums, pieces)
    print(sum(p.numel() for p in drums.parameters()), 'weights', len(pieces), 'pieces', flush=True)
    descent, epoch = Descent(drums, 1.2e-3 if len(sys.argv) > 5 else 3e-3, minutes, 100), 0
    while descent.done() < 1:
        for chosen in descent.rounds(len(pieces), 8, rng):
            descent.step(missed(net, drums, *batch(pieces, half)) for half in (chosen[:4], chosen[4:]))
        epoch += 1
        with torch.no_grad():
            heard = [torch.tensor(x.astype(np.float32)[None]) for x, _, _ in held]
            marks = torch.stack([loss(drums(x, known(net, x)), torch.tensor(wide(y)[None])) for x, (_, y, _) in zip(heard, held)]).mean(0)
        print(epoch, descent.told(), 'held %.4f' % float((marks * WEIGHTS).sum()), 'marks', np.round(marks.numpy(), 4), flush=True)
        torch.save(drums.state_dict(), path + '.pt'); export(drums, path)
