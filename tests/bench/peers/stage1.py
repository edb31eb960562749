"""A stage-1 step (ViT-B/16, fp32, two threads) against the original's: student and teacher each in full, no gradient
for frozen parameters, every pair of labels in the loss. The limit is the matrix products of our step.

stage1.py BINARY IMAGES LABELS ROUNDS PEER_ROUNDS
"""

import sys

import given
from given import torch
from original import ranking_loss, scores
from steps import compare
from torch_clip import student_of, vision_of

FIX_LAYER = 10
RATE, DECAY, LAYER_DECAY = 1e-3, 0.05, 0.65


def optimizer_of(student):
    """AdamW over the layers above FIX_LAYER, with rates that decay from the top; the rest is frozen."""
    top = len(student.transformer.resblocks) + 1
    groups = []
    for name, parameter in student.named_parameters():
        layer = given.layer_id(name, top - 1)
        parameter.requires_grad_(layer > FIX_LAYER)
        if layer > FIX_LAYER:
            groups.append({"params": [parameter], "lr": RATE * LAYER_DECAY ** (top - layer),
                           "weight_decay": DECAY if parameter.ndim > 1 else 0})
    return torch.optim.AdamW(groups)


def prepare(binary, folder, images, labels):
    clip = given.clip_weights(binary, folder)
    student = student_of(given.student_weights(clip, folder, FIX_LAYER)).train()
    teacher = vision_of(clip).eval()
    optimizer = optimizer_of(student)
    batch = {"images": torch.randn(images, 3, 224, 224), "labels": given.sparse_labels(images, labels, 90),
             "label_features": torch.randn(labels, 512)}
    torch.save(batch, folder + "/given.pth")
    target = batch["labels"].float()

    def step():
        optimizer.zero_grad()
        tokens = student(batch["images"])
        loss = ranking_loss(scores(tokens, batch["label_features"]), target)
        with torch.no_grad():
            wanted = teacher(batch["images"])[:, 0]
        loss = loss + torch.nn.functional.l1_loss(tokens[:, 0], wanted)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


compare("stage1", prepare, sys.argv[1], *map(int, sys.argv[2:]))
