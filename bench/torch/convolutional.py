"""Convolutional networks that torchvision does not offer at this size, or not at all."""

from torch import nn
from torchvision.models.vgg import VGG, make_layers


def small_vgg(batch_norm):
    """VGG-11 at a quarter of its width."""
    layers = make_layers([16, "M", 32, "M", 64, 64, "M", 128, 128, "M", 128, 128, "M"], batch_norm)
    model = VGG(layers, init_weights=False)
    model.avgpool = nn.AdaptiveAvgPool2d((1, 1))
    model.classifier = nn.Sequential(nn.Linear(128, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, 10))
    return model


def local_response_network():
    """As AlexNet and the first GoogLeNet: local response normalisation, overlapping pools that round up, grouped convolutions."""
    return nn.Sequential(
        nn.Conv2d(3, 24, 7, stride=2, padding=3),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.LocalResponseNorm(5, alpha=1e-2, beta=0.75, k=1.0),
        nn.Conv2d(24, 32, 5, padding=2, groups=2),
        nn.PReLU(32),
        nn.LocalResponseNorm(5, alpha=1e-2),
        nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False),
        nn.Conv2d(32, 32, 3, padding=2, dilation=2),
        nn.Softplus(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


class UpsamplingClassifier(nn.Module):
    """Encoder and decoder with transposed convolutions and bilinear resizing, as of segmentation networks, then one score per class."""

    def __init__(self, classes=10):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU(0.1),
            nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.InstanceNorm2d(24, affine=True), nn.ELU(),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(24, 16, 4, stride=2, padding=1), nn.BatchNorm2d(16), nn.Mish(),
            nn.ConvTranspose2d(16, 16, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False), nn.SELU(),
            nn.Upsample(scale_factor=1.5, mode="bilinear", align_corners=False), nn.Conv2d(16, classes, 1),
            nn.Upsample(size=(20, 20), mode="bilinear", align_corners=True), nn.Hardtanh(-3.0, 3.0),
        )

    def forward(self, images):
        return self.decoder(self.encoder(images)).mean(dim=(2, 3))
