"""
Exports models of random weights to ONNX, with float64 references of their outputs and gradients:

    python3 export_models.py models FOLDER [NAME …]
    python3 export_models.py fixtures FOLDER [NAME …]
    python3 export_models.py serve FOLDER

The last writes the model that each line of its input names, and answers with the name; the line `list` asks for the names.
"""

import pathlib
import sys
import warnings
import zlib

import onnx
import torch
from torch import nn

from references import References, write_references
from zoo import FIXTURES, MODELS

BATCH = 3
FIXTURE_BATCH = 2


def disturb(model):
    """Moves statistics, scales and shifts away from 0 and 1, where a mistake could hide; no two tensors stay alike."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.6, 1.6)
        for parameter in model.parameters():
            spread = 0.1 if parameter.dim() <= 1 else 0.02
            parameter.add_(torch.randn_like(parameter) * spread)


def keep_statistics(model):
    """Tracing in training mode runs the model, which must not move its statistics."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 0.0


def make_case(entry, batch):
    """Images of a quarter's precision hold ties, as real ones do."""
    images = (torch.randn(batch, entry.channels, entry.size, entry.size) * 4).round() / 4
    if not entry.denoiser:
        return [images], torch.tensor([1, 0, 2])[:batch]
    return [images, torch.tensor([1, 400, 900])[:batch]], torch.randn_like(images)


def export(entry, model, inputs, file, names):
    mode = torch.onnx.TrainingMode
    training = mode.TRAINING if entry.training else mode.EVAL if entry.folded else mode.PRESERVE
    torch.onnx.export(
        model,
        tuple(tensor[:1] if entry.single else tensor for tensor in inputs),
        str(file),
        opset_version=entry.opset,
        input_names=names,
        output_names=["output"],
        dynamic_axes=None if entry.single else {name: {0: "batch"} for name in [*names, "output"]},
        training=training,
        do_constant_folding=entry.folded,
    )
    model.eval()


def write_entry(folder, name, entry, batch=BATCH):
    torch.manual_seed(zlib.crc32(name.encode()))
    model = entry.build().eval()
    disturb(model)
    if entry.training:
        keep_statistics(model)
    inputs, targets = make_case(entry, batch)
    names = ["images", "timesteps"][: len(inputs)]
    export(entry, model, inputs, folder / f"{name}.onnx", names)
    references = References(model, inputs, targets, entry.folded, entry.denoiser)
    write_references(folder, name, references, names)


def compact(file):
    """Numbers for the names of nodes and of values between them: in a small file they are most of the bytes."""
    model = onnx.load(str(file))
    graph = model.graph
    kept = {entry.name for entry in [*graph.input, *graph.output, *graph.initializer]} | {""}
    numbers = {}
    for node in graph.node:
        node.name = ""
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name not in kept:
                    names[place] = str(numbers.setdefault(name, len(numbers)))
    onnx.save(model, str(file))


def write_fixture(folder, name, entry):
    write_entry(folder, name, entry, FIXTURE_BATCH)
    compact(folder / f"{name}.onnx")


def serve(folder):
    for line in sys.stdin:
        name = line.strip()
        if name == "list":
            print(" ".join(MODELS), flush=True)
        else:
            write_entry(folder, name, MODELS[name])
            print(name, flush=True)


def main(kind, folder, *names):
    warnings.filterwarnings("ignore")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "serve":
        return serve(folder)
    entries, write = {"models": (MODELS, write_entry), "fixtures": (FIXTURES, write_fixture)}[kind]
    for name in names or entries:
        write(folder, name, entries[name])


if __name__ == "__main__":
    main(*sys.argv[1:])
