"""Prints name, dtype and shape of every tensor of a checkpoint, as PyTorch's safe loader sees it."""
import sys

import torch

for name, tensor in sorted(torch.load(sys.argv[1], weights_only=True).items()):
    print(name, tensor.dtype, *tensor.shape)
