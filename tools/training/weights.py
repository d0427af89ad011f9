"""The files of weights that the daemon reads."""

import struct
import numpy as np
import torch


def write(path, sizes, norm, layers):
    """Little-endian: the sizes as 32-bit numbers, then 16-bit floats: what the norm of the inputs amounts to (scale, shift),
    then each layer's weights [input][output], where there are taps the oldest first, and its bias."""
    with torch.no_grad(), open(path, 'wb') as f:
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        f.write(struct.pack('<%dI' % len(sizes), *sizes))
        for weight, bias in [(scale, norm.bias - norm.running_mean * scale)] + layers:
            f.write((weight.t() if weight.dim() > 1 else weight).contiguous().numpy().astype('<f2').tobytes())
            f.write(bias.numpy().astype('<f2').tobytes())


def read(path, count, shapes):
    """What `write` wrote: scale, shift, and each layer's weight and bias. `shapes` tells of the sizes how many inputs there
    are, and the inputs and outputs of each layer."""
    data = open(path, 'rb').read()
    inputs, layers = shapes(*struct.unpack_from('<%dI' % count, data))
    numbers, at = torch.tensor(np.frombuffer(data, '<f2', offset=4 * count).astype(np.float32)), 0

    def take(size):
        nonlocal at
        at += size
        return numbers[at - size:at]

    scale, shift = take(inputs), take(inputs)
    read = [(take(ins * outs).reshape(ins, outs).t(), take(outs)) for ins, outs in layers]
    assert at == len(numbers), 'numbers left over'
    return scale, shift, read


def settle(norm, scale, shift, heard):
    """Makes a norm of inputs amount to what was read, though in training it goes by what it hears."""
    mean, var = torch.tensor(heard.mean(0)), torch.tensor(heard.var(0))
    with torch.no_grad():
        norm.running_mean.copy_(mean); norm.running_var.copy_(var)
        norm.weight.copy_(scale * torch.sqrt(var + norm.eps)); norm.bias.copy_(shift + mean * scale)
