"""Per-sample gradients in PyTorch, three ways: factors caught by hooks, whole gradients from the factors, and vmap over grad."""

import torch
from torch import nn
from torch.nn import functional


def margins(logits, targets):
    """z_y − log Σ_{c≠y} exp z_c, as src/core/nn/losses.ts."""
    own = (logits * targets).sum(-1)
    others = logits.masked_fill(targets > 0.5, -1e30)
    return own - torch.logsumexp(others, -1)


class Factors:
    """What every layer saw, and the cotangents of what it made. No gradient by any weight is computed."""

    def __init__(self, model, kinds):
        self.layers = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, kinds)]
        self.inputs, self.outputs = {}, {}
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        for name, layer in self.layers:
            layer.register_forward_hook(self._catch(name))

    def _catch(self, name):
        def hook(layer, inputs, output):
            if not output.requires_grad:
                output.requires_grad_()
            self.inputs[name], self.outputs[name] = inputs[0].detach(), output

        return hook

    def collect(self, model, images, targets):
        total = margins(model(images), targets).sum()
        deltas = torch.autograd.grad(total, [self.outputs[name] for name, _ in self.layers])
        return [(layer, self.inputs[name], delta) for (name, layer), delta in zip(self.layers, deltas)]


def factorised(parts, matrices, vectors):
    """P_out · G · P_inᵀ per weight, without forming G: the projection of all patches at once is a convolution. Vectors are folded."""
    features, rest = [], []
    plan = iter(matrices)
    for layer, inputs, delta in parts:
        if isinstance(layer, nn.GroupNorm):
            rest += norm_gradients(layer, inputs, delta)
            continue
        right, left = next(plan)
        if isinstance(layer, nn.Conv2d):
            kernel = right.reshape(-1, *layer.weight.shape[1:])
            activation = functional.conv2d(inputs, kernel, padding=layer.padding).flatten(2)
            features.append((left @ delta.flatten(2)) @ activation.transpose(1, 2))
        else:
            activation = functional.linear(inputs, right)
            features.append((delta @ left.T).unsqueeze(2) * activation.unsqueeze(1))
        if layer.bias is not None:
            rest.append(bias_gradient(delta))
    features = [feature.flatten(1) for feature in features]
    return torch.cat([*features, fold_vectors(rest, *vectors)], 1)


def bias_gradient(delta):
    return delta.sum((2, 3)) if delta.dim() == 4 else delta


def norm_gradients(layer, inputs, delta):
    groups = inputs.reshape(inputs.shape[0], layer.num_groups, -1)
    normal = functional.layer_norm(groups, groups.shape[2:], eps=layer.eps).reshape(inputs.shape)
    return [(delta * normal).sum((2, 3)), delta.sum((2, 3))]


def fold_vectors(gradients, signs, size, offset):
    """All vectors one after another, entry i to bucket (i + offset) mod size."""
    return torch.roll(fold([torch.cat(gradients, 1)], size, [signs]), offset, 1)


def full(parts):
    """Whole per-sample gradients of all parameters, [N, size] each; convolutions as unfold and a batched product."""
    gradients = []
    for layer, inputs, delta in parts:
        if isinstance(layer, nn.Conv2d):
            columns = functional.unfold(inputs, layer.kernel_size, padding=layer.padding)
            gradients.append((delta.flatten(2) @ columns.transpose(1, 2)).flatten(1))
        elif isinstance(layer, nn.Linear):
            gradients.append((delta.unsqueeze(2) * inputs.unsqueeze(1)).flatten(1))
        else:
            gradients += norm_gradients(layer, inputs, delta)
            continue
        if layer.bias is not None:
            gradients.append(bias_gradient(delta))
    return gradients


def fold(gradients, size, signs):
    """A count sketch without scatter: entry i of a parameter goes to bucket i mod size, with a sign."""
    total = 0
    for gradient, sign in zip(gradients, signs):
        samples, count = gradient.shape
        rows = -(-count // size)
        padded = functional.pad(gradient * sign, (0, rows * size - count))
        total = total + padded.reshape(samples, rows, size).sum(1)
    return total


def vmapped(model):
    """(images, targets) → per-sample gradients of all parameters, by functorch."""
    import functorch

    function, parameters = functorch.make_functional(model)

    def output(parameters, image, target):
        return margins(function(parameters, image.unsqueeze(0)), target.unsqueeze(0)).sum()

    mapped = functorch.vmap(functorch.grad(output), in_dims=(None, 0, 0))
    return lambda images, targets: mapped(parameters, images, targets)


def project_full(model, gradients, matrices, vectors):
    """The factorised projection of gradients that were formed whole."""
    features, rest = [], []
    plan = iter(matrices)
    for parameter, gradient in zip(model.parameters(), gradients):
        if parameter.dim() == 1:
            rest.append(gradient)
            continue
        right, left = next(plan)
        features.append((left @ (gradient.flatten(2) @ right.T)).flatten(1))
    return torch.cat([*features, fold_vectors(rest, *vectors)], 1)
