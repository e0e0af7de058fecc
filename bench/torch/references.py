"""What a model must give: outputs and gradients in float64, written beside the exported file under the names that the file uses."""

import copy
import json

import numpy
import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F
from torch.fx.experimental.optimization import fuse


def loss_of(outputs, targets, denoiser):
    """Summed over the batch, so that the gradients of the samples add up to the gradient."""
    if denoiser:
        return 0.5 * ((outputs - targets) ** 2).sum()
    return F.cross_entropy(outputs, targets, reduction="sum")


def exact(tensor):
    return tensor.double() if tensor.is_floating_point() else tensor


class References:
    def __init__(self, model, inputs, targets, folded, denoiser):
        model = copy.deepcopy(model).double()
        # What the exporter does to a model in evaluation mode, done in float64.
        self.model = fold_batch_norm(model) if folded else model
        self.inputs = [exact(tensor) for tensor in inputs]
        self.targets = exact(targets)
        self.denoiser = denoiser

    def outputs(self):
        with torch.no_grad():
            return self.model(*self.inputs)

    def gradients(self, samples=slice(None)):
        self.model.zero_grad()
        outputs = self.model(*[tensor[samples] for tensor in self.inputs])
        loss_of(outputs, self.targets[samples], self.denoiser).backward()
        return {
            name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()
            for name, parameter in self.model.named_parameters()
        }


def fold_batch_norm(model):
    try:
        return fuse(model)
    except torch.fx.proxy.TraceError:
        # Models of dynamic control flow: those of this zoo hold no BatchNorm.
        assert not any(isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for module in model.modules())
        return model


def same_numbers(initializer, values):
    if initializer.shape != values.shape:
        return False
    scale = numpy.abs(values).max() if values.size else 0.0
    return bool(numpy.abs(initializer - values).max() <= 1e-5 * max(scale, 1e-30))


def arrangements(values):
    """How an exporter lays a weight out: as it is, or a matrix transposed."""
    yield lambda array: array
    if values.ndim == 2:
        yield lambda array: numpy.swapaxes(array, -1, -2)


def match_parameters(file, parameters):
    """Parameter name → (initializer name, arrangement); by name where the file keeps it, by content where it does not."""
    initializers = {
        entry.name: onnx.numpy_helper.to_array(entry).astype(numpy.float64)
        for entry in onnx.load(str(file)).graph.initializer
        if entry.data_type == onnx.TensorProto.FLOAT
    }
    matches = {}
    for name, values in parameters.items():
        candidates = [name] if name in initializers else []
        candidates += [other for other in initializers if other not in parameters]
        found = find_match(candidates, initializers, values)
        if found is not None:
            matches[name] = found
    return matches


def find_match(candidates, initializers, values):
    for candidate in candidates:
        initializer = initializers[candidate]
        for arrange in arrangements(values):
            if same_numbers(initializer, arrange(values)):
                return candidate, arrange, initializer.shape
        # An exporter that folds a scale per channel adds axes of extent 1.
        squeezed = tuple(extent for extent in initializer.shape if extent != 1)
        if squeezed == values.squeeze().shape and same_numbers(initializer.reshape(squeezed), values.squeeze()):
            return candidate, (lambda array: array), initializer.shape
    return None


class Blob:
    """Numbers one after another as float32, little-endian."""

    def __init__(self):
        self.parts = []
        self.length = 0

    def add(self, array):
        start = self.length
        flat = numpy.ascontiguousarray(array, dtype="<f4").reshape(-1)
        self.parts.append(flat.tobytes())
        self.length += flat.size
        return start


def describe(blob, array, dtype="float32"):
    array = numpy.asarray(array)
    return {"shape": list(array.shape), "dtype": dtype, "offset": blob.add(array)}


def write_references(folder, name, references, input_names):
    blob = Blob()
    whole = references.gradients()
    samples = [references.gradients(slice(i, i + 1)) for i in range(len(references.targets))]
    parameters = {key: value.detach().numpy() for key, value in references.model.named_parameters()}
    matches = match_parameters(folder / f"{name}.onnx", parameters)
    gradients = []
    for parameter, (initializer, arrange, shape) in matches.items():
        per_sample = numpy.stack([arrange(sample[parameter].numpy()) for sample in samples])
        gradients.append({
            "parameter": parameter,
            "initializer": initializer,
            "shape": list(shape),
            "offset": blob.add(arrange(whole[parameter].numpy())),
            "perSampleOffset": blob.add(per_sample),
        })
    document = {
        "inputs": {
            key: describe(blob, tensor, "float32" if tensor.is_floating_point() else "int64")
            for key, tensor in zip(input_names, references.inputs)
        },
        "output": describe(blob, references.outputs()),
        "loss": "squared-error" if references.denoiser else "cross-entropy",
        "targets": describe(blob, references.targets, "float32" if references.denoiser else "int64"),
        "gradients": gradients,
        "unmatched": [parameter for parameter in parameters if parameter not in matches],
    }
    (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / f"{name}.bin").write_bytes(b"".join(blob.parts))
