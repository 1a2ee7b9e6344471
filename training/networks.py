"""The page's two networks in PyTorch, and the two larger ones that teach them.

Each takes images as floats from 0 to 255, [n, 3, 32, 32], and normalises them itself.
"""

import math
import pathlib
import re

import torch
import torch.nn.functional as F
from torch import nn

# Added to variances, as in src/layers/batch_norm.
EPSILON = 1e-5
WHITENING = pathlib.Path(__file__).parents[1] / "src/layers/whitening/directions.rs"


class Normalised(nn.Module):
    """A network that first normalises its images, channel by channel."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def normalised(self, images):
        return (images / 255 - self.mean) / self.std


class Block(nn.Module):
    """A 3x3 convolution, a 2x2 max pool if `is_pooled`, batch normalisation with a shift and no scale, GELU."""

    def __init__(self, inputs, outputs, is_pooled):
        super().__init__()
        # As in airbench94, the first filters begin as the identity.
        weight = torch.empty(outputs, inputs, 3, 3).uniform_(-1, 1) / math.sqrt(9 * inputs)
        nn.init.dirac_(weight[: min(inputs, outputs)])
        self.weight = nn.Parameter(weight)
        self.shift = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("mean", torch.zeros(outputs))
        self.register_buffer("variance", torch.ones(outputs))
        self.is_pooled = is_pooled

    def forward(self, x):
        x = F.conv2d(x, self.weight.to(x.dtype), padding=1)
        if self.is_pooled:
            x = F.max_pool2d(x, 2)
        x = F.batch_norm(x, self.mean, self.variance, None, self.shift, self.training, 0.1, EPSILON)
        return F.gelu(x, approximate="tanh")


class Tenfold2026(Normalised):
    """The network of src/spec/tenfold2026.rs: [n, 3, 32, 32] images -> [n, 10] logits."""

    def __init__(self, mean, std, widths=(128, 256, 288), short=torch.float32):
        super().__init__(mean, std)
        table = WHITENING.read_text().split("WHITENING", 1)[1].split("=", 1)[1]
        directions = torch.tensor([float(value) for value in re.findall(r"-?\d+\.\d+", table)]).view(12, 2, 2, 3)
        self.register_buffer("whiten", torch.cat([directions, -directions]).permute(0, 3, 1, 2).contiguous())
        self.whiten_shift = nn.Parameter(torch.zeros(24))
        first, second, third = widths
        channels = [24, first, first, second, second, third, third]
        self.blocks = nn.ModuleList(Block(channels[i], channels[i + 1], i % 2 == 0) for i in range(6))
        self.output = nn.Linear(third, 10)
        nn.init.uniform_(self.output.weight, -1 / math.sqrt(third) / 9, 1 / math.sqrt(third) / 9)
        nn.init.zeros_(self.output.bias)
        # The number type of the convolutions in training.
        self.short = short

    def forward(self, images):
        # Not in 16 bits: the weakest directions are multiplied by up to 8, and bfloat16 has 8 bits of precision.
        x = F.conv2d(self.normalised(images), self.whiten)
        x = F.gelu(x + self.whiten_shift.view(1, -1, 1, 1), approximate="tanh")
        x = x.to(self.short if self.training else torch.float32).contiguous(memory_format=torch.channels_last)
        for block in self.blocks:
            x = block(x)
        return F.linear(x.float().amax((2, 3)), self.output.weight, self.output.bias)

    def tensors(self):
        """The parameters under the names and in the layouts of the page's files."""
        kept = {"whiten.weight": self.whiten.permute(2, 3, 1, 0), "whiten.shift": self.whiten_shift}
        for number, block in enumerate(self.blocks, 1):
            kept[f"conv{number}.weight"] = block.weight.permute(2, 3, 1, 0)
            kept[f"conv{number}.shift"] = block.shift
            kept[f"conv{number}.statistics"] = torch.stack([block.mean, block.variance])
        kept |= {"output.weight": self.output.weight.t(), "output.bias": self.output.bias}
        return {name: tensor.detach().float().cpu().contiguous() for name, tensor in kept.items()}

    @torch.no_grad()
    def take(self, tensors):
        """Takes the parameters that `tensors` returned."""
        self.whiten.copy_(tensors["whiten.weight"].permute(3, 2, 0, 1))
        self.whiten_shift.copy_(tensors["whiten.shift"])
        for number, block in enumerate(self.blocks, 1):
            block.weight.copy_(tensors[f"conv{number}.weight"].permute(3, 2, 0, 1))
            block.shift.copy_(tensors[f"conv{number}.shift"])
            block.mean.copy_(tensors[f"conv{number}.statistics"][0])
            block.variance.copy_(tensors[f"conv{number}.statistics"][1])
        self.output.weight.copy_(tensors["output.weight"].t())
        self.output.bias.copy_(tensors["output.bias"])
        return self


