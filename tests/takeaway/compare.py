"""Compares other frameworks' logits with Tenfold's: python compare.py FOLDER FRAMEWORK...

FOLDER has a folder for each network, with keras.py, pytorch.py, network.onnx, weights.safetensors, pixels.bin (32 x 32 x 3
bytes per picture) and logits.json. Prints the largest difference for each network and framework.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np


def by_code(program, weights, pictures):
    """The logits of a program that Tenfold wrote."""
    spec = importlib.util.spec_from_file_location(program.stem + "_network", program)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network, normalisation = module.load(weights)
    return [module.logits(network, normalisation, picture) for picture in pictures]


def by_onnx(file, pictures):
    """The logits of ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    pixels = np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32) / 255
    return session.run(["logits"], {"pixels": pixels})[0]


folder, frameworks = pathlib.Path(sys.argv[1]), sys.argv[2:]
for network in sorted(path for path in folder.iterdir() if path.is_dir()):
    pictures = list(np.fromfile(network / "pixels.bin", np.uint8).reshape(-1, 32, 32, 3))
    expected = np.array(json.loads((network / "logits.json").read_text()))
    for framework in frameworks:
        if framework == "onnx":
            logits = by_onnx(network / "network.onnx", pictures)
        else:
            logits = by_code(network / (framework + ".py"), network / "weights.safetensors", pictures)
        assert np.shape(logits) == expected.shape, (network.name, framework, np.shape(logits))
        print(network.name, framework, np.abs(np.array(logits) - expected).max())
