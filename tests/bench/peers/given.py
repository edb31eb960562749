"""Inputs of both sides: full-size CLIP weights, a student moved away from CLIP, a tokenizer, labels."""

import importlib.util
import os
import subprocess
import sys

if not importlib.util.find_spec("torch"):
    sys.exit("bench: expected a torch package for this Python, got none. Run scripts/setup.sh --bench with one.")
import torch  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../support"))

THREADS = 2
TEMPLATE = "There is a {} in the scene"
MERGES = 49408 - 512 - 2
START, END = 49406, 49407


def clip_weights(binary, folder):
    """Writes ViT-B/16 weights by formula, in half precision as CLIP's are, to clip.pth; returns them."""
    maker = os.path.join(os.path.dirname(binary), "make_clip")
    subprocess.run([maker, "vit-b-16", folder + "/clip.pth"], check=True)
    return torch.load(folder + "/clip.pth", weights_only=True)


def student_weights(clip, folder, fix_layer=10):
    """Writes a stage-1 checkpoint to student.pth: CLIP's image side, with trained tensors moved by ±0.02. At CLIP
    itself the distillation loss has no gradient except rounding."""
    random = torch.Generator().manual_seed(1)
    state = {}
    layers = 1 + max(int(name.split(".")[3]) for name in clip if name.startswith("visual.transformer.resblocks."))
    for name, tensor in clip.items():
        if not name.startswith("visual."):
            continue
        name = name.removeprefix("visual.")
        name = "projection_dist" if name == "proj" else name
        state[name] = tensor.float()
        if layer_id(name, layers) > fix_layer:
            state[name] = state[name] + torch.empty(tensor.shape).uniform_(-0.02, 0.02, generator=random)
    width, joint = state["projection_dist"].shape
    for name, shape in [("fc1.weight", (joint, width)), ("fc1.bias", (joint,)), ("fc2.weight", (joint, joint)),
                        ("fc2.bias", (joint,))]:
        state["projection." + name] = torch.zeros(shape)
    torch.save(state, folder + "/student.pth")
    return state


def layer_id(name, layers):
    """Layer number as in MAE and the original: 0 for the embedding parts, i + 1 for block i, layers + 1 for the rest."""
    if name.startswith("transformer.resblocks."):
        return int(name.split(".")[2]) + 1
    embedding = name.startswith(("class_embedding", "positional_embedding", "conv1.", "ln_pre."))
    return 0 if embedding else layers + 1


class Tokenizer:
    """CLIP's byte-pair encoding, for words of ASCII letters."""

    def __init__(self, path):
        with open(path) as file:
            lines = file.read().split("\n")[1:MERGES + 1]
        self.ranks = {tuple(line.split()): rank for rank, line in enumerate(lines)}
        self.ids = {"".join(pair): 512 + rank for pair, rank in self.ranks.items()}

    def words(self):
        """Words of at least four letters that are single tokens."""
        return [token[:-4] for token in self.ids if token.endswith("</w>") and len(token) > 7 and
                token[:-4].isascii() and token[:-4].isalpha()]

    def encode_word(self, word):
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, len(self.ids)), at) for at, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ids):
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return [self.ids.get(part, ord(part[0]) - 33 + (256 if len(part) > 1 else 0)) for part in parts]

    def encode(self, text):
        return [token for word in text.lower().split() for token in self.encode_word(word)]

    def prompts(self, labels, context=77):
        """Token ids (C, 77) of each label in the template, with start and end."""
        ids = torch.zeros(len(labels), context, dtype=torch.long)
        for row, label in zip(ids, labels):
            tokens = [START, *self.encode(TEMPLATE.format(label)), END]
            row[:len(tokens)] = torch.tensor(tokens)
        return ids


def merges_path(binary):
    return os.path.join(os.path.dirname(binary), "../share/mkt/bpe_simple_vocab_16e6.txt")


def write_labels(tokenizer, count, folder):
    """Writes `count` labels of one to three words to labels.txt; returns them."""
    words = iter(tokenizer.words()[::7])
    lengths = [1, 2, 1, 3, 1, 2]
    labels = [" ".join(next(words) for _ in range(lengths[i % len(lengths)])) for i in range(count)]
    with open(folder + "/labels.txt", "w") as file:
        file.writelines(label + "\n" for label in labels)
    return labels


def sparse_labels(images, labels, apart):
    """(B, C) int8: every `apart`-th label present, the others absent."""
    result = torch.full((images, labels), -1, dtype=torch.int8)
    result[:, ::apart] = 1
    return result
