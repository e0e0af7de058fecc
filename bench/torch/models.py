"""The architectures of src/core/nn and bench/u-net.ts in PyTorch: same layers, same order of parameters."""

import math

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Sequential):
    """Convolution, GroupNorm, and ReLU after an optional halving of the map."""

    def __init__(self, inputs, outputs, pooled):
        pool = [nn.MaxPool2d(2)] if pooled else []
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.GroupNorm(8, outputs), *pool, nn.ReLU()
        )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(Block(channels, channels, False), Block(channels, channels, False))

    def forward(self, x):
        return x + self.layers(x)


def cnn(channels, size):
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * (size // 4) ** 2, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def resnet9(channels, size):
    return nn.Sequential(
        Block(channels, 32, False),
        Block(32, 64, True),
        Residual(64),
        Block(64, 128, True),
        Block(128, 256, True),
        Residual(256),
        nn.MaxPool2d(size // 8),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


class NormActConv(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm = nn.GroupNorm(8, inputs)
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, x):
        return self.conv(functional.silu(self.norm(x)))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, time_width):
        super().__init__()
        self.first = NormActConv(inputs, outputs)
        self.time = nn.Linear(time_width, outputs)
        self.second = NormActConv(outputs, outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, time):
        hidden = self.first(x) + self.time(time)[:, :, None, None]
        return self.skip(x) + self.second(hidden)


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.query = nn.Conv2d(channels, channels, 1)
        self.key = nn.Conv2d(channels, channels, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        normal = self.norm(x)
        query, key, value = (part(normal).flatten(2) for part in (self.query, self.key, self.value))
        weights = torch.softmax(query.transpose(1, 2) @ key / math.sqrt(x.shape[1]), dim=-1)
        return x + self.out((value @ weights.transpose(1, 2)).reshape(x.shape))


class UNet(nn.Module):
    def __init__(self, channels, widths=(32, 64, 96), time_width=128):
        super().__init__()
        a, b, c = widths
        self.time1 = nn.Linear(time_width, time_width)
        self.time2 = nn.Linear(time_width, time_width)
        self.enter = nn.Conv2d(channels, a, 3, padding=1)
        self.down1 = ResidualBlock(a, a, time_width)
        self.halve1 = nn.Conv2d(a, a, 3, stride=2, padding=1)
        self.down2 = ResidualBlock(a, b, time_width)
        self.halve2 = nn.Conv2d(b, b, 3, stride=2, padding=1)
        self.down3 = ResidualBlock(b, c, time_width)
        self.attention = Attention(c)
        self.middle = ResidualBlock(c, c, time_width)
        self.up3 = ResidualBlock(2 * c, c, time_width)
        self.double2 = nn.Conv2d(c, b, 3, padding=1)
        self.up2 = ResidualBlock(2 * b, b, time_width)
        self.double1 = nn.Conv2d(b, a, 3, padding=1)
        self.up1 = ResidualBlock(2 * a, a, time_width)
        self.leave = NormActConv(a, channels)

    def forward(self, x, time):
        time = functional.silu(self.time2(functional.silu(self.time1(time))))
        first = self.down1(self.enter(x), time)
        second = self.down2(self.halve1(first), time)
        third = self.down3(self.halve2(second), time)
        x = self.middle(self.attention(third), time)
        x = self.up3(torch.cat([x, third], 1), time)
        x = self.double2(functional.interpolate(x, scale_factor=2, mode="nearest"))
        x = self.up2(torch.cat([x, second], 1), time)
        x = self.double1(functional.interpolate(x, scale_factor=2, mode="nearest"))
        x = self.up1(torch.cat([x, first], 1), time)
        return self.leave(x)


def build(architecture, channels, size):
    if architecture == "unet":
        return UNet(channels)
    return {"cnn": cnn, "resnet9": resnet9}[architecture](channels, size)


def load(model, flat):
    """Copies a flat vector into the parameters, in their order."""
    offset = 0
    with torch.no_grad():
        for parameter in model.parameters():
            count = parameter.numel()
            parameter.copy_(flat[offset : offset + count].reshape(parameter.shape))
            offset += count
    assert offset == flat.numel(), f"the vector has {flat.numel()} entries, the model {offset}"
