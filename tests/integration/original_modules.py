"""Loads a checkpoint strictly into modules with the parameter names of the Python original, sized from the file, and
saves it as the original does.

Usage: original_modules.py stage1|stage2 IN OUT
"""
import os
import sys

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from torch_clip import student_of, text_of  # noqa: E402


class Distributed(nn.Module):
    """Holds a module as DistributedDataParallel does: its parameters begin with "module."."""

    def __init__(self, module):
        super().__init__()
        self.module = module


kind, source, target = sys.argv[1:]
state = torch.load(source, weights_only=True)
if kind == "stage1":
    model = student_of(state)
else:
    model = Distributed(text_of({name.removeprefix("module."): tensor for name, tensor in state.items()}))
torch.save(model.state_dict(), target)
