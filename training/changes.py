"""Changes images in the ways in which photographs differ from CIFAR-10's images, and makes pictures that show nothing.

Images are [n, 3, 32, 32] floats, 0 to 255, on any device. Each image is changed at random.
"""

import functools
import math

import torch
import torch.nn.functional as F

# Quantisation tables of JPEG's annex K for brightness and colour, at quality 50.
LUMINANCE = (16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
             87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
             101, 72, 92, 95, 98, 112, 100, 103, 99)
CHROMINANCE = (17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
               99, 99, 99, *(99,) * 32)
TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
FROM_YCC = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))
# The discrete cosine transform of 8 values: one frequency per row.
COSINES = tuple(
    tuple(math.cos((2 * place + 1) * wave * math.pi / 16) / (2 if wave else math.sqrt(8)) for place in range(8))
    for wave in range(8)
)


@functools.cache
def constant(values, device):
    """These numbers on the device. They are copied there only once, since each copy waits for the GPU."""
    return torch.tensor(values, device=device)


def between(images, low, high):
    """A random number for each image, from `low` to `high`."""
    return torch.rand(len(images), 1, 1, 1, device=images.device) * (high - low) + low


def some(images, share):
    """For each image, whether it belongs to a random share of the images."""
    return torch.rand(len(images), 1, 1, 1, device=images.device) < share


def moved(images, zoom, stretch, turn, shift):
    """Images scaled by exp(-zoom), stretched, turned, and moved within the room that the scale leaves plus `shift`."""
    n = len(images)
    flat = lambda low, high: between(images, low, high).view(n)
    scale, stretched, angle = torch.exp(flat(*zoom)), torch.exp(flat(-stretch, stretch)), flat(-turn, turn)
    free = (1 - scale).clamp(min=0)
    sine, cosine = torch.sin(angle), torch.cos(angle)
    rows = [
        [scale * stretched * cosine, -scale * stretched * sine, flat(-1, 1) * free + flat(-shift, shift)],
        [scale / stretched * sine, scale / stretched * cosine, flat(-1, 1) * free + flat(-shift, shift)],
    ]
    matrix = torch.stack([torch.stack(row, 1) for row in rows], 1)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 255)


def sharpened(images, amount):
    """Images sharpened by `amount` times the difference from a slight blur; blurred if `amount` is below 0."""
    kernel = constant((0.25, 0.5, 0.25), images.device)
    kernel = (kernel[:, None] * kernel).expand(3, 1, 3, 3)
    blurred = F.conv2d(F.pad(images, (1, 1, 1, 1), mode="reflect"), kernel, groups=3)
    return (images + amount * (images - blurred)).clamp(0, 255)