class Cui2017(Normalised):
    """The network of src/spec/cui2017.rs: [n, 3, 32, 32] images -> [n, 10] logits."""

    def __init__(self, mean, std, dropouts=(0.5, 0.5), short=torch.float32):
        super().__init__(mean, std)
        self.conv, self.hidden, self.output = nn.Conv2d(3, 18, 4), nn.Linear(18 * 32 * 32, 384), nn.Linear(384, 10)
        for layer in (self.conv, self.hidden, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.dropouts = dropouts
        self.short = short

    def forward(self, images):
        features, hidden = self.dropouts
        layer = lambda f, x, part, **rest: f(x, part.weight.to(x.dtype), part.bias.to(x.dtype), **rest)
        x = F.pad(self.normalised(images).to(self.short if self.training else torch.float32), (1, 2, 1, 2))
        x = F.relu(layer(F.conv2d, x, self.conv))
        # ReLU's outputs are at least 0, so padding with zeros changes no maximum. The 8x8 pool is separable.
        x = F.pad(x, (3, 4, 3, 4))
        x = F.max_pool2d(F.max_pool2d(x, (1, 8), stride=1), (8, 1), stride=1).flatten(1)
        x = F.relu(layer(F.linear, F.dropout(x, features, self.training), self.hidden))
        return layer(F.linear, F.dropout(x, hidden, self.training), self.output).float()

    def tensors(self):
        """The parameters under the names and in the layouts of the page's files."""
        kept = {"conv.weight": self.conv.weight, "conv.bias": self.conv.bias}
        kept |= {"hidden.weight": self.hidden.weight.t(), "hidden.bias": self.hidden.bias}
        kept |= {"output.weight": self.output.weight.t(), "output.bias": self.output.bias}
        return {name: tensor.detach().float().cpu().contiguous() for name, tensor in kept.items()}

    @torch.no_grad()
    def take(self, tensors):
        """Takes the parameters that `tensors` returned."""
        self.conv.weight.copy_(tensors["conv.weight"])
        self.hidden.weight.copy_(tensors["hidden.weight"].t())
        self.output.weight.copy_(tensors["output.weight"].t())
        for name in ("conv", "hidden", "output"):
            getattr(self, name).bias.copy_(tensors[f"{name}.bias"])
        return self


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding: if the sum is odd, the end gets one more."""

    def forward(self, x):
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:
            return F.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        side = x.shape[-1]
        total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        x = F.pad(x, (total // 2, total - total // 2) * 2)
        return F.conv2d(x, self.weight, self.bias, stride, 0, 1, self.groups)


class MobileBlock(nn.Module):
    """An inverted bottleneck of EfficientNet-Lite (Liu, 2020), with the names of efficientnet_lite_pytorch."""

    def __init__(self, inputs, outputs, expansion, kernel, stride):
        super().__init__()
        wide = inputs * expansion
        norm = lambda channels: nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
        self.is_expanded, self.is_added = expansion > 1, stride == 1 and inputs == outputs
        if self.is_expanded:
            self._expand_conv, self._bn0 = SameConv(inputs, wide, 1, bias=False), norm(wide)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = norm(wide)
        self._project_conv, self._bn2 = SameConv(wide, outputs, 1, bias=False), norm(outputs)

    def forward(self, x, drop=0.0):
        y = x
        if self.is_expanded:
            y = F.relu6(self._bn0(self._expand_conv(y)))
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        if not self.is_added:
            return y
        if self.training and drop > 0:
            kept = (torch.rand(len(y), 1, 1, 1, device=y.device) >= drop).to(y.dtype) / (1 - drop)
            y = y * kept
        return x + y


class Lite2(nn.Module):
    """EfficientNet-Lite2 for eleven classes, the ten and "none". It enlarges the images to `side` pixels."""

    # Expansion, kernel, stride, outputs and repeats of each stage: Lite0's with 1.1 times the width and 1.2 times the depth.
    STAGES = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 3), (6, 5, 2, 48, 3), (6, 3, 2, 88, 4), (6, 5, 1, 120, 4), (6, 5, 2, 208, 5),
              (6, 3, 1, 352, 1)]

    def __init__(self, side=128):
        super().__init__()
        self._conv_stem, self._bn0 = SameConv(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)
        blocks, inputs = [], 32
        for expansion, kernel, stride, outputs, repeats in self.STAGES:
            for repeat in range(repeats):
                blocks.append(MobileBlock(inputs, outputs, expansion, kernel, stride if repeat == 0 else 1))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = SameConv(inputs, 1280, 1, bias=False), nn.BatchNorm2d(1280, eps=1e-3, momentum=0.01)
        self._fc = nn.Linear(1280, 11)
        nn.init.zeros_(self._fc.bias)
        self.side = side
        self.layout = torch.channels_last

    def take_pretrained(self, stored):
        """Takes the weights for ImageNet, except for the last layer's."""
        stored = {name: value.float() for name, value in stored.items() if not name.startswith("_fc.")}
        missing, unexpected = self.load_state_dict(stored, strict=False)
        assert not unexpected and all(name.startswith("_fc.") for name in missing), (missing, unexpected)

    def forward(self, images):
        x = (images - 127) / 128
        x = F.interpolate(x, (self.side, self.side), mode="bicubic", align_corners=False)
        x = F.relu6(self._bn0(self._conv_stem(x.contiguous(memory_format=self.layout))))
        for number, block in enumerate(self._blocks):
            x = block(x, 0.1 * number / len(self._blocks))
        x = F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))
        return self._fc(F.dropout(x, 0.2, self.training)).float()


class Residual(nn.Module):
    """Two convolutions, each after a normalisation and ReLU, added to the block's input."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        is_same = inputs == outputs and stride == 1
        self.short_cut = None if is_same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x):
        y = F.relu(self.norm1(x))
        kept = x if self.short_cut is None else self.short_cut(y)
        return kept + self.conv2(F.relu(self.norm2(self.conv1(y))))


class Wide(Normalised):
    """A residual network of eighteen layers for eleven classes, the ten and "none"."""

    def __init__(self, mean, std, widths=(64, 128, 256, 384)):
        super().__init__(mean, std)
        self.stem = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        stages, inputs = [], widths[0]
        for stage, outputs in enumerate(widths):
            stages += [Residual(inputs, outputs, 1 if stage == 0 else 2), Residual(outputs, outputs, 1)]
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.norm, self.output = nn.BatchNorm2d(inputs), nn.Linear(inputs, 11)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images):
        x = F.relu(self.norm(self.stages(self.stem(self.normalised(images)))))
        return self.output(x.mean((2, 3))).float()
