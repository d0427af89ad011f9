"""Trains the net that hears beat by beat on what render.py made, and writes the weights that the daemon reads.

    bars.py FOLDER RHYTHM.pt OUT.bin MINUTES [WIDTH] [START.bin]

START.bin is what the daemon reads; with EACH=3 in the environment only every third piece is taken. RHYTHM.pt is what train.py left beside its weights: the marks of that net are a part of what this one hears.

Gated recurrent units over beats, each beat cut into quarters. Heads: whether the beat begins a bar; and whether the
beats are the right ones, lie between them, are twice as many, or are every other one; and, to learn by only, how many
beats a bar has. F. Krebs, S. Böck, M. Dorfer, G. Widmer: "Downbeat tracking using beat-synchronous features and
recurrent neural networks", ISMIR 2016, is the model.
"""

import glob, os, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import train
import weights
from descent import Descent

torch.manual_seed(0)
torch.set_num_threads(1)
rng = np.random.default_rng(0)
QUICK, SLOTS, LONGEST = train.QUICK, 4, 96
LEVELS, METRES = 5, [2, 3, 4, 5, 6, 7]
CHANCES = [.58, .14, .12, .08, .08]  # of each level in training
RISE = .5


class Net(nn.Module):
    def __init__(s, inputs, width):
        super().__init__()
        s.norm = nn.BatchNorm1d(inputs)
        s.first = nn.Linear(inputs, width)
        s.gru = nn.GRU(width, width, batch_first=True)
        s.down, s.level, s.metre = nn.Linear(width, 1), nn.Linear(width, LEVELS), nn.Linear(width, len(METRES))
        s.drop, s.miss = nn.Dropout(.3), nn.Dropout(.1)

    def forward(s, x):
        y = s.norm(x.transpose(1, 2)).transpose(1, 2)
        y = s.drop(s.gru(s.drop(F.relu(s.first(s.miss(y)))))[0])
        return s.down(y)[:, :, 0], s.level(y), s.metre(y)


