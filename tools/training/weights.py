"""The files of weights that the daemon reads."""

import struct
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
