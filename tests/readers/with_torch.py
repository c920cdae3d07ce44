"""Runs the PyTorch snippet and prints what it found, exactly: `python with_torch.py` in the folder that holds `sweep`.

A program of its own, since the light PyTorch belongs to another Python than the other readers.
"""

import json
import sys

import torch

from snippets import run

displacements = run("PyTorch")["displacements"]
print(f"PyTorch {torch.__version__}", file=sys.stderr)
json.dump({task: [value.hex() for value in curve.tolist()] for task, curve in displacements.items()}, sys.stdout)