def coloured(images, saturation, contrast, brightness, cast, gamma):
    """Images recoloured. The arguments are the largest logarithms of the factors."""
    factor = lambda reach: torch.exp(between(images, -reach, reach))
    grey = (images * constant(TO_YCC[0], images.device).view(1, 3, 1, 1)).sum(1, keepdim=True)
    images = grey + (images - grey) * factor(saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * factor(contrast)
    casts = torch.exp((torch.rand(len(images), 3, 1, 1, device=images.device) * 2 - 1) * cast)
    images = (images * factor(brightness) * casts).clamp(0, 255)
    return 255 * (images / 255) ** factor(gamma)


def compressed(images, quality):
    """Images as JPEG leaves them, at a quality between these two. Half of them have half the colour resolution."""
    n, device = len(images), images.device
    ycc = torch.einsum("ij,njhw->nihw", constant(TO_YCC, device), images - 128)
    halved = F.interpolate(F.avg_pool2d(ycc[:, 1:], 2), scale_factor=2.0, mode="nearest")
    ycc = torch.cat([ycc[:, :1], torch.where(some(images, 0.5), halved, ycc[:, 1:])], 1)
    cosines = constant(COSINES, device)
    q = between(images, *quality)
    scale = torch.where(q < 50, 50 / q, 2 - q / 50)
    tables = constant((LUMINANCE, CHROMINANCE, CHROMINANCE), device).float().view(1, 3, 8, 8)
    tables = (tables * scale).round().clamp(min=1).view(n, 3, 1, 8, 1, 8)
    blocks = ycc.reshape(n, 3, 4, 8, 4, 8)
    frequencies = torch.einsum("ua,ncyaxb,vb->ncyuxv", cosines, blocks, cosines)
    frequencies = (frequencies / tables).round() * tables
    ycc = torch.einsum("ua,ncyuxv,vb->ncyaxb", cosines, frequencies, cosines).reshape(n, 3, 32, 32)
    return (torch.einsum("ij,njhw->nihw", constant(FROM_YCC, device), ycc) + 128).clamp(0, 255)


def mirrored(images):
    """Images, half of them mirrored."""
    return torch.where(some(images, 0.5), images.flip(-1), images)


def slightly_changed(images):
    """Images close to the published ones: two of five only mirrored, the others moved, recoloured or sharpened a little."""
    few = lambda changed, share: torch.where(some(images, share), changed, images)
    plain = images
    images = few(moved(images, (-0.25, 0.15), 0.1, 0.1, 0.08), 0.7)
    images = few(coloured(images, 0.2, 0.15, 0.15, 0.05, 0.1), 0.4)
    images = few(sharpened(images, between(images, -0.5, 0.5)), 0.25)
    return mirrored(torch.where(some(images, 0.4), plain, images)).round()


def strongly_changed(images):
    """Images like photographs: a part or the whole, near or far, blurred or sharp, in any light, compressed."""
    few = lambda changed, share: torch.where(some(images, share), changed, images)
    images = few(moved(images, (-0.7, 0.45), 0.2, 0.3, 0.12), 0.85)
    images = few(sharpened(images, between(images, -1.0, 1.6)), 0.6)
    images = few(coloured(images, 0.6, 0.4, 0.4, 0.15, 0.35), 0.7)
    images = few(coloured(images, 3.0, 0.2, 0.2, 0.0, 0.2), 0.1)
    images = few(compressed(images, (25, 90)), 0.2)
    noise = torch.randn_like(images) * between(images, 0, 12)
    images = few((images + noise).clamp(0, 255), 0.15)
    return mirrored(images).round()


def mixed(images, targets, share):
    """A share of the images blended with others or with a rectangle of another, their targets, and which are mixed."""
    n, device = len(images), images.device
    other = torch.randperm(n, device=device)
    part = between(images, 0, 1)
    # A rectangle of the area `part` around a random place.
    half = (part.sqrt() * 16).view(n, 1)
    middle = torch.rand(2, n, 1, device=device) * 32
    place = torch.arange(32, device=device).view(1, 32) + 0.5
    rows, columns = ((place - centre).abs() < half for centre in middle)
    inside = (rows[:, :, None] & columns[:, None, :]).view(n, 1, 32, 32).float()
    laid = part * images[other] + (1 - part) * images
    cut = inside * images[other] + (1 - inside) * images
    is_cut, is_mixed = some(images, 0.5), some(images, share)
    part = torch.where(is_cut, inside.mean((2, 3), keepdim=True), part) * is_mixed
    images = torch.where(is_mixed, torch.where(is_cut, cut, laid), images).round()
    part = part.view(n, 1)
    return images, part * targets[other] + (1 - part) * targets, is_mixed.view(n)


def fields(n, device):
    """Random fields, from noise to soft clouds, in random mixtures of colours."""
    frequency = torch.fft.fftfreq(32, device=device)
    radius = (frequency[:, None] ** 2 * torch.exp(torch.randn(n, 1, 1, 1, device=device)) + frequency[None, :] ** 2).sqrt()
    spectrum = (radius + 1 / 32) ** -(torch.rand(n, 1, 1, 1, device=device) * 2.5)
    white = torch.fft.fft2(torch.randn(n, 3, 32, 32, device=device))
    field = torch.fft.ifft2(white * spectrum).real
    field = field / field.std((2, 3), keepdim=True).clamp(min=1e-6)
    # Some have edges: values above a level have one colour, values below it another.
    steep = torch.exp(torch.randn(n, 1, 1, 1, device=device) * 1.5)
    field = torch.tanh(field * steep) / torch.tanh(steep)
    colours = torch.randn(n, 3, 3, device=device) * torch.rand(n, 1, 3, device=device)
    field = torch.einsum("nij,njhw->nihw", colours, field)
    level = torch.rand(n, 3, 1, 1, device=device) * 255
    return (level + field * torch.exp(torch.rand(n, 1, 1, 1, device=device) * 3 + 1.5)).clamp(0, 255).round()


def shuffled(images):
    """The images cut into tiles of 4 or 8 pixels, in a random order."""
    n, device = len(images), images.device
    kinds = []
    for side in (4, 8):
        count = 32 // side
        tiles = images.reshape(n, 3, count, side, count, side).permute(0, 2, 4, 1, 3, 5).reshape(n, count * count, 3, side, side)
        order = torch.rand(n, count * count, device=device).argsort(1)
        tiles = tiles[torch.arange(n, device=device)[:, None], order]
        kinds.append(tiles.reshape(n, count, count, 3, side, side).permute(0, 3, 1, 4, 2, 5).reshape(n, 3, 32, 32))
    return torch.where(some(images, 0.5), *kinds)
