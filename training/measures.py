"""The page's measures of a network's logits, and the formats of its files, as in src/infer/calibration.rs and src/checkpoint."""

import json

import torch
from safetensors.torch import save_file

BINS, KEPT = 15, 0.95
QUANTISED_FROM = 100_000


def log_sum_exp(logits):
    """The log-sum-exp of each image's logits: the negative energy (Liu et al., 2020)."""
    return logits.double().logsumexp(1)


def least_log_sum_exp(logits):
    """The highest threshold of the log-sum-exp that 95 of 100 of these images reach."""
    found = log_sum_exp(logits).sort().values
    return found[len(found) - -int(-len(found) * KEPT // 1)].item()


def doubted(logits, least):
    """The share of these images below the threshold `least`, in percent."""
    return 100 * (log_sum_exp(logits) < least).double().mean().item()


def accuracy(logits, labels):
    """The share of correct answers, in percent."""
    return 100 * (logits.argmax(1) == labels).double().mean().item()


def fit_temperature(logits, labels):
    """The temperature with the least mean cross-entropy."""
    logits, low, high = logits.double(), 0.05, 20.0
    golden = (5**0.5 - 1) / 2
    loss = lambda sharpness: torch.nn.functional.cross_entropy(logits * sharpness, labels).item()
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if loss(a) < loss(b):
            high = b
        else:
            low = a
    return 2 / (low + high)


def expected_error(logits, labels, temperature):
    """Expected calibration error, 0 to 1."""
    confidence, found = (logits.double() / temperature).softmax(1).max(1)
    bins = (confidence * BINS).long().clamp(max=BINS - 1)
    excess = torch.zeros(BINS, dtype=torch.double, device=logits.device)
    excess.index_add_(0, bins, confidence - (found == labels).double())
    return excess.abs().sum().item() / len(labels)


def auroc(known, strangers):
    """In percent: the chance that one of the `known` images has a higher log-sum-exp than one of the `strangers`."""
    scores = torch.cat([log_sum_exp(strangers), log_sum_exp(known)])
    ranks = torch.empty_like(scores)
    ranks[scores.argsort()] = torch.arange(1, len(scores) + 1, dtype=scores.dtype, device=scores.device)
    n, m = len(known), len(strangers)
    return 100 * ((ranks[m:].sum() - n * (n + 1) / 2) / (n * m)).item()


def quantised(tensors):
    """The tensors as the shipped file rounds them: large ones to 8 bits with a scale per last index, small ones to 16."""
    kept = {}
    for name, tensor in tensors.items():
        if name.endswith("statistics") or name == "whiten.weight" or tensor.ndim == 1:
            kept[name] = tensor
        elif tensor.numel() >= QUANTISED_FROM:
            scale = tensor.abs().amax(tuple(range(tensor.ndim - 1))) / 127
            scale = torch.where(scale > 0, scale, 1.0)
            kept[name] = (tensor / scale).round() * scale
        else:
            kept[name] = tensor.half().float()
    return kept


def write_weights(path, network, tensors, mean, std, short=()):
    """Writes a file that the page and `pretrain` can read. The tensors named in `short` have 16 bits."""
    tensors = {name: tensor.half() if name in short else tensor for name, tensor in tensors.items()}
    normalisation = json.dumps({"mean": mean, "std": std})
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, {"network": network, "normalisation": normalisation})
    partial.rename(path)
