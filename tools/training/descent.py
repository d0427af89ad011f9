"""How all nets here are taught: AdamW, whose rate falls as half a cosine over so many minutes."""

import time
import numpy as np
import torch


class Descent:
    def __init__(self, net, peak, minutes, warm, decay=1e-2):
        self.net, self.peak, self.minutes, self.warm = net, peak, minutes, warm
        self.adam = torch.optim.AdamW(net.parameters(), peak, weight_decay=decay)
        self.begun, self.steps, self.lost = time.time(), 0, []

    def done(self):
        return min(1, (time.time() - self.begun) / (60 * self.minutes))

    def rounds(self, count, size, rng):
        """Numbers of pieces, `size` at a time, in a new order; ends early when the time is over."""
        self.net.train()
        order, self.lost = rng.permutation(count), []
        for k in range(0, len(order) - size + 1, size):
            yield order[k:k + size]
            if self.done() >= 1:
                break
        self.net.eval()

    def step(self, parts):
        """Goes on by the mean of some losses. They may come one after the other: what is small stays near the processor."""
        parts = [parts] if isinstance(parts, torch.Tensor) else parts
        self.steps += 1
        for group in self.adam.param_groups:
            group['lr'] = self.peak * (.5 + .5 * np.cos(np.pi * self.done())) * min(1, self.steps / self.warm) + 1e-5
        self.adam.zero_grad()
        values = []
        for value in parts:
            value.backward(); values.append(float(value.detach()))
        for weight in self.net.parameters():
            if weight.grad is not None:
                weight.grad /= len(values)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.)
        self.adam.step()
        self.lost.append(np.mean(values))

    def told(self):
        return 'train %.4f %.1f min' % (np.mean(self.lost), (time.time() - self.begun) / 60)
