"""Trains the weights of `tenfold2026` and `cui2017` on one GPU in a few minutes.

1. Two large networks, the teachers, learn CIFAR-10's first 49,000 training images: EfficientNet-Lite2 (Liu, 2020; Apache
   2.0), pretrained on ImageNet, and a residual network from scratch. CIFAR-100's training images and drawn fields have an
   eleventh class, "none" (outlier exposure, Hendrycks et al., 2019). Both networks see copies that are changed in the ways in
   which photographs differ.
2. The teachers answer changed copies. Half of these are changed slightly, half strongly, and some are blended with others. A
   ring buffer on the GPU keeps the newest copies with their answers.
3. The page's networks, the students, learn these answers (Beyer et al., "Knowledge distillation: A good teacher is patient
   and consistent", 2022). For `tenfold2026`, "none" has the logit 0. So the log-sum-exp of the ten logits, by which the page
   doubts, is the logarithm of the odds that the image is one of the ten.

The last 1,000 training images and 2,000 of CIFAR-100's training images are held back to choose with. No test image is read.
Each stage takes the seconds that it is given, and its learning rate falls with the time that has passed.

    python training/train.py --data DIR --strangers DIR/../cifar-100-binary/train.bin --pretrained LITE2.pth --out DIR
"""

import argparse
import copy
import json
import math
import pathlib
import subprocess
import sys
import time

import numpy
import torch
import torch.nn.functional as F

import changes
import measures
from networks import Cui2017, Lite2, Tenfold2026, Wide

NONE = 10
CHOOSING, CHOOSING_STRANGERS = 1000, 2000
START = time.monotonic()


def say(*parts):
    """Prints a line with the seconds since the start."""
    print(f"{time.monotonic() - START:6.1f}s", *parts, flush=True)


def finish(device):
    """Waits until the device has finished its work."""
    if device.type == "cuda":
        torch.cuda.synchronize()


class Clock:
    """The share of a stage's seconds that has passed. It is read only every few steps, because that waits for the GPU."""

    def __init__(self, device, seconds, every=10):
        self.device, self.seconds, self.every = device, max(seconds, 0.01), every
        finish(device)
        self.start, self.steps, self.share, self.pace = time.monotonic(), 0, 0.0, 0.0

    def passed(self):
        """The share, from 0 to 1; a little more with each call."""
        if self.steps % self.every == 0:
            finish(self.device)
            share = (time.monotonic() - self.start) / self.seconds
            self.pace = share / max(self.steps, 1)
            self.share = share
        else:
            self.share += self.pace
        self.steps += 1
        return self.share

    def elapsed(self):
        return time.monotonic() - self.start


