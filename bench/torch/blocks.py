"""The smallest models that hold one block of each family."""

from functools import partial

from torch import nn
from torchvision.models.convnext import CNBlock, LayerNorm2d
from torchvision.models.mobilenetv3 import InvertedResidual, InvertedResidualConfig
from torchvision.models.resnet import BasicBlock
from torchvision.models.swin_transformer import SwinTransformerBlock
from torchvision.ops import Permute

from transformers import DistilledTransformer


def head(channels, classes=3):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def tiny_residual():
    projection = nn.Sequential(nn.Conv2d(4, 6, 1, 2, bias=False), nn.BatchNorm2d(6))
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        BasicBlock(4, 6, stride=2, downsample=projection), head(6),
    )


def mobile_block():
    setting = InvertedResidualConfig(8, 3, 16, 8, True, "HS", 1, 1, 1.0)
    norm = partial(nn.BatchNorm2d, eps=0.001)
    stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
    return nn.Sequential(stem, InvertedResidual(setting, norm), head(8))


def tiny_transformer():
    return DistilledTransformer(size=8, patch=4, width=8, depth=1, heads=2, classes=3)


def swin_block():
    """One block whose windows are shifted, and so masked."""
    block = SwinTransformerBlock(8, 2, window_size=[2, 2], shift_size=[1, 1], mlp_ratio=2.0)
    stem = nn.Sequential(nn.Conv2d(3, 8, 2, 2), Permute([0, 2, 3, 1]), nn.LayerNorm(8))
    return nn.Sequential(stem, block, Permute([0, 3, 1, 2]), head(8))


def convnext_block():
    stem = nn.Sequential(nn.Conv2d(3, 6, 2, 2), LayerNorm2d(6, eps=1e-6))
    return nn.Sequential(stem, CNBlock(6, 0.5, 0.0), head(6))
