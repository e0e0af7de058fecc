"""A denoising U-Net as of DDPM: GroupNorm, SiLU, time embedding, attention at the lowest resolution, nearest-neighbour upsampling."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def time_embedding(timesteps, width):
    half = width // 2
    frequencies = torch.exp(-math.log(10000.0) / half * torch.arange(half, dtype=torch.float32))
    angles = timesteps[:, None].to(frequencies.dtype) * frequencies[None]
    return torch.cat((torch.sin(angles), torch.cos(angles)), dim=1)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, time_width, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(time_width, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, time):
        hidden = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(time))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(hidden)))


class SpatialAttention(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        n, channels, height, width = x.shape
        query, key, value = self.qkv(self.norm(x)).reshape(n, 3 * channels, height * width).chunk(3, dim=1)
        weights = torch.softmax(query.transpose(1, 2) @ key / math.sqrt(channels), dim=-1)
        return x + self.out((value @ weights.transpose(1, 2)).reshape(n, channels, height, width))


class DenoisingUNet(nn.Module):
    def __init__(self, channels=3, widths=(16, 32), groups=4):
        super().__init__()
        low, high = widths
        self.time_width = low
        self.time_mlp = nn.Sequential(nn.Linear(low, high), nn.SiLU(), nn.Linear(high, high))
        self.conv_in = nn.Conv2d(channels, low, 3, padding=1)
        self.down = ResidualBlock(low, low, high, groups)
        self.downsample = nn.Conv2d(low, low, 3, stride=2, padding=1)
        self.middle1 = ResidualBlock(low, high, high, groups)
        self.attention = SpatialAttention(high, groups)
        self.middle2 = ResidualBlock(high, high, high, groups)
        self.upsample = nn.Conv2d(high, low, 3, padding=1)
        self.up = ResidualBlock(2 * low, low, high, groups)
        self.norm_out = nn.GroupNorm(groups, low)
        self.conv_out = nn.Conv2d(low, channels, 3, padding=1)

    def forward(self, images, timesteps):
        time = self.time_mlp(time_embedding(timesteps, self.time_width).to(self.conv_in.weight.dtype))
        skip = self.down(self.conv_in(images), time)
        x = self.middle1(self.downsample(skip), time)
        x = self.middle2(self.attention(x), time)
        x = self.upsample(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        x = self.up(torch.cat((x, skip), dim=1), time)
        return self.conv_out(F.silu(self.norm_out(x)))
