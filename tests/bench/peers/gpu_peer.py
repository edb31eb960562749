"""PyTorch's side of scripts/gpu.sh, with the protocol of gpu_bench.cpp: one measurement per line on stdin.

gpu_peer.py DEVICE tiny|vit-b-16

encode: the fastest plain PyTorch, with or without torch.compile: weights in the precision, fused projections of queries,
keys and values, scaled_dot_product_attention. stage1, stage2: the original's steps under autocast.
"""

import os
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../support"))
from original import label_features, own_embeddings, ranking_loss, scores  # noqa: E402
from torch_clip import Student, Text, Vision  # noqa: E402

TYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
SIZES = {"tiny": {"width": 128, "layers": 4, "patch": 16, "tokens": 17},
         "vit-b-16": {"width": 768, "layers": 12, "patch": 16, "tokens": 197}}
TEXT_SIZES = {"tiny": {"width": 128, "layers": 3}, "vit-b-16": {"width": 512, "layers": 12}}
RATE, DECAY, LABEL_START, PROMPT = 1e-3, 0.05, 4, 10


class Encoder(torch.nn.Module):
    """torch_clip.Vision without torch.nn.MultiheadAttention's overhead."""

    def __init__(self, vision):
        super().__init__()
        self.vision = vision

    def block(self, block, x):
        batch, length, width = x.shape
        qkv = F.linear(block.ln_1(x), block.attn.in_proj_weight, block.attn.in_proj_bias)
        q, k, v = qkv.view(batch, length, 3, width // 64, 64).permute(2, 0, 3, 1, 4).unbind(0)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = x + block.attn.out_proj(attended)
        return x + block.mlp(block.ln_2(x))

    def forward(self, images):
        v = self.vision
        x = v.conv1(images).flatten(2).transpose(1, 2)
        x = torch.cat([v.class_embedding.expand(images.shape[0], 1, -1), x], 1) + v.positional_embedding
        x = v.ln_pre(x)
        for block in v.transformer.resblocks:
            x = self.block(block, x)
        return v.ln_post(x) @ v.proj


class Peer:
    def __init__(self, device, size):
        self.device, self.size = device, size
        torch.manual_seed(1)

    def images(self, count):
        side = SIZES[self.size]["patch"] * round((SIZES[self.size]["tokens"] - 1) ** 0.5)
        return torch.randn(count, 3, side, side, device=self.device)

    def present(self, count, labels, apart):
        table = torch.full((count, labels), -1.0, device=self.device)
        table[:, ::apart] = 1
        return table

    def product(self, precision, size):
        a, b = (torch.randn(size, size, device=self.device, dtype=TYPES[precision]) for _ in range(2))
        return lambda: a @ b

    def encode(self, precision, count, compiled=False):
        model = Encoder(Vision(**SIZES[self.size])).to(self.device, TYPES[precision]).eval()
        images = self.images(count).to(TYPES[precision])
        run = torch.compile(model) if compiled else model

        def work():
            with torch.inference_mode():
                return run(images)

        return work

    def compiled(self, precision, count):
        return self.encode(precision, count, compiled=True)

    def autocast(self, precision):
        return torch.autocast(self.device, TYPES[precision], enabled=precision in ("bf16", "fp16"))

    def stage1(self, precision, count, labels):
        sizes = SIZES[self.size]
        student = Student(**sizes).to(self.device).train()
        teacher = Vision(**sizes).to(self.device).eval()
        trained = []
        for name, parameter in student.named_parameters():
            block = name.startswith("transformer.resblocks.") and int(name.split(".")[2])
            late = name.startswith(("ln_post", "projection")) or (block is not False and block >= sizes["layers"] - 2)
            parameter.requires_grad_(late)
            if late:
                trained.append(parameter)
        optimizer = torch.optim.AdamW(trained, RATE, weight_decay=DECAY)
        images, target = self.images(count), self.present(count, labels, 90)
        features = torch.randn(labels, 512, device=self.device)

        def step():
            optimizer.zero_grad()
            with self.autocast(precision):
                tokens = student(images)
                loss = ranking_loss(scores(tokens, features).float(), target)
                with torch.no_grad():
                    wanted = teacher(images)[:, 0]
                loss = loss + F.l1_loss(tokens[:, 0], wanted)
            loss.backward()
            optimizer.step()

        return step

    def stage2(self, precision, count, labels):
        student = Student(**SIZES[self.size]).to(self.device).eval()
        text = Text(**TEXT_SIZES[self.size]).to(self.device).train()
        text.causal = text.causal.to(self.device)
        table = text.token_embedding.weight
        for parameter in text.parameters():
            parameter.requires_grad_(parameter is table)
        optimizer = torch.optim.AdamW([table], RATE, weight_decay=DECAY)
        lengths = [(1, 2, 1, 3, 1, 2)[i % 6] for i in range(labels)]
        ids = torch.zeros(labels, 77, dtype=torch.long)
        for row, length in zip(ids, lengths):
            row[0], row[1:PROMPT + length] = 49406, torch.randint(1000, 40000, (PROMPT + length - 1,))
            row[PROMPT + length] = 49407
        ids = ids.to(self.device)
        own = own_embeddings(text, ids, lengths).to(self.device)
        images, target = self.images(count), self.present(count, labels, labels // 5)

        def step():
            optimizer.zero_grad()
            with self.autocast(precision):
                features = label_features(text, ids, own, lengths)
                loss = ranking_loss(scores(student(images), features).float(), target)
            loss.backward()
            optimizer.step()

        return step

    def seconds(self, precision, repeats, name, *sizes):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        work = getattr(self, name)(precision, *map(int, sizes))
        wait = torch.cuda.synchronize if self.device == "cuda" else lambda: None
        for _ in range(min(3, int(repeats))):
            work()
        wait()
        start = time.perf_counter()
        for _ in range(int(repeats)):
            work()
        wait()
        return (time.perf_counter() - start) / int(repeats)


def main():
    peer = Peer(*sys.argv[1:])
    for line in sys.stdin:
        try:
            print(f"{peer.seconds(*line.split()):.9f}", flush=True)
        except torch.OutOfMemoryError:
            print("out of memory", flush=True)
        if peer.device == "cuda":
            torch.cuda.empty_cache()


main()
