"""Encodes an image and texts with another project's loader, to be compared with ours.

Usage: other_projects.py hugging-face FOLDER IN OUT      transformers' CLIPModel.from_pretrained(FOLDER)
       other_projects.py open-clip FOLDER IN OUT         open_clip's CLIP of open_clip_config.json and load_checkpoint
IN holds "image" (1, 3, H, H) and "ids" (N, L); OUT gets "image_feature" (1, D) and "text_features" (N, D).
"""
import json
import sys

import torch


def features_of(output):
    return output if torch.is_tensor(output) else output.pooler_output


def hugging_face(folder, image, ids):
    from transformers import CLIPModel
    model = CLIPModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    return features_of(model.get_image_features(pixel_values=image)), features_of(model.get_text_features(input_ids=ids))


def open_clip(folder, image, ids):
    from open_clip.factory import load_checkpoint
    from open_clip.model import CLIP
    with open(f"{folder}/open_clip_config.json") as file:
        model = CLIP(**json.load(file)["model_cfg"]).eval()
    load_checkpoint(model, f"{folder}/clip.safetensors")
    return model.encode_image(image), model.encode_text(ids)


project, folder, source, target = sys.argv[1:]
given = torch.load(source, weights_only=True)
load = {"hugging-face": hugging_face, "open-clip": open_clip}[project]
with torch.no_grad():
    image_feature, text_features = load(folder, given["image"], given["ids"])
torch.save({"image_feature": image_feature, "text_features": text_features}, target)
