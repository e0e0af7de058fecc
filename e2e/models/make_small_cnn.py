"""Makes small-cnn.onnx: a classifier of the embedded sample that a person might bring, small enough to keep here.

    python3 e2e/models/make_small_cnn.py        (PyTorch 1.13, torchvision, Pillow)

Classes are in alphabetical order, pixels from 0 to 1.
"""
import csv
import pathlib

import numpy
import torch
from PIL import Image

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE.parent.parent / "resources/sample/fashion"


class SmallNetwork(torch.nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(8, 16, 3, padding=1)
        self.head = torch.nn.Linear(16 * 7 * 7, classes)

    def forward(self, images):
        maps = torch.relu(torch.nn.functional.max_pool2d(self.conv1(images), 2))
        maps = torch.relu(torch.nn.functional.max_pool2d(self.conv2(maps), 2))
        return self.head(maps.flatten(1))


def read_sample():
    rows = list(csv.DictReader(open(SAMPLE / "labels.csv")))
    names = sorted({row["given_label"] for row in rows})
    pixels = [numpy.asarray(Image.open(SAMPLE / row["path"]).convert("L").resize((28, 28))) for row in rows]
    images = torch.tensor(numpy.stack(pixels), dtype=torch.float32)[:, None] / 255
    return images, torch.tensor([names.index(row["given_label"]) for row in rows]), len(names)


def main():
    torch.manual_seed(0)
    images, labels, classes = read_sample()
    network = SmallNetwork(classes)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(6):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
    accuracy = (network(images).argmax(1) == labels).float().mean().item()
    print(f"accuracy on the sample {accuracy:.3f}")
    torch.onnx.export(
        network.eval(),
        images[:2],
        str(HERE / "small-cnn.onnx"),
        opset_version=17,
        input_names=["images"],
        output_names=["logits"],
        dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
    )


main()
