"""Loads a checkpoint of either stage into modules with the Python original's parameter names, strictly, and writes it
anew as the original does: original_modules.py stage1|stage2 IN OUT. Sizes come from the file."""
import sys
from collections import OrderedDict

import torch
from torch import nn


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, width // 64)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(c_fc=nn.Linear(width, 4 * width), gelu=QuickGELU(), c_proj=nn.Linear(4 * width, width))
        )
        self.ln_2 = nn.LayerNorm(width)


class Transformer(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.resblocks = nn.Sequential(*[Block(width) for _ in range(layers)])


class Projection(nn.Module):
    def __init__(self, width, joint):
        super().__init__()
        self.fc1 = nn.Linear(width, joint)
        self.fc2 = nn.Linear(joint, joint)


class Vision(nn.Module):
    def __init__(self, state):
        super().__init__()
        width, joint = state["projection_dist"].shape
        patch = state["conv1.weight"].shape[-1]
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(torch.empty(state["positional_embedding"].shape))
        self.projection_dist = nn.Parameter(torch.empty(width, joint))
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers_of(state))
        self.ln_post = nn.LayerNorm(width)
        self.projection = Projection(width, joint)


class Text(nn.Module):
    def __init__(self, state):
        super().__init__()
        width, joint = state["text_projection"].shape
        self.positional_embedding = nn.Parameter(torch.empty(state["positional_embedding"].shape))
        self.text_projection = nn.Parameter(torch.empty(width, joint))
        self.token_embedding = nn.Embedding(*state["token_embedding.weight"].shape)
        self.transformer = Transformer(width, layers_of(state))
        self.ln_final = nn.LayerNorm(width)


def layers_of(state):
    return 1 + max(int(name.split(".")[2]) for name in state if name.startswith("transformer.resblocks."))


class Distributed(nn.Module):
    """As DistributedDataParallel holds a module."""

    def __init__(self, module):
        super().__init__()
        self.module = module


kind, source, target = sys.argv[1:]
state = torch.load(source, weights_only=True)
if kind == "stage1":
    model = Vision(state)
else:
    model = Distributed(Text({name.removeprefix("module."): tensor for name, tensor in state.items()}))
model.load_state_dict(state, strict=True)
torch.save(model.state_dict(), target)
