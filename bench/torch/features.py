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


def factorised(parts, matrices):
    """P_out · [G | g_b] · P_inᵀ per layer, without forming G: the projection of all patches at once is a convolution."""
    features = []
    for (layer, inputs, delta), (weight, bias, out) in zip(parts, matrices):
        if isinstance(layer, nn.Conv2d):
            kernel = weight.reshape(-1, *layer.weight.shape[1:])
            activation = functional.conv2d(inputs, kernel, bias, padding=layer.padding).flatten(2)
            features.append((out @ delta.flatten(2)) @ activation.transpose(1, 2))
        else:
            activation = functional.linear(inputs, weight, bias)
            features.append((delta @ out.T).unsqueeze(2) * activation.unsqueeze(1))
    return torch.cat([feature.flatten(1) for feature in features], 1)


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
            groups = inputs.reshape(inputs.shape[0], layer.num_groups, -1)
            normal = functional.layer_norm(groups, groups.shape[2:], eps=layer.eps).reshape(inputs.shape)
            gradients.append((delta * normal).sum((2, 3)))
        if layer.bias is not None:
            gradients.append(delta.sum((2, 3)) if delta.dim() == 4 else delta)
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


def project_full(model, gradients, matrices):
    """The factorised projection of gradients that were formed whole."""
    pending = iter(gradients)
    features = []
    plan = iter(matrices)
    for layer in (layer for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear, nn.GroupNorm))):
        gradient = next(pending)
        bias_gradient = next(pending) if layer.bias is not None else None
        if isinstance(layer, nn.GroupNorm):
            continue
        weight, bias, out = next(plan)
        right = gradient.flatten(2) @ weight.flatten(1).T
        if bias is not None:
            right = right + bias_gradient.unsqueeze(2) * bias
        features.append((out @ right).flatten(1))
    return torch.cat(features, 1)