def features(x, marks, beats):
    """What the net hears of each beat: for each quarter how much the quick bands rise; their mean level; the fine bands of
    both halves; the greatest marks of each quarter; the tempo. The first quarter lies around the beat."""
    x, ticks = x.astype(np.float32), len(x)
    quick, fine = x[:, :QUICK], x[:, QUICK:]
    rise = np.maximum(0, quick - np.concatenate([quick[:1], quick[:1], quick[:-2]]))
    long = np.diff(beats)
    edges = (beats[:-1, None] + long[:, None] * (np.arange(SLOTS + 1) - .5) / SLOTS) * 100 + 1
    edges = np.clip(np.round(edges).astype(int), 0, ticks)
    edges[:, 1:] = np.maximum(edges[:, 1:], np.minimum(edges[:, :-1] + 1, ticks))

    def sums(of):
        return np.diff(np.concatenate([np.zeros((1, of.shape[1])), np.cumsum(of, 0, dtype=np.float64)])[edges], axis=1)

    count = np.maximum(1, np.diff(edges, axis=1))[:, :, None]
    halves = (sums(fine) / count).reshape(len(long), 2, SLOTS // 2, -1).mean(2)
    most = np.stack([np.stack([marks[a:max(b, a + 1)].max(0) if a < ticks else np.zeros(marks.shape[1]) for a, b in zip(row[:-1], row[1:])]) for row in edges])
    parts = [sums(rise) * RISE, (sums(quick) / count).mean(1), halves, most, np.log2(np.maximum(long, .1)) + 1]
    return np.concatenate([part.reshape(len(long), -1) for part in parts], 1).astype(np.float32)


def mistaken(beats, first, level):
    """The beats that a tracker would believe, and which of them begin a bar: -1 where that is not asked."""
    between = (beats[:-1] + beats[1:]) / 2
    if level == 0:
        return beats, first
    wrong = [between, np.sort(np.concatenate([beats, between])), beats[::2], beats[1::2]][level - 1]
    return wrong, np.full(len(wrong), -1)


def vary(x):
    x = x.astype(np.float32)
    if rng.random() < .7:
        up = int(rng.integers(-2, 3))
        x = np.concatenate([np.roll(x[:, :QUICK], up, 1), np.roll(x[:, QUICK:], 3 * up // 2, 1)], 1)
    if rng.random() < .7:
        bands = np.interp(np.arange(QUICK), np.sort(rng.uniform(0, QUICK, 6)), rng.normal(0, .25, 6))
        x = x.copy(); x[:, :QUICK] = np.maximum(0, x[:, :QUICK] * (1 + .4 * bands))
    return x


def example(piece, training=True):
    """A piece as the net is to hear it, and what it is to say: inputs, first beats, level, metre."""
    x, marks, beats, downs = piece
    first = np.zeros(len(beats), int)
    for down in downs:
        first[np.argmin(np.abs(beats - down))] = 1
    metre = int(np.median(np.diff(np.where(first)[0]))) if first.sum() > 3 else 0
    level = int(rng.choice(LEVELS, p=CHANCES)) if training else 0
    if training:
        x = vary(x)
        if rng.random() < .35:  # silence comes first
            pause = int(rng.integers(30, 400))
            x, marks = [np.concatenate([np.zeros((pause, of.shape[1])), of])[:len(of)] for of in (x, marks)]
            beats = beats + pause / 100
            first, beats = first[beats < len(x) / 100 - .1], beats[beats < len(x) / 100 - .1]
    beats, first = mistaken(beats, first, level)
    if training:
        beats = beats + rng.normal(0, .010) + rng.normal(0, .005, len(beats))
        if rng.random() < .6:
            skip = int(rng.integers(0, max(1, len(beats) // 3)))
            beats, first = beats[skip:], first[skip:]
        elif beats[0] > .3:  # a tracker counts back to before the music
            long = beats[1] - beats[0]
            back = min(int(rng.integers(0, 9)), int((beats[0] - .3) / long))
            beats = np.concatenate([beats[0] - long * np.arange(back, 0, -1), beats])
            first = np.concatenate([np.full(back, -1), first])
    return features(x, marks, beats), first[:len(beats) - 1], level, METRES.index(metre) if level == 0 and metre in METRES else -1


def batch(examples):
    shape = (len(examples), LONGEST)
    X, D, L, M = np.zeros((*shape, examples[0][0].shape[1]), np.float32), np.full(shape, -1), np.full(shape, -1), np.full(shape, -1)
    for k, (x, first, level, metre) in enumerate(examples):
        n = min(LONGEST, len(x))
        X[k, :n], D[k, 2:n], L[k, 3:n], M[k, 6:n] = x[:n], first[2:n], level, metre
    return torch.tensor(X), torch.tensor(D), torch.tensor(L), torch.tensor(M)


def loss(out, truth):
    first, level, metre = truth
    asked = first >= 0
    down = F.binary_cross_entropy_with_logits(out[0], first.clamp(min=0).float(), reduction='none', pos_weight=torch.tensor(2.))
    down = (down * asked).sum() / asked.sum().clamp(min=1)
    level = F.cross_entropy(out[1].reshape(-1, LEVELS), level.reshape(-1), ignore_index=-1)
    metre = F.cross_entropy(out[2].reshape(-1, len(METRES)), metre.reshape(-1), ignore_index=-1, reduction='sum') / (metre >= 0).sum().clamp(min=1)
    return down + .3 * level + .1 * metre, down, level


def load(file, net):
    z = np.load(file)
    x, truth = z['inputs'], np.unpackbits(z['truth'], axis=1)
    with torch.no_grad(), torch.autocast('cpu', dtype=torch.bfloat16):
        marks = torch.sigmoid(net(torch.tensor(x.astype(np.float32)[None]))[0][0, :train.MARKS].float()).numpy().T
    beats, downs = [np.where(row[:len(x)])[0] / 100 + .005 for row in truth[:2]]
    return x, marks.astype(np.float16), beats, downs


def begun(start, net, pieces):
    """A net that goes on from the weights that the daemon reads."""
    shapes = lambda inputs, width, levels: (inputs, [(inputs, width), (width, 3 * width), (width, 3 * width), (width, 1), (width, levels)])
    scale, shift, layers = weights.read(start, 3, shapes)
    weights.settle(net.norm, scale, shift, np.concatenate([example(p, False)[0] for p in pieces[::max(1, len(pieces) // 400)]]))
    gru = net.gru
    into = [(net.first.weight, net.first.bias), (gru.weight_ih_l0, gru.bias_ih_l0), (gru.weight_hh_l0, gru.bias_hh_l0), (net.down.weight, net.down.bias), (net.level.weight, net.level.bias)]
    with torch.no_grad():
        for (weight, bias), (old, oldest) in zip(into, layers):
            weight.copy_(old); bias.copy_(oldest)


def export(net, path):
    """The first layer, the memory (gates in the order reset, update, candidate), the downbeat, the level."""
    gru = net.gru
    layers = [(net.first.weight, net.first.bias), (gru.weight_ih_l0, gru.bias_ih_l0), (gru.weight_hh_l0, gru.bias_hh_l0),
              (net.down.weight, net.down.bias), (net.level.weight, net.level.bias)]
    weights.write(path, [len(net.norm.weight), net.first.out_features, LEVELS], net.norm, layers)


if __name__ == '__main__':
    folder, rhythm, path, minutes = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    width = int(sys.argv[5]) if len(sys.argv) > 5 else 64
    learnt = torch.load(rhythm)
    ear = train.Net(*[learnt[name].shape[0] for name in ('norm.weight', 'first.bias')])
    ear.load_state_dict(learnt); ear.eval()
    held, pieces = [], []
    for file in sorted(glob.glob(folder + '/*.npz'))[::int(os.environ.get('EACH', 1))]:
        piece = load(file, ear)
        if len(piece[2]) >= 12 and len(piece[3]) >= 3 and np.isfinite(piece[0].astype(np.float32)).all():
            (held if train.number(file) % 16 == 5 else pieces).append(piece)
    held = [example(piece, False) for piece in held]
    net = Net(held[0][0].shape[1], width)
    if len(sys.argv) > 6:
        begun(sys.argv[6], net, pieces)
    print(sum(p.numel() for p in net.parameters()), 'weights', len(pieces), 'pieces', flush=True)
    descent, epoch, best = Descent(net, 1e-3 if len(sys.argv) > 6 else 2e-3, minutes, 50, 2e-2), 0, np.inf
    while descent.done() < 1:
        for chosen in descent.rounds(len(pieces), 16, rng):
            x, *truth = batch([example(pieces[n]) for n in chosen])
            descent.step(loss(net(x), truth)[0])
        epoch += 1
        with torch.no_grad():
            x, *truth = batch(held)
            value, down, level = loss(net(x), truth)
        print(epoch, descent.told(), 'held %.4f down %.4f level %.4f' % (value, down, level), flush=True)
        if value < best:  # it soon knows its pieces by heart
            best = value
            torch.save(net.state_dict(), path + '.pt'); export(net, path)
