"""The PyTorch side of torch_peer_test.cpp: reads and writes checkpoints.

  torch_peer.py read FILE    prints {name: [dtype, shape, sum]} of a .pth file, read with weights_only=True
  torch_peer.py write FOLDER writes checkpoints of every kind, and expected.json in the same form
"""
import collections
import json
import pathlib
import sys
import zipfile

import torch


def summary(tensors):
    return {name: [str(t.dtype), list(t.shape), t.double().sum().item()] for name, t in tensors.items()}


def sample():
    base = torch.arange(24.0).reshape(4, 6)
    tensors = {"base": base, "transposed": base.t(), "column": base[:, 2], "tail": base[2:], "expanded": base[0].expand(5, 6)}
    tensors["parameter"] = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
    tensors["empty"] = torch.empty(0, 2)
    tensors["bool"] = torch.tensor([True, False])
    tensors["bfloat16"] = torch.ones(2, 2, dtype=torch.bfloat16)
    return tensors


def compress(path, target):
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, source.read(name))


def write(folder):
    tensors = sample()
    torch.save(tensors, folder / "plain.pth")
    torch.save(tensors, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(tensors, folder / "protocol4.pth", pickle_protocol=4)
    torch.save(collections.OrderedDict(("module." + k, t) for k, t in tensors.items()), folder / "module.pth")
    checkpoint = {"model": tensors, "epoch": 3, "best": 0.5, "shape": torch.Size([2]), "dtype": torch.float16}
    torch.save(checkpoint, folder / "nested.pth")
    compress(folder / "plain.pth", folder / "compressed.pth")
    (folder / "expected.json").write_text(json.dumps(summary(tensors)))


if sys.argv[1] == "read":
    print(json.dumps(summary(torch.load(sys.argv[2], weights_only=True))))
else:
    write(pathlib.Path(sys.argv[2]))
