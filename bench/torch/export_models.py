"""
Exports models of random weights to ONNX, with float64 references of their outputs and gradients:

    python3 export_models.py list
    python3 export_models.py models FOLDER [NAME …]
    python3 export_models.py fixtures FOLDER [NAME …]
"""

import pathlib
import sys
import warnings
import zlib

import torch
from torch import nn

from references import References, write_references
from zoo import FIXTURES, MODELS

BATCH = 3


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


def make_case(entry):
    """Images of a quarter's precision hold ties, as real ones do."""
    images = (torch.randn(BATCH, entry.channels, entry.size, entry.size) * 4).round() / 4
    if not entry.denoiser:
        return [images], torch.tensor([1, 0, 2])
    return [images, torch.tensor([1, 400, 900])], torch.randn_like(images)


def export(entry, model, inputs, file, names):
    mode = torch.onnx.TrainingMode
    training = mode.TRAINING if entry.training else mode.EVAL if entry.folded else mode.PRESERVE
    torch.onnx.export(
        model,
        tuple(inputs),
        str(file),
        opset_version=entry.opset,
        input_names=names,
        output_names=["output"],
        dynamic_axes={name: {0: "batch"} for name in [*names, "output"]},
        training=training,
        do_constant_folding=entry.folded,
    )
    model.eval()


def write_entry(folder, name, entry):
    torch.manual_seed(zlib.crc32(name.encode()))
    model = entry.build().eval()
    disturb(model)
    inputs, targets = make_case(entry)
    names = ["images", "timesteps"][: len(inputs)]
    state = {key: value.clone() for key, value in model.state_dict().items()}
    export(entry, model, inputs, folder / f"{name}.onnx", names)
    model.load_state_dict(state)
    references = References(model, inputs, targets, entry.folded, entry.denoiser)
    write_references(folder, name, references, names)


def main(arguments):
    entries = {"models": MODELS, "fixtures": FIXTURES, "list": MODELS}[arguments[0]]
    if arguments[0] == "list":
        print("\n".join(entries))
        return
    folder = pathlib.Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    for name in arguments[2:] or entries:
        write_entry(folder, name, entries[name])


if __name__ == "__main__":
    main(sys.argv[1:])
