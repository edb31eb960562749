"""Image encoding (ViT-B/16, fp32, two threads) against PyTorch eager and, if installed, ONNX Runtime and OpenVINO; the
limit is the matrix products of the blocks alone.

encode.py BINARY IMAGES ROUNDS
"""

import importlib.util
import sys
import tempfile
import warnings

import numpy as np

from given import THREADS, torch
from torch_clip import Vision
from turns import Ours, Table, differ, in_turn, timed


def onnx_runtime(model, images):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0") # processor time is work, not waiting
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"images": images.numpy()})[0]


def open_vino(model, images):
    import openvino
    settings = {"INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer({0: images.numpy()})[0]


def peers_of(model, images, folder):
    """{name: function that encodes}, PyTorch eager first; prints which peers are missing."""
    peers = {"PyTorch eager": lambda: model(images).numpy()}
    if not importlib.util.find_spec("onnx"):
        print("ONNX Runtime, OpenVINO: skipped, the onnx package is not installed")
        return peers
    path = folder + "/model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning) # the newer exporter needs another package
        torch.onnx.export(model, (images,), path, input_names=["images"], opset_version=17, dynamo=False)
    for name, package, make in [("ONNX Runtime", "onnxruntime", onnx_runtime), ("OpenVINO", "openvino", open_vino)]:
        if importlib.util.find_spec(package):
            peers[name] = make(path, images)
        else:
            print(f"{name}: skipped, it is not installed")
    return peers


def main():
    binary, count, rounds = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    model = Vision().eval()
    images = torch.randn(count, 3, 224, 224)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        torch.save({"visual." + name: tensor for name, tensor in model.state_dict().items()}, folder + "/clip.pth")
        images.numpy().tofile(folder + "/images.raw")
        ours = Ours(binary, "encode", folder)
        ours("check")
        mine = np.fromfile(folder + "/ours.raw", np.float32)
        peers = peers_of(model, images, folder)
        for name, encode in peers.items():
            theirs = encode().ravel()
            differ(f"encode, {name}", np.abs(mine - theirs).max() / np.abs(theirs).max(), 1e-4)
        contenders = {"ours": lambda: ours("encode"), "products": lambda: ours("products")}
        contenders.update({name: lambda encode=encode: timed(encode) for name, encode in peers.items()})
        times = in_turn(contenders, rounds)
    table = Table("encode")
    for name in peers:
        table.row(f"encode, {name}", f"{count} images, {name}", times["ours"], times[name], times["products"])


main()
