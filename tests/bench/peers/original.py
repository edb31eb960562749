"""What the original computes around its encoders, in own words."""

import torch


def scores(tokens, label_features, topk=16):
    """(B, 1 + P, D), (C, D) → (B, C)."""
    best = torch.topk(tokens[:, 1:] @ label_features.t(), k=topk, dim=1)[0].mean(1)
    whole = tokens[:, 0] @ label_features.t()
    return (best / best.norm(dim=-1, keepdim=True) + whole / whole.norm(dim=-1, keepdim=True)) / 2


def ranking_loss(logits, labels):
    """Every pair of two labels of an image, B x C x C: the margin counts where one is absent, the other present."""
    seen = labels.abs().sum(0) > 0 # labels that some image of the batch is annotated with
    labels, logits = labels[:, seen], logits[:, seen]
    present, absent = labels.clamp(0, 1), (-labels).clamp(0, 1)
    pairs = present.unsqueeze(1) * absent.unsqueeze(2)
    margins = pairs * (1 + (logits * absent).unsqueeze(2) - (logits * present).unsqueeze(1))
    hinge = margins.clamp(min=0)
    return (hinge.sum((1, 2)) / (hinge.sign().sum((1, 2)) + 1e-8)).mean()


def own_embeddings(text, ids, lengths):
    """Labels' own tokens stand behind "start there is a": their embeddings as they are now, padded, without graph."""
    kept = torch.zeros(len(ids), max(lengths), text.token_embedding.embedding_dim)
    for i, embedded in enumerate(text.token_embedding(ids)):
        kept[i, :lengths[i]] = embedded[4:4 + lengths[i]].detach()
    return kept


def label_features(text, ids, own, lengths):
    """77 tokens a label; label by label the own tokens' embeddings are put back to `own`."""
    embedded = text.token_embedding(ids)
    for i, length in enumerate(lengths):
        embedded[i, 4:4 + length] = own[i, :length]
    return text(ids, embedded)
