"""CLIP's two transformers in plain torch.nn, with the parameter names of OpenAI's weights. All image tokens are
projected, as MKT needs. Parameters that are not loaded are random."""

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
        self.mlp = nn.Sequential(OrderedDict(c_fc=nn.Linear(width, 4 * width), gelu=QuickGELU(),
                                             c_proj=nn.Linear(4 * width, width)))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x, mask): # (T, B, W)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.resblocks = nn.Sequential(*[Block(width) for _ in range(layers)])

    def forward(self, x, mask=None): # (B, T, W)
        x = x.transpose(0, 1)
        for block in self.resblocks:
            x = block(x, mask)
        return x.transpose(0, 1)


def noise(*shape):
    return nn.Parameter(torch.randn(*shape) * shape[0]**-0.5)


class Vision(nn.Module):
    def __init__(self, width=768, layers=12, patch=16, tokens=197, joint=512, projection="proj"):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = noise(width)
        self.positional_embedding = nn.Parameter(torch.randn(tokens, width) * width**-0.5)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers)
        self.ln_post = nn.LayerNorm(width)
        self.register_parameter(projection, noise(width, joint))
        self.projection_name = projection

    def forward(self, images): # (B, 3, H, H) → (B, T, D)
        x = self.conv1(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(images.shape[0], 1, -1), x], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))) @ getattr(self, self.projection_name)


class Student(Vision):
    """The student with the names of the original's stage-1 checkpoint; `projection` is unused."""

    def __init__(self, width=768, joint=512, **sizes):
        super().__init__(width, joint=joint, projection="projection_dist", **sizes)
        self.projection = nn.Sequential(OrderedDict(fc1=nn.Linear(width, joint), act=nn.Tanh(),
                                                    fc2=nn.Linear(joint, joint)))


class Text(nn.Module):
    def __init__(self, width=512, layers=12, context=77, vocabulary=49408, joint=512):
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding = nn.Parameter(torch.randn(context, width) * width**-0.5)
        self.transformer = Transformer(width, layers)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = noise(width, joint)
        self.causal = torch.full((context, context), float("-inf")).triu_(1)

    def forward(self, ids, embedded): # (C, T) and their embeddings (C, T, W) → (C, D)
        x = self.transformer(embedded + self.positional_embedding, self.causal)
        return self.ln_final(x)[torch.arange(len(ids)), ids.argmax(-1)] @ self.text_projection


def layers_of(state):
    return 1 + max(int(name.split(".")[2]) for name in state if name.startswith("transformer.resblocks."))


def image_sizes(state, projection):
    width, joint = state[projection].shape
    return {"width": width, "joint": joint, "layers": layers_of(state), "patch": state["conv1.weight"].shape[-1],
            "tokens": state["positional_embedding"].shape[0]}


def student_of(state):
    """The student of a stage-1 checkpoint, loaded strictly."""
    model = Student(**image_sizes(state, "projection_dist"))
    model.load_state_dict(state, strict=True)
    return model


def vision_of(clip):
    """The image side of CLIP weights, loaded strictly."""
    state = {name.removeprefix("visual."): tensor for name, tensor in clip.items() if name.startswith("visual.")}
    model = Vision(**image_sizes(state, "proj"))
    model.load_state_dict(state, strict=True)
    return model


def text_side(clip):
    return {name: tensor for name, tensor in clip.items() if not name.startswith("visual.") and name != "logit_scale"}


def text_of(state):
    """The text encoder of text_side or of a stage-2 checkpoint, loaded strictly."""
    width, joint = state["text_projection"].shape
    model = Text(width, layers_of(state), state["positional_embedding"].shape[0],
                 state["token_embedding.weight"].shape[0], joint)
    model.load_state_dict(state, strict=True)
    return model
