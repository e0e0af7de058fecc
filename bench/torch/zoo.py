"""The models whose import is checked, each with the way it is exported."""

from dataclasses import dataclass
from functools import partial
from typing import Callable

from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.maxvit import MaxVit
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from blocks import convnext_block, mobile_block, swin_block, tiny_residual, tiny_transformer
from convolutional import UpsamplingClassifier, local_response_network, small_vgg
from diffusion import DenoisingUNet
from transformers import DistilledTransformer, ImageTower, InterpolatedTransformer


@dataclass(frozen=True)
class Entry:
    build: Callable[[], nn.Module]
    size: int = 64
    channels: int = 3
    opset: int = 17
    # Whether the exporter may fold constants, and with them BatchNorm into the convolution before it.
    folded: bool = False
    # As in training: the exporter then writes BatchNorm in training form.
    training: bool = False
    # For a batch of one, as the exporter has it where nothing is said about axes.
    single: bool = False
    # A denoiser takes time steps too, and gives images.
    denoiser: bool = False


def convnext():
    setting = [CNBlockConfig(16, 32, 2), CNBlockConfig(32, 48, 2), CNBlockConfig(48, None, 2)]
    return ConvNeXt(setting, num_classes=10)


def vision_transformer():
    return VisionTransformer(32, 8, num_layers=3, num_heads=4, hidden_dim=48, mlp_dim=96, num_classes=10)


swin_setting = dict(
    patch_size=[2, 2], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4],
    stochastic_depth_prob=0.0, num_classes=10,
)


classify = dict(num_classes=10)
small_dense = partial(DenseNet, 8, (6, 12, 24, 16), 16, **classify)
maxvit = partial(MaxVit, (32, 32), 16, 4, [16, 24], [1, 2], 8, 0.0, num_classes=10)
inception = partial(models.inception_v3, aux_logits=False, init_weights=False, **classify)
google = partial(models.googlenet, aux_logits=False, init_weights=False, **classify)

MODELS = {
    "resnet18": Entry(partial(models.resnet18, **classify)),
    "resnet18-folded": Entry(partial(models.resnet18, **classify), opset=13, folded=True),
    "resnet18-training": Entry(partial(models.resnet18, **classify), opset=13, training=True),
    "vgg11": Entry(partial(small_vgg, False), opset=13),
    "vgg11-bn": Entry(partial(small_vgg, True)),
    "densenet121": Entry(small_dense),
    "densenet121-folded": Entry(small_dense, opset=13, folded=True),
    "mobilenet-v2": Entry(partial(models.mobilenet_v2, width_mult=0.5, **classify), opset=13),
    "mobilenet-v3-small": Entry(partial(models.mobilenet_v3_small, **classify)),
    "mobilenet-v3-small-folded": Entry(partial(models.mobilenet_v3_small, **classify), folded=True),
    "efficientnet-b0": Entry(partial(models.efficientnet_b0, **classify), opset=13),
    "shufflenet-v2": Entry(partial(models.shufflenet_v2_x0_5, **classify)),
    "squeezenet": Entry(partial(models.squeezenet1_1, **classify), opset=13, folded=True),
    "googlenet": Entry(google),
    "lrn": Entry(local_response_network, opset=13),
    "regnet-y-400mf": Entry(partial(models.regnet_y_400mf, **classify)),
    "convnext": Entry(convnext),
    "convnext-folded": Entry(convnext, opset=13, folded=True),
    "vit": Entry(vision_transformer, size=32),
    "vit-folded": Entry(vision_transformer, size=32, opset=13, folded=True),
    "deit": Entry(DistilledTransformer, size=32, opset=13),
    "swin": Entry(partial(SwinTransformer, **swin_setting), size=32),
    "swin-folded": Entry(partial(SwinTransformer, **swin_setting), size=32, opset=13, folded=True),
    "maxvit": Entry(maxvit, size=32),
    "inception-v3": Entry(inception, size=75, folded=True),
    "clip-image-tower": Entry(ImageTower, size=32),
    "dinov2": Entry(InterpolatedTransformer, size=32),
    "deit-single": Entry(DistilledTransformer, size=32, single=True),
    "swin-single": Entry(partial(SwinTransformer, **swin_setting), size=32, folded=True, single=True),
    "mobilenet-v3-small-single": Entry(partial(models.mobilenet_v3_small, **classify), single=True),
    "ddpm-unet-single": Entry(DenoisingUNet, size=16, denoiser=True, single=True),
    "upsampling": Entry(UpsamplingClassifier, size=32),
    "ddpm-unet": Entry(DenoisingUNet, size=16, denoiser=True),
    "ddpm-unet-folded": Entry(DenoisingUNet, size=16, opset=13, folded=True, denoiser=True),
}

# Kept in the repository, so that tests need no Python: a few thousand numbers each.
FIXTURES = {
    "residual": Entry(tiny_residual, size=9),
    "residual-folded": Entry(tiny_residual, size=9, opset=13, folded=True),
    "mobile": Entry(mobile_block, size=8, opset=13),
    "vit": Entry(tiny_transformer, size=8),
    "vit-single": Entry(tiny_transformer, size=8, opset=13, folded=True, single=True),
    "swin": Entry(swin_block, size=8),
    "convnext": Entry(convnext_block, size=8, opset=13),
    "ddpm-unet": Entry(partial(DenoisingUNet, channels=1, widths=(4, 8), groups=2), size=4, channels=1, denoiser=True),
}
