"""The original's computation around its encoders, restated in PyTorch."""

import torch


def scores(tokens, label_features, topk=16):
    """(B, 1 + P, D), (C, D) → (B, C)."""
    best = torch.topk(tokens[:, 1:] @ label_features.t(), k=topk, dim=1)[0].mean(1)
    whole = tokens[:, 0] @ label_features.t()
    return (best / best.norm(dim=-1, keepdim=True) + whole / whole.norm(dim=-1, keepdim=True)) / 2


def ranking_loss(logits, labels):
    """Ranking loss over every pair of labels of an image, B x C x C: a pair counts if one is absent and one present."""
    seen = labels.abs().sum(0) > 0 # labels annotated in some image of the batch
    labels, logits = labels[:, seen], logits[:, seen]
    present, absent = labels.clamp(0, 1), (-labels).clamp(0, 1)
    pairs = present.unsqueeze(1) * absent.unsqueeze(2)
    margins = pairs * (1 + (logits * absent).unsqueeze(2) - (logits * present).unsqueeze(1))
    hinge = margins.clamp(min=0)
    return (hinge.sum((1, 2)) / (hinge.sign().sum((1, 2)) + 1e-8)).mean()


def own_embeddings(text, ids, lengths):
    """Current embeddings of the labels' own tokens, which follow "start there is a", padded and detached."""
    kept = torch.zeros(len(ids), max(lengths), text.token_embedding.embedding_dim)
    for i, embedded in enumerate(text.token_embedding(ids)):
        kept[i, :lengths[i]] = embedded[4:4 + lengths[i]].detach()
    return kept


def label_features(text, ids, own, lengths):
    """Features with 77 tokens per label; label by label the own tokens' embeddings are reset to `own`."""
    embedded = text.token_embedding(ids)
    for i, length in enumerate(lengths):
        embedded[i, 4:4 + length] = own[i, :length]
    return text(ids, embedded)