class Images:
    """The images on the device, as bytes."""

    def __init__(self, args, device):
        def read(path, head):
            records = numpy.fromfile(path, numpy.uint8).reshape(-1, head + 3072)
            images = torch.from_numpy(records[:, head:].copy()).view(-1, 3, 32, 32).to(device)
            return images, torch.from_numpy(records[:, head - 1].copy()).long().to(device)

        parts = [read(args.data / f"data_batch_{i}.bin", 1) for i in range(1, 6) if (args.data / f"data_batch_{i}.bin").exists()]
        images, labels = (torch.cat(part) for part in zip(*parts))
        self.images, self.labels = images[:-CHOOSING], labels[:-CHOOSING]
        self.choosing, self.choosing_labels = images[-CHOOSING:], labels[-CHOOSING:]
        strangers, _ = read(args.strangers, 2)
        held = min(CHOOSING_STRANGERS, len(strangers) // 4)
        self.strangers, self.choosing_strangers = strangers[:-held], strangers[-held:]
        numbers = self.images.float().div(255)
        self.mean = numbers.mean((0, 2, 3)).tolist()
        self.std = numbers.std((0, 2, 3), correction=0).tolist()
        del numbers
        # Only measured, never learnt from: {"ten": ..., "ten.labels": ...}, cropped as the page crops pictures.
        self.measured = {}
        if args.measured:
            self.measured = {name: torch.from_numpy(value).to(device) for name, value in numpy.load(args.measured).items()}

    def batch(self, n, none_share, change):
        """n changed images and their targets, one of eleven classes. About the share `none_share` has the class "none"."""
        device = self.images.device
        foreign = round(n * none_share)
        drawn, tiled = (round(foreign * share) for share in (0.12, 0.08))
        place = lambda images, count: torch.randint(len(images), (count,), device=device)
        known = place(self.images, n - foreign)
        sources = [
            self.images[known],
            self.strangers[place(self.strangers, foreign - drawn - tiled)],
            self.images[place(self.images, tiled)],
        ]
        images = torch.cat(sources).float()
        if tiled:
            images[-tiled:] = changes.shuffled(images[-tiled:])
        images = change(images)
        images = torch.cat([images, changes.fields(drawn, device)]) if drawn else images
        labels = torch.full((n,), NONE, device=device)
        labels[: n - foreign] = self.labels[known]
        return images, F.one_hot(labels, 11).float()


def either(images):
    """The images, half of them changed slightly, half strongly."""
    half = len(images) // 2
    order = torch.randperm(len(images), device=images.device)
    changed = torch.cat([changes.slightly_changed(images[order[:half]]), changes.strongly_changed(images[order[half:]])])
    return changed[order.argsort()]


class Mean:
    """The running mean of a network's parameters and statistics."""

    def __init__(self, network):
        self.network = copy.deepcopy(network).eval()
        self.steps = 0

    @torch.no_grad()
    def follow(self, network, horizon):
        """Moves the mean towards `network`. It reaches back over about `horizon` calls."""
        self.steps += 1
        share = max(1 / horizon, 2 / (1 + self.steps))
        pairs = zip([*self.network.parameters(), *self.network.buffers()], [*network.parameters(), *network.buffers()])
        floats = [(old, new) for old, new in pairs if old.dtype.is_floating_point]
        torch._foreach_lerp_([old for old, _ in floats], [new for _, new in floats], share)


def rate_at(passed, warm_up=0.04):
    """The share of the highest learning rate. It rises linearly, then falls as a cosine."""
    if passed < warm_up:
        return (passed + 1e-3) / warm_up
    return (1 + math.cos(math.pi * min(1, (passed - warm_up) / (1 - warm_up)))) / 2


def cross_entropy(logits, targets):
    """The mean cross-entropy with target probabilities."""
    return -(targets * logits.log_softmax(1)).sum(1).mean()


def autocast(device):
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


@torch.no_grad()
def logits_of(network, images, size=1000):
    """The network's logits for images in bytes, in full precision."""
    network.eval()
    return torch.cat([network(part.float()).float() for part in images.split(size)])


@torch.no_grad()
def answers_of(networks, images, size=2000):
    """The mean of the teachers' probabilities of eleven classes for changed images."""
    said, is_tuned = [], torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    for part in images.split(size):
        with autocast(images.device):
            said.append(torch.stack([network(shaped(part)).float().softmax(1) for network in networks]).mean(0))
    torch.backends.cudnn.benchmark = is_tuned
    return torch.cat(said)


def shaped(images):
    """Images with a pixel's channels side by side, which suits tensor cores."""
    return images.contiguous(memory_format=torch.channels_last)


def laid_out(network, size, device):
    """EfficientNet-Lite2 in the memory layout in which it trains faster: channels or pixels side by side."""
    paces = {}
    for layout in (torch.channels_last, torch.contiguous_format):
        network.layout = layout
        network.to(memory_format=layout).train()
        images = torch.rand(size, 3, 32, 32, device=device) * 255
        for number in range(6):
            if number == 2:
                finish(device)
                start = time.monotonic()
            with autocast(device):
                loss = network(images).square().mean()
            loss.backward()
        finish(device)
        paces[layout] = 4 * size / (time.monotonic() - start)
    network.zero_grad(set_to_none=True)
    network.layout = max(paces, key=paces.get)
    say("images/s by layout:", {str(layout): round(pace) for layout, pace in paces.items()})
    return network.to(memory_format=network.layout)


def teach(network, images, args, seconds, settings, name):
    """The running mean of a teacher that has learnt for this many seconds."""
    device = images.images.device
    network = network.to(device).to(memory_format=torch.channels_last)
    if isinstance(network, Lite2) and device.type == "cuda":
        kept = copy.deepcopy(network.state_dict())
        network = laid_out(network, settings["batch"], device)
        network.load_state_dict(kept)
    torch.backends.cudnn.benchmark = isinstance(network, Wide)
    mean = Mean(network)
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": settings["decay"]}, {"params": others, "weight_decay": 0}]
    if settings["optimiser"] == "adam":
        optimiser = torch.optim.AdamW(groups, lr=settings["rate"])
    else:
        optimiser = torch.optim.SGD(groups, lr=settings["rate"], momentum=0.9, nesterov=True)
    size = settings["batch"]
    clock, said = Clock(device, seconds), time.monotonic()
    while (passed := clock.passed()) < 1:
        if isinstance(network, Lite2):
            network.side = settings["sides"][passed > 0.4]
        with torch.no_grad():
            inputs, targets = images.batch(size, args.none_share, either)
            inputs, targets, _ = changes.mixed(inputs, targets, 0.4)
        network.train()
        for group in optimiser.param_groups:
            group["lr"] = settings["rate"] * rate_at(passed)
        with autocast(device):
            logits = network(shaped(inputs))
        loss = cross_entropy(logits.float(), targets)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if settings["optimiser"] == "adam":
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        mean.follow(network, settings["horizon"])
        if time.monotonic() - said > 10 or clock.steps == 20:
            said = time.monotonic()
            say(f"{name}: {100 * passed:.0f}%, step {clock.steps}, {size * clock.steps / clock.elapsed():.0f} images/s, loss {loss.item():.3f}")
    mean.network.side = settings.get("sides", [0])[-1]
    network = mean.network
    describe(network, images, name, clock.steps * size / len(images.images) * (1 - args.none_share))
    return network


def describe(network, images, name, epochs):
    """Prints a teacher's accuracy on images from which nothing is learnt."""
    with autocast(images.images.device):
        logits = logits_of(network, images.choosing)
        line = f"right {measures.accuracy(logits[:, :10], images.choosing_labels):.1f}% of choosing"
        strangers = logits_of(network, images.choosing_strangers)
        if "ten" in images.measured:
            line += f", {measures.accuracy(logits_of(network, images.measured['ten'])[:, :10], images.measured['ten.labels']):.1f}% of photographs"
    odds = lambda logits: logits[:, :10].logsumexp(1, keepdim=True) - logits[:, 10:]
    line += f", strangers' AUROC {measures.auroc(odds(logits), odds(strangers)):.1f}"
    say(f"{name} after {epochs:.1f} epochs: {line}")


class Ring:
    """A ring buffer of the newest changed images and the teachers' answers to them."""

    def __init__(self, room, device):
        self.images = torch.empty(room, 3, 32, 32, dtype=torch.uint8, device=device)
        self.answers = torch.empty(room, 11, dtype=torch.float16, device=device)
        self.filled, self.next = 0, 0

    def add(self, images, answers):
        """Adds images and answers. If the buffer is full, they replace the oldest."""
        room = len(self.images)
        place = (torch.arange(len(images), device=images.device) + self.next) % room
        self.images[place] = images.to(torch.uint8)
        self.answers[place] = answers.half()
        self.next = (self.next + len(images)) % room
        self.filled = min(room, self.filled + len(images))

    def draw(self, n, reach):
        """n random images with their answers, half of them mirrored, shifted by up to `reach` pixels."""
        device = self.images.device
        index = torch.randint(self.filled, (n,), device=device)
        line = torch.arange(32, device=device)
        shifts = torch.randint(-reach, reach + 1, (2, n, 1), device=device)
        reflect = lambda place: 31 - (31 - place.abs()).abs()
        rows, columns = reflect(line + shifts[0]), reflect(line + shifts[1])
        columns = torch.where(torch.rand(n, 1, device=device) < 0.5, 31 - columns, columns)
        channels = torch.arange(3, device=device).view(1, 3, 1, 1)
        chosen = self.images[index.view(n, 1, 1, 1), channels, rows.view(n, 1, 32, 1), columns.view(n, 1, 1, 32)]
        return chosen.float(), self.answers[index].float()


class Views:
    """Two ring buffers that the teachers fill: of slightly and of strongly changed images."""

    def __init__(self, images, teachers, args):
        self.images, self.teachers, self.args = images, teachers, args
        device = images.images.device
        self.rings = [Ring(args.room // 2, device) for _ in range(2)]
        self.turn, self.answered, self.seconds = 0, 0, 0.0

    @torch.no_grad()
    def refresh(self, n):
        """Adds n more images, slightly and strongly changed ones in turn."""
        kind, self.turn = self.turn, 1 - self.turn
        change = (changes.slightly_changed, changes.strongly_changed)[kind]
        images, targets = self.images.batch(n, self.args.none_share, change)
        images, targets, is_mixed = changes.mixed(images, targets, self.args.mixed_share[kind])
        answers = answers_of(self.teachers, images)
        # The label has a share in the target if one image is seen alone. That share is larger for strangers, which are known to be none.
        share = torch.where(targets[:, NONE:] > 0.5, self.args.label_share[1], self.args.label_share[0])
        share = torch.where(is_mixed[:, None], 0.0, share)
        self.rings[kind].add(images, share * targets + (1 - share) * answers)
        self.answered += n

    def draw(self, n, strong_share):
        """n images and answers. The share `strong_share` of them is strongly changed."""
        strong = round(n * strong_share)
        parts = [self.rings[0].draw(n - strong, 2), self.rings[1].draw(strong, 2)]
        return tuple(torch.cat(part) for part in zip(*parts))


def orthogonal(updates):
    """Approximately the nearest matrix with orthogonal rows of length 1 (Jordan et al., "Muon", 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = updates.bfloat16()
    x = x / (x.norm() + 1e-7)
    is_tall = x.shape[0] > x.shape[1]
    x = x.T if is_tall else x
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if is_tall else x).float()


class Muon:
    """Muon for the convolutions, whose weights keep their length. Nesterov momentum for the other parameters."""

    def __init__(self, network, rate, momentum=0.9):
        self.filters = [p for p in network.parameters() if p.ndim == 4]
        self.rate, self.momentum = rate, momentum
        self.velocity = [torch.zeros_like(p) for p in self.filters]
        others = [p for p in network.parameters() if p.ndim != 4]
        self.others = torch.optim.SGD(others, lr=0.1, momentum=momentum, nesterov=True)
        self.highest = 0.05

    @torch.no_grad()
    def step(self, share):
        for p, v in zip(self.filters, self.velocity):
            v.mul_(self.momentum).add_(p.grad)
            update = orthogonal((p.grad + self.momentum * v).flatten(1)).view_as(p)
            length = len(p) ** 0.5
            p.mul_(length / p.norm()).add_(update, alpha=-self.rate * share)
        for group in self.others.param_groups:
            group["lr"] = self.highest * share
        self.others.step()


class Momentum:
    """Nesterov momentum with weight decay for the matrices."""

    def __init__(self, network, rate, decay):
        filters = [p for p in network.parameters() if p.ndim == 4]
        matrices = [p for p in network.parameters() if p.ndim == 2]
        others = [p for p in network.parameters() if p.ndim == 1]
        groups = [
            {"params": filters, "weight_decay": decay, "highest": rate},
            {"params": matrices, "weight_decay": decay, "highest": rate / 4},
            {"params": others, "weight_decay": 0, "highest": rate / 4},
        ]
        self.optimiser = torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)

    def step(self, share):
        for group in self.optimiser.param_groups:
            group["lr"] = group["highest"] * share
        self.optimiser.step()


class Adam:
    """AdamW for all parameters."""

    def __init__(self, network, rate, decay):
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim == 1]
        groups = [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0}]
        self.rate, self.optimiser = rate, torch.optim.AdamW(groups, lr=rate)

    def step(self, share):
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * share
        self.optimiser.step()


def tenfold_loss(network, inputs, targets):
    """The cross-entropy over eleven classes, in which "none" has the logit 0."""
    logits = network(inputs)
    return cross_entropy(torch.cat([logits, torch.zeros_like(logits[:, :1])], 1), targets)


def cui_loss(network, inputs, targets):
    """The cross-entropy over the ten classes, weighted with the probability that the image is one of them."""
    known = targets[:, :NONE]
    return -(known * network(inputs).log_softmax(1)).sum() / known.sum()


@torch.no_grad()
def renewed(network, views, strong_share, count, size=1000):
    """A copy with new running statistics from `count` drawn images, layer by layer, each behind the new ones before it."""
    network = copy.deepcopy(network).eval()
    size = min(size, count)
    drawn = [views.draw(size, strong_share)[0] for _ in range(count // size)]
    stem = network.blocks
    # The inputs of each block would take too much memory, so the images pass through all earlier blocks again.
    for number in range(len(stem)):
        sums = 0
        for part in drawn:
            x = F.conv2d(network.normalised(part), network.whiten)
            x = shaped(F.gelu(x + network.whiten_shift.view(1, -1, 1, 1), approximate="tanh"))
            with autocast(part.device):
                for block in stem[:number]:
                    x = block(x)
                x = F.conv2d(x, stem[number].weight, padding=1)
            x = (F.max_pool2d(x, 2) if stem[number].is_pooled else x).double()
            sums = sums + torch.stack([x.mean((0, 2, 3)), x.square().mean((0, 2, 3))])
        mean, square = sums / len(drawn)
        stem[number].mean.copy_(mean)
        stem[number].variance.copy_(square - mean.square())
    return network


def measured(network, images):
    """All figures of a network on the images that are held back. No test image is used."""
    logits = logits_of(network, images.choosing)
    labels = images.choosing_labels
    least, temperature = measures.least_log_sum_exp(logits), measures.fit_temperature(logits, labels)
    strangers = logits_of(network, images.choosing_strangers)
    found = {
        "choosing": measures.accuracy(logits, labels),
        "loss": F.cross_entropy(logits / temperature, labels).item(),
        "temperature": temperature,
        "expected_error": measures.expected_error(logits, labels, temperature),
        "strangers_auroc": measures.auroc(logits, strangers),
        "strangers_doubted": measures.doubted(strangers, least),
    }
    for name in ("ten", "scenes"):
        if name in images.measured:
            logits = logits_of(network, images.measured[name])
            found[f"{name}_right"] = measures.accuracy(logits, images.measured[f"{name}.labels"])
            found[f"{name}_doubted"] = measures.doubted(logits, least)
    if "strangers" in images.measured:
        found["photo_strangers_doubted"] = measures.doubted(logits_of(network, images.measured["strangers"]), least)
    return {name: round(value, 4) for name, value in found.items()}


def compiled(loss, network, make_inputs, device, seconds):
    """The loss as a function of a batch, compiled if that is faster on this device."""
    plain = lambda inputs, targets: loss(network, inputs, targets)
    if seconds <= 0 or device.type != "cuda":
        return plain

    def pace(step, times=12):
        inputs, targets = make_inputs()
        for number in range(times + 3):
            if number == 3:
                finish(device)
                start = time.monotonic()
            with autocast(device):
                value = step(inputs, targets)
            value.backward()
        finish(device)
        network.zero_grad(set_to_none=True)
        return len(inputs) * times / (time.monotonic() - start)

    before = copy.deepcopy(network.state_dict())
    try:
        begun = time.monotonic()
        slow = pace(plain)
        fast_loss = torch.compile(loss, dynamic=False)
        fast = lambda inputs, targets: fast_loss(network, inputs, targets)
        quick = pace(fast)
        say(f"compiled in {time.monotonic() - begun:.1f}s: {quick:.0f} images/s forward and back, {slow:.0f} without")
        chosen = fast if quick > slow else plain
    except Exception as error:  # whatever fails in the compiler, the network can do without it
        say(f"not compiled: {type(error).__name__}: {str(error)[:300]}")
        chosen = plain
    network.load_state_dict(before)
    network.zero_grad(set_to_none=True)
    return chosen


def learn(network, loss, optimiser, views, args, seconds, name, strong, save):
    """The running mean of a network that has learnt the teachers' answers for this many seconds."""
    device = views.images.images.device
    size = args.batch
    torch.backends.cudnn.benchmark = True
    step_loss = compiled(loss, network, lambda: views.draw(size, 0.5), device, args.compile)
    mean = Mean(network)
    clock, said, kept = Clock(device, seconds, 20), time.monotonic(), time.monotonic()
    answering = 0.0
    while (passed := clock.passed()) < 1:
        # The teachers use their share of the time to answer new images.
        if clock.steps % clock.every == 1 and args.answer_share > 0 and passed < 0.93:
            while answering < args.answer_share * clock.elapsed():
                begun = time.monotonic()
                views.refresh(args.refresh)
                finish(device)
                answering += time.monotonic() - begun
        with torch.no_grad():
            first, last = strong
            share = first if passed < 0.75 else first + (last - first) * min(1, (passed - 0.75) / 0.1)
            inputs, targets = views.draw(size, share)
        network.train()
        with autocast(device):
            value = step_loss(inputs, targets)
        for p in network.parameters():
            p.grad = None
        value.backward()
        optimiser.step(rate_at(passed))
        if clock.steps % 4 == 0:
            mean.follow(network, max(20, 0.01 / max(clock.pace, 1e-9) / 4))
        if time.monotonic() - said > 10 or clock.steps == 40:
            said = time.monotonic()
            speed = size * clock.steps / clock.elapsed()
            say(f"{name}: {100 * passed:.0f}%, step {clock.steps}, {speed:.0f} images/s, {views.answered} answered, loss {value.item():.4f}")
        if time.monotonic() - kept > args.save_every:
            kept = time.monotonic()
            torch.backends.cudnn.benchmark = False
            save(mean.network, passed)
            torch.backends.cudnn.benchmark = True
    seen = clock.steps * size
    say(f"{name}: {clock.steps} steps of {size}, {seen / 1e6:.1f} million images, {seen / len(views.images.images):.0f} epochs, answering {answering:.0f}s")
    torch.backends.cudnn.benchmark = False
    return mean.network


def train_tenfold(spec, views, images, args, results):
    """Trains a student. `spec` is optimiser:rate:seconds:widths, such as muon:0.08:120:128-256-288."""
    kind, rate, seconds, widths = (spec.split(":") + ["128-256-288"])[:4]
    device = images.images.device
    network = Tenfold2026(images.mean, images.std, [int(w) for w in widths.split("-")], args.short)
    if args.start:
        from safetensors.torch import load_file

        network.take(load_file(args.start))
    network = network.to(device).to(memory_format=torch.channels_last)
    rate = float(rate)
    optimiser = Muon(network, rate) if kind == "muon" else Momentum(network, rate, args.decay)
    name = spec.replace(":", "-")

    def save(mean, passed):
        best = None
        for share in (0.0, 0.3):
            kept = renewed(mean, views, share, args.renew)
            figures = measured(kept, images)
            if best is None or figures["loss"] < best[1]["loss"]:
                best = kept, figures, share
        kept, figures, share = best
        stored = measures.quantised(kept.tensors())
        rounded = measured(copy.deepcopy(kept).take({n: t.to(device) for n, t in stored.items()}), images)
        say(f"{name} at {100 * passed:.0f}%, statistics of {share}: {json.dumps(figures)}; after rounding {json.dumps(rounded)}")
        results["tenfold2026"][name] = {"passed": round(passed, 3), "exact": figures, "rounded": rounded}
        finals = [entry["rounded"]["loss"] for entry in results["tenfold2026"].values()]
        path = args.out / f"tenfold2026-{name}.safetensors"
        # With more than two students, only the best one is written.
        if figures is not None and (rounded["loss"] <= min(finals) or len(args.students) <= 2):
            if len(args.students) > 2:
                path = args.out / "tenfold2026.safetensors"
            measures.write_weights(path, "tenfold2026", kept.tensors(), images.mean, images.std)
        write_results(args, results)

    mean = learn(network, tenfold_loss, optimiser, views, args, float(seconds), name, args.strong, save)
    save(mean, 1.0)


def train_cui(spec, views, images, args, results, is_best):
    """Trains a student. `spec` is rate:decay:dropout:dropout:seconds, such as 0.001:0.01:0.3:0.3:30."""
    rate, decay, features, hidden, seconds = (float(part) for part in spec.split(":"))
    device = images.images.device
    network = Cui2017(images.mean, images.std, (features, hidden), args.short).to(device)
    name = spec.replace(":", "-")

    def save(mean, passed):
        figures = measured(mean, images)
        stored = measures.quantised(mean.tensors())
        rounded = measured(copy.deepcopy(mean).take({n: t.to(device) for n, t in stored.items()}), images)
        say(f"cui2017 {name} at {100 * passed:.0f}%: {json.dumps(figures)}; after rounding {json.dumps(rounded)}")
        results["cui2017"][name] = {"passed": round(passed, 3), "exact": figures, "rounded": rounded}
        if rounded["loss"] <= min(entry["rounded"]["loss"] for entry in results["cui2017"].values()):
            path = args.out / "cui2017.safetensors"
            measures.write_weights(path, "cui2017", mean.tensors(), images.mean, images.std, ["hidden.weight"])
        write_results(args, results)

    mean = learn(network, cui_loss, Adam(network, rate, decay), views, args, seconds, f"cui2017 {name}", args.cui_strong, save)
    save(mean, 1.0)


def write_results(args, results):
    text = json.dumps(results, indent=1, default=str)
    (args.out / "results.json").write_text(text + "\n")


def warm(args, device):
    """Compiles the student in a separate process, so that the result is in the compiler's cache when it is needed."""
    widths = [int(w) for w in args.warm.split("-")]
    network = Tenfold2026([0.5] * 3, [0.25] * 3, widths, args.short).to(device).to(memory_format=torch.channels_last).train()
    targets = torch.full((args.batch, 11), 1 / 11, device=device)
    inputs = lambda: (torch.rand(args.batch, 3, 32, 32, device=device) * 255, targets)
    compiled(tenfold_loss, network, inputs, device, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of CIFAR-10's binary batches")
    parser.add_argument("--strangers", type=pathlib.Path, help="CIFAR-100's train.bin")
    parser.add_argument("--pretrained", type=pathlib.Path, help="EfficientNet-Lite2's weights for ImageNet")
    parser.add_argument("--measured", type=pathlib.Path, help=".npz file of pictures that are only measured")
    parser.add_argument("--teachers", type=pathlib.Path, help="folder with the teachers of an earlier run: lite2.pt, wide.pt")
    parser.add_argument("--start", type=pathlib.Path, help="weights of tenfold2026 to start the students from")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--lite", type=float, default=90, help="seconds for EfficientNet-Lite2; above 0 they continue the one of --teachers")
    parser.add_argument("--wide", type=float, default=70, help="seconds for the residual network")
    parser.add_argument("--students", nargs="*", default=["muon:0.06:200"], help="optimiser:rate:seconds[:widths]")
    parser.add_argument("--cui", nargs="*", default=["0.001:0.02:0.3:0.3:40"], help="rate:decay:dropouts:seconds")
    parser.add_argument("--minutes", type=float, default=8, help="limit for all stages together; their seconds are shortened to fit")
    parser.add_argument("--none-share", type=float, default=0.22, help="share of the images that are strangers")
    parser.add_argument("--mixed-share", type=float, nargs=2, default=[0.25, 0.35], help="share of mixed images, of the slightly and of the strongly changed")
    parser.add_argument("--label-share", type=float, nargs=2, default=[0.15, 0.5], help="share of the label in a target, for the ten and for strangers")
    parser.add_argument("--answer-share", type=float, default=0.2, help="share of a student's time in which the teachers answer")
    parser.add_argument("--first-answers", type=int, default=240_000, help="number of answers before a student begins")
    parser.add_argument("--strong", type=float, nargs=2, default=[0.5, 0.3], help="share of strongly changed images, at first and at the end")
    parser.add_argument("--cui-strong", type=float, nargs=2, default=[0.15, 0.0])
    parser.add_argument("--room", type=int, default=1_300_000, help="number of answers that are kept")
    parser.add_argument("--refresh", type=int, default=4000, help="images that the teachers answer at a time")
    parser.add_argument("--batch", type=int, default=768)
    parser.add_argument("--decay", type=float, default=5e-4)
    parser.add_argument("--sides", type=int, nargs=2, default=[96, 128], help="sides of EfficientNet-Lite2's images, in pixels: at first, then at the end")
    parser.add_argument("--lite-batch", type=int, default=256)
    parser.add_argument("--wide-batch", type=int, default=512)
    parser.add_argument("--lite-rate", type=float, default=1e-3)
    parser.add_argument("--compile", type=float, default=1, help="0 to compile nothing")
    parser.add_argument("--renew", type=int, default=30_000, help="number of images for the running statistics")
    parser.add_argument("--save-every", type=float, default=45)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--warm", help=argparse.SUPPRESS)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.short = torch.bfloat16 if device.type == "cuda" else torch.float32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    if args.warm:
        return warm(args, device)
    args.out.mkdir(parents=True, exist_ok=True)
    if device.type == "cuda" and args.compile and args.students:
        widths = (args.students[0].split(":") + ["128-256-288"])[3]
        line = [sys.executable, __file__, "--out", str(args.out), "--warm", widths, "--batch", str(args.batch)]
        subprocess.Popen(line)
    images = Images(args, device)
    say(f"{device}, torch {torch.__version__}: {len(images.images)} images, {len(images.strangers)} strangers, mean {images.mean}, std {images.std}")
    results = {"settings": vars(args), "images": len(images.images), "tenfold2026": {}, "cui2017": {}}

    # The stages are shortened to fit in the given time.
    spent = time.monotonic() - START
    stages = args.lite + args.wide + sum(float(s.split(":")[2]) for s in args.students) + sum(float(s.split(":")[4]) for s in args.cui)
    factor = min(1, (60 * args.minutes - spent - 25) / max(stages, 1))
    if factor <= 0:
        raise SystemExit("too few minutes")
    say(f"stages of {stages:.0f}s in all, times {factor:.2f}")
    shorter = lambda spec, place: ":".join(
        f"{float(part) * factor:.0f}" if at == place else part for at, part in enumerate(spec.split(":"))
    )
    args.students, args.cui = [shorter(s, 2) for s in args.students], [shorter(s, 4) for s in args.cui]

    teachers = []
    lite = Lite2()
    kept = args.teachers / "lite2.pt" if args.teachers else None
    if kept and kept.exists():
        lite.load_state_dict({name: value.float() for name, value in torch.load(kept, map_location="cpu").items()})
    elif args.pretrained:
        lite.take_pretrained(torch.load(args.pretrained, map_location="cpu"))
    lite.side = args.sides[-1]
    wide = Wide(images.mean, images.std)
    for name, network, seconds, settings in (
        ("lite2", lite, args.lite, {"optimiser": "adam", "rate": args.lite_rate, "decay": 2e-2, "batch": args.lite_batch, "sides": args.sides, "horizon": 200}),
        ("wide", wide, args.wide, {"optimiser": "momentum", "rate": 0.4, "decay": 5e-4, "batch": args.wide_batch, "horizon": 200}),
    ):
        kept = args.teachers / f"{name}.pt" if args.teachers else None
        is_kept = kept is not None and kept.exists()
        if is_kept and name == "wide":
            network.load_state_dict({n: value.float() for n, value in torch.load(kept, map_location="cpu").items()})
        if seconds > 0:
            network = teach(network, images, args, seconds * factor, settings, name)
            short = {n: v.half() if v.dtype.is_floating_point else v for n, v in network.state_dict().items()}
            torch.save(short, args.out / f"{name}.pt")
        elif is_kept:
            network = network.to(device).to(memory_format=torch.channels_last).eval()
            describe(network, images, name, 0)
        else:
            continue
        teachers.append(network.eval())
    if not teachers:
        raise SystemExit("no teacher: name --teachers or give --lite or --wide seconds")
    views = Views(images, teachers, args)
    begun = time.monotonic()
    while views.answered < args.first_answers:
        views.refresh(args.refresh)
    finish(device)
    say(f"{views.answered} first answers in {time.monotonic() - begun:.1f}s")
    if device.type == "cuda":
        say(f"memory at most {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    for spec in args.students:
        train_tenfold(spec, views, images, args, results)
    for spec in args.cui:
        train_cui(spec, views, images, args, results, True)
    write_results(args, results)
    say("done")


if __name__ == "__main__":
    main()
