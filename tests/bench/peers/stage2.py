"""A stage-2 step (ViT-B/16, fp32, two threads) against the original's: the image encoder differentiated, 77 tokens per
label, every pair of labels in the loss, AdamW over the whole token table. The limit is the matrix products of our step.

stage2.py BINARY IMAGES LABELS ROUNDS PEER_ROUNDS
"""

import sys

import given
from given import torch
from original import label_features, own_embeddings, ranking_loss, scores
from steps import compare
from torch_clip import student_of, text_of, text_side

RATE, DECAY = 1e-3, 0.05


def prepare(binary, folder, images, labels):
    clip = given.clip_weights(binary, folder)
    student = student_of(given.student_weights(clip, folder)).eval()
    text = text_of(text_side(clip)).train()
    table = text.token_embedding.weight
    for parameter in text.parameters():
        parameter.requires_grad_(parameter is table)
    optimizer = torch.optim.AdamW([table], RATE, weight_decay=DECAY)
    tokenizer = given.Tokenizer(given.merges_path(binary))
    names = given.write_labels(tokenizer, labels, folder)
    ids, lengths = tokenizer.prompts(names), [len(tokenizer.encode(name)) for name in names]
    own = own_embeddings(text, ids, lengths)
    batch = {"images": torch.randn(images, 3, 224, 224), "labels": given.sparse_labels(images, labels, labels // 5)}
    torch.save(batch, folder + "/given.pth")
    target = batch["labels"].float()

    def step():
        optimizer.zero_grad()
        features = label_features(text, ids, own, lengths)
        loss = ranking_loss(scores(student(batch["images"]), features), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


compare("stage2", prepare, sys.argv[1], *map(int, sys.argv[2:]))
