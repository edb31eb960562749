"""The original's inference on one image, as a separate process: loads every weight, CLIP twice, and encodes every label
at 77 tokens. Prints the best labels as JSON. The original's --topk of 18 is a mistake; this uses that of evaluation.

original_infer.py CLIP IMG_CKPT TXT_CKPT LABELS IMAGE MERGES
"""

import json
import sys

from PIL import Image

import augment
from given import Tokenizer, torch
from original import label_features, own_embeddings, scores
from torch_clip import student_of, text_of, text_side, vision_of

BEST = 10


def load_clip(path):
    """The whole model in single precision, as clip.load makes it on a CPU."""
    weights = torch.load(path, weights_only=True)
    return vision_of(weights), text_of(text_side(weights))


def label_table(text, path, merges):
    with open(path) as file:
        labels = [line.strip() for line in file]
    tokenizer = Tokenizer(merges)
    ids, lengths = tokenizer.prompts(labels), [len(tokenizer.encode(label)) for label in labels]
    with torch.no_grad():
        return labels, label_features(text, ids, own_embeddings(text, ids, lengths), lengths)


def main():
    clip, img_ckpt, txt_ckpt, label_file, picture, merges = sys.argv[1:]
    load_clip(clip) # the checkpoint then replaces its image side
    image_encoder = student_of(torch.load(img_ckpt, weights_only=True)).eval()
    text = load_clip(clip)[1].eval()
    text.load_state_dict(torch.load(txt_ckpt, weights_only=True), strict=True)
    labels, features = label_table(text, label_file, merges)
    image = augment.normalised(augment.evaluation_sample(Image.open(picture).convert("RGB"), 224))
    with torch.no_grad():
        values, order = scores(image_encoder(torch.from_numpy(image).unsqueeze(0)), features)[0].topk(BEST)
    print(json.dumps({labels[i]: value for i, value in zip(order.tolist(), values.tolist())}))


main()
