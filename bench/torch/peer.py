"""The same work in PyTorch. Its argument is a task (JSON); then it answers each line it reads with one line.

run STEPS     seconds that the steps took, and the processor seconds they used
result FILE   writes what one step from the initial state gives, as float32
memory        the process's peak, in MB
about         versions and threads, JSON
"""

import json
import os
import resource
import sys
import time

task = json.loads(sys.argv[1])
# Read when the library is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = str(task["threads"])

import numpy
import torch
from torch import nn
from torch.nn import functional

import features
import models

torch.set_num_threads(task["threads"])
torch.manual_seed(0)


def tensor(name):
    entry = task["tensors"][name]
    values = numpy.fromfile(entry["file"], dtype=numpy.float32)
    return torch.from_numpy(values).reshape(entry["shape"])


def in_layout(value):
    last = task["layout"] == "channels_last"
    return value.to(memory_format=torch.channels_last) if last and value.dim() == 4 else value


def build_model():
    model = models.build(task["architecture"], *task["image"])
    models.load(model, tensor("parameters"))
    return model.to(memory_format=torch.channels_last) if task["layout"] == "channels_last" else model


def flat(values):
    return torch.cat([value.reshape(-1) for value in values])


def training():
    """One step; the result is the optimiser's first state vector: the decayed gradient, or Adam's first moment."""
    model = build_model()
    images, targets = in_layout(tensor("images")), tensor("targets")
    if task["architecture"] == "unet":
        time_features = tensor("time")
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0)
        state = "exp_avg"
    else:
        labels = targets.argmax(1)
        sgd = task["sgd"]
        optimizer = torch.optim.SGD(
            model.parameters(), lr=sgd["learningRate"], momentum=sgd["momentum"], weight_decay=sgd["weightDecay"]
        )
        state = "momentum_buffer"

    def step():
        optimizer.zero_grad(set_to_none=True)
        if task["architecture"] == "unet":
            loss = functional.mse_loss(model(images, time_features), targets)
        else:
            loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def result():
        step()
        return flat(optimizer.state[parameter][state] for parameter in model.parameters())

    return step, result


def embedding():
    model = build_model().eval()
    body = model[:-1]
    images = in_layout(tensor("images"))

    def step():
        with torch.inference_mode():
            return model[-1](body(images))

    def result():
        with torch.inference_mode():
            return body(images)

    return step, result


def projection_of():
    matrices = [(tensor(f"input{index}"), tensor(f"output{index}")) for index in range(task["layers"])]
    return matrices, (tensor("vectorSigns"), task["vectors"]["size"], task["vectors"]["offset"])


def per_sample():
    model = build_model()
    images, targets = in_layout(tensor("images")), tensor("targets")
    route, work = task["route"], task["work"]
    projection = projection_of() if work == "factorised" else ()
    size = task["size"]
    signs = [torch.randint(0, 2, (p.numel(),)).float() * 2 - 1 for p in model.parameters()]

    if route == "vmap":
        gradients_of = features.vmapped(model)

        def step():
            gradients = gradients_of(images, targets)
            if work == "factorised":
                return features.project_full(model, gradients, *projection)
            whole = [gradient.flatten(1) for gradient in gradients]
            return whole if work == "none" else features.fold(whole, size, signs)

    else:
        factors = features.Factors(model, (nn.Conv2d, nn.Linear, nn.GroupNorm))

        def step():
            parts = factors.collect(model, images, targets)
            if work == "backward":
                return [delta.sum() for _, _, delta in parts]
            if work == "factorised":
                return features.factorised(parts, *projection)
            whole = features.full(parts)
            return whole if work == "none" else features.fold(whole, size, signs)

    def result():
        found = step()
        return torch.cat(found, 1) if isinstance(found, list) else found

    return step, result


WORK = {"training": training, "embedding": embedding}
step, result = WORK.get(task["work"], per_sample)()


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def blas():
    with open("/proc/self/maps") as maps:
        files = {os.path.basename(os.path.realpath(line.split()[-1])) for line in maps if "blas" in line}
    return sorted(files)


for line in sys.stdin:
    command, *words = line.split()
    if command == "run":
        start, used = time.perf_counter(), processor_seconds()
        for _ in range(int(words[0])):
            step()
        print(time.perf_counter() - start, processor_seconds() - used, flush=True)
    elif command == "result":
        result().detach().to(torch.float32).contiguous().numpy().tofile(words[0])
        print("written", flush=True)
    elif command == "memory":
        print(peak_memory(), flush=True)
    elif command == "about":
        about = {"torch": torch.__version__, "threads": torch.get_num_threads(), "blas": blas()}
        print(json.dumps(about), flush=True)
