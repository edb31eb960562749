"""`infer` on one image, full-size weights and both checkpoints, against the original's inference: whole processes,
files in the page cache. The limit is copying the image encoder's weights once and encoding one image.

infer.py BINARY LABELS ROUNDS PEER_ROUNDS
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import given
from data import picture
from given import torch
from torch_clip import text_side
from turns import Ours, Table, differ, in_turn, timed

TOLERANCE = 2e-3 # of the best score: two builds of libjpeg may differ by a few levels


def beside(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


class Process:
    """A timed command; keeps its last output and its peak memory."""

    def __init__(self, command, before=lambda: None):
        self.command, self.before = [sys.executable, beside("measured.py"), *command], before

    def __call__(self):
        self.before()
        ended = subprocess.run(self.command, stdout=subprocess.PIPE, text=True)
        if ended.returncode != 0:
            sys.exit(f"infer: {' '.join(self.command)}: expected exit status 0, got {ended.returncode}; "
                     "nothing was reported.")
        self.output, measures = ended.stdout.rstrip().rsplit("\n", 1)
        wall, processor, self.peak_mib = map(float, measures.split())
        return wall, processor


def prepare(binary, labels, folder):
    """Writes the files of both sides; returns the paths of CLIP, both checkpoints, labels and image."""
    clip = given.clip_weights(binary, folder)
    given.student_weights(clip, folder)
    text = {name: tensor.float() for name, tensor in text_side(clip).items()}
    learned = torch.tensor([49406, 997, 533, 320, 530, 518, 3562, 49407]) # start there is a in the scene end
    text["token_embedding.weight"][learned] += 0.01 * torch.randn(len(learned), 512)
    torch.save(text, folder + "/text.pth")
    given.write_labels(given.Tokenizer(given.merges_path(binary)), labels, folder)
    with open(folder + "/picture.jpg", "wb") as file:
        file.write(picture(0))
    torch.randn(1, 3, 224, 224).numpy().tofile(folder + "/images.raw")
    return [f"{folder}/{name}" for name in ["clip.pth", "student.pth", "text.pth", "labels.txt", "picture.jpg"]]


def contenders_of(binary, files, folder):
    clip, student, text, labels, image = files
    cache, model = folder + "/cache", folder + "/model.safetensors"
    programs = os.path.join(os.path.dirname(binary), "../bin")
    weights = ["--clip-path", clip, "--img-ckpt", student, "--txt-ckpt", text, "--labels", labels]
    tag = [programs + "/infer", "--image-path", image, "--json"]
    subprocess.run([programs + "/prepare", "export", *weights, "--output", model], stdout=sys.stderr, check=True)
    ours = [*tag, *weights, "--cache", cache]
    peer = [sys.executable, beside("original_infer.py"), *files, given.merges_path(binary)]
    return {"first time": Process(ours, lambda: shutil.rmtree(cache, ignore_errors=True)), "cached": Process(ours),
            "exported": Process([*tag, "--model", model]), "peer": Process(peer)}


def best_of(line):
    return {each["label"]: each["score"] for each in json.loads(line)["labels"]}


def check(processes):
    wanted = json.loads(processes["peer"].output)
    for name, process in processes.items():
        if name != "peer":
            found = best_of(process.output)
            apart = [abs(found.get(label, 0) - score) for label, score in wanted.items()]
            differ(f"infer, {name}", max(apart) / max(wanted.values()), TOLERANCE)


def main():
    binary, labels, rounds, peer_rounds = sys.argv[1], *map(int, sys.argv[2:])
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        files = prepare(binary, labels, folder)
        processes = contenders_of(binary, files, folder)
        weights = np.fromfile(folder + "/student.pth", np.uint8)
        encoder = Ours(binary, "encode", folder)
        place = np.empty_like(weights)
        limits = {"copy": lambda: timed(lambda: np.copyto(place, weights)), "encode": lambda: encoder("encode")}
        for process in processes.values(): # in the page cache from here on
            process()
        check(processes)
        times = in_turn({**processes, **limits}, rounds, ["peer"], peer_rounds, processes)
    limit = tuple(np.add(times["copy"], times["encode"]))
    table = Table("infer")
    for name in processes:
        if name != "peer":
            memory = (processes[name].peak_mib, processes["peer"].peak_mib)
            table.row(f"infer, {name}", f"infer, {labels} labels, {name}", times[name], times["peer"],
                      None if name == "first time" else limit, memory)
    show = lambda name: f"{times[name][0]:.3f} / {times[name][1]:.3f}"
    print(f"copying the image encoder's {weights.nbytes / 2**20:.0f} MiB: {show('copy')}; one encoding: {show('encode')}")


if __name__ == "__main__":
    main()
