"""Prints name, dtype and shape of every tensor of a checkpoint, read with PyTorch's safe loader."""
import sys

import torch

for name, tensor in sorted(torch.load(sys.argv[1], weights_only=True).items()):
    print(name, tensor.dtype, *tensor.shape)
