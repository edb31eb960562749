"""Proof on a GPU, started by scripts/gpu.sh: results of a device against those of the CPU, speed against PyTorch's, and
training on JPEG files. Writes gpu.json, after every section, and gpu.md. Exit status 1 if a check failed.

gpu.py BUILD DEVICE full|quick|small OUT
"""

import collections
import contextlib
import glob
import gzip
import json
import multiprocessing
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

import numpy as np

import given
from data import picture
from given import torch

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
PRECISIONS = ["fp32", "tf32", "bf16", "fp16"]
# Largest relative differences from fp32 on the CPU: losses of the first steps, scores in norm, mAP in points.
TOLERANCES = {"fp32": (1e-4, 1e-4, 0.05), "tf32": (1e-2, 1e-2, 0.5), "bf16": (5e-2, 3e-2, 1.5), "fp16": (1e-2, 1e-2, 0.5)}
NOISE = 0.1
# NUS-WIDE: training images, and the published epochs of both stages.
NUS_IMAGES, STAGE1_EPOCHS, STAGE2_EPOCHS = 161789, 20, 4
SEEN, UNSEEN = 925, 81

FULL = {"size": "vit-b-16", "product": 8192, "encode": [1, 32, 256], "score": (256, 1006), "upload": 256,
        "stage1": [(128, 925), (16, 7186)], "stage2": [(128, 925), (16, 7186)], "rounds": 3, "seconds": 0.4,
        "compile": True, "fix_layer": 10, "train": 6144, "test": 256, "epochs": 3, "batch": 128, "labels": (SEEN, UNSEEN),
        "demo": ("512", "256"), "speed_types": ["bf16", "tf32"]}
SMALL = {"size": "tiny", "product": 256, "encode": [1, 4], "score": (4, 50), "upload": 4, "stage1": [(4, 40)],
         "stage2": [(4, 40)], "rounds": 1, "seconds": 0.0, "compile": False, "fix_layer": 2, "train": 48, "test": 16, "epochs": 2,
         "batch": 16, "labels": (20, 5), "demo": ("128", "64"), "speed_types": ["fp32"]}


class Process:
    """gpu_bench or gpu_peer.py: answers one line with seconds."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def __call__(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"no answer to '{line}': exit status {self.process.wait()}, message above")
        return answer

    def seconds(self, precision, repeats, work):
        answer = self(f"{precision} {repeats} {work}")
        return None if answer == "out of memory" else float(answer)


class Proof:
    def __init__(self, build, device, size, out):
        self.build, self.device, self.out = build, device, out
        self.small = size == "small"
        self.plan = {"small": SMALL, "quick": {**FULL, "rounds": 1, "compile": False}, "full": FULL}[size]
        self.precisions = PRECISIONS if device == "cuda" else ["fp32", "bf16"]
        self.folder = tempfile.mkdtemp(prefix="mkt-gpu-")
        self.workers = str(min(16, os.cpu_count()))
        self.results = {"device": device, "size": size, "checks": [], "speed": [], "training": {}, "failures": []}
        self.start = time.time()
        self.environment = {**os.environ, "XDG_CACHE_HOME": self.folder + "/cache"} # of our programs
        if "MKT_LIBRARIES" in os.environ:
            self.environment["LD_LIBRARY_PATH"] = os.environ["MKT_LIBRARIES"]

    # Bookkeeping

    def say(self, text):
        print(f"[gpu {time.time() - self.start:4.0f}s] {text}", flush=True)

    def section(self, action):
        self.say(action.__name__)
        try:
            action()
        except Exception as error: # the other sections still run
            traceback.print_exc()
            self.results["failures"].append(f"{action.__name__}: {error}")
        with open(self.out + "/gpu.json", "w") as file:
            json.dump(self.results, file, indent=1)

    def check(self, what, precision, found, tolerance):
        passed = bool(found <= tolerance)
        self.results["checks"].append({"check": what, "precision": precision, "found": found, "tolerance": tolerance,
                                       "passed": passed})
        if not passed:
            self.say(f"FAILED: {what}, {precision}: {found:.3g}, {tolerance:g} allowed")

    def outcome(self, name, *arguments):
        """Runs one of our programs; returns its finished process."""
        return subprocess.run([f"{self.build}/bin/{name}", *map(str, arguments)], capture_output=True, text=True,
                              timeout=600, env=self.environment)

    def program(self, name, *arguments):
        done = self.outcome(name, *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, done.args))}: exit status {done.returncode}. {done.stderr[-600:]}")
        return done

    # Sections

    def facts(self):
        facts = self.results["facts"] = {"processors": os.cpu_count(), "torch": torch.__version__,
                                         "programs": self.program("infer", "--version").stdout.strip()}
        if self.device == "cuda":
            facts["gpu"] = torch.cuda.get_device_name()
            query = ["nvidia-smi", "--query-gpu=driver_version,memory.total", "--format=csv,noheader"]
            facts["driver"] = subprocess.run(query, capture_output=True, text=True).stdout.strip()

    def library(self):
        """device_parity_test, with the golden tiny CLIP and with ViT-B/16; ctest runs it on the CPU."""
        runs = [] if self.small else [("tiny", "*"), ("vit-b-16", "*Image*")]
        for clip, chosen in runs:
            report = f"{self.folder}/parity.json"
            environment = {**self.environment, "MKT_TEST_DEVICE": self.device, "MKT_TEST_CLIP": clip,
                           "MKT_TEST_DATA": ROOT + "/tests/data"}
            done = subprocess.run([self.build + "/tests/device_parity_test", f"--gtest_output=json:{report}",
                                   f"--gtest_filter={chosen}"], env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                print(done.stdout[-6000:], done.stderr[-2000:])
                self.results["failures"].append(f"device_parity_test, {clip}: exit status {done.returncode}")
            with open(report) as file:
                suites = json.load(file)["testsuites"]
            for test in [test for suite in suites for test in suite["testsuite"]]:
                name, precision = (test["name"].split("/") + [""])[:2]
                known = {"name", "value_param", "file", "line", "status", "result", "timestamp", "time", "classname",
                         "failures", "type_param"}
                state = "failed" if test.get("failures") else test["result"].lower().replace("completed", "passed")
                self.results.setdefault("library", []).append(
                    {"clip": clip, "test": name, "precision": precision, "state": state,
                     "differences": {key: float(value) for key, value in test.items() if key not in known}})

    def make_demo(self):
        """The demo's small world: returns the options that every command shares."""
        data, clip = self.folder + "/demo", self.folder + "/demo.safetensors"
        with gzip.open(ROOT + "/data/demo/clip.safetensors.gz") as packed, open(clip, "wb") as file:
            shutil.copyfileobj(packed, file)
        train, test = self.plan["demo"]
        self.program("prepare", "demo", "--output", data, "--train", train, "--test", test, "--val", 0, "--single", 0,
                     "--workers", self.workers)
        self.program("prepare", "label-emb", "--data-path", data, "--clip-path", clip, "--device", "cpu")
        return ["--data-path", data, "--clip-path", clip, "--topk", 2]

    def trained(self, stage, name, options, more):
        """Trains on the demo; returns losses of all steps and the last checkpoint."""
        output = f"{self.folder}/{name}"
        self.program(f"train_stage{stage}", "--config", f"{ROOT}/configs/demo/stage{stage}.toml", *options, *more,
                     "--output", output, "--workers", self.workers)
        with open(output + "/metrics.jsonl") as file:
            steps = [record for record in map(json.loads, file) if record["kind"] == "step"]
        checkpoints = sorted(glob.glob(output + "/model_*.pth"), key=os.path.getmtime)
        return [step["rank_loss"] + step.get("dist_loss", 0) for step in steps], checkpoints[-1]

    def training(self):
        options = self.options = self.make_demo()
        short = ["--epochs", 1, "--limit-train-batches", 6]
        cpu = ["--device", "cpu", "--threads", 0]
        losses1, self.stage1 = self.trained(1, "cpu1", options, [*short, *cpu])
        losses2, self.stage2 = self.trained(2, "cpu2", options, [*short, *cpu, "--ckpt-path", self.stage1])
        for precision in self.precisions:
            ours = ["--device", self.device, "--precision", precision]
            for stage, expected, more in [(1, losses1, []), (2, losses2, ["--ckpt-path", self.stage1])]:
                losses, _ = self.trained(stage, f"{precision}{stage}", options, [*short, *ours, *more])
                apart = [abs(a / b - 1) for a, b in zip(losses, expected, strict=True)]
                self.check(f"train_stage{stage}: loss of the first step", precision, apart[0], TOLERANCES[precision][0])
                # Stage 1 starts at the teacher itself, where the distillation loss has only rounding as its gradient.
                self.check(f"train_stage{stage}: losses of {len(losses)} steps", precision, float(np.max(apart)),
                           NOISE if stage == 1 else TOLERANCES[precision][0])

    def scores(self):
        def scored(device, precision):
            name = f"{self.folder}/scores-{device}-{precision}"
            self.program("eval", *self.options, "--ckpt-path", self.stage1, "--eval-ckpt", self.stage2, "--device", device,
                         "--precision", precision, "--save-scores", name + ".safetensors", "--json", name + ".json",
                         "--workers", self.workers)
            with open(name + ".json") as file:
                return read_safetensors(name + ".safetensors"), json.load(file)

        expected, wanted = scored("cpu", "fp32")
        for precision in self.precisions:
            tables, numbers = scored(self.device, precision)
            apart = np.max([np.linalg.norm(tables[name] - table) / np.linalg.norm(table) # keeps NaN, unlike max()
                            for name, table in expected.items() if table.dtype == np.float32])
            self.check("eval: scores", precision, float(apart), TOLERANCES[precision][1])
            points = max(abs(numbers[part]["map"] - wanted[part]["map"]) for part in ("zsl", "gzsl"))
            self.check("eval: mAP, points", precision, 100 * points, TOLERANCES[precision][2])

    def tags(self):
        folder = self.folder + "/demo/Flickr/test"
        images = sorted(glob.glob(folder + "/*.png"))[:20]

        def tagged(device, precision):
            done = self.program("infer", *self.options, "--img-ckpt", self.stage1, "--txt-ckpt", self.stage2, "--device",
                                device, "--precision", precision, "--json", "--top", 5, "--no-cache", "--image-path", *images)
            return [json.loads(line) for line in done.stdout.splitlines()]

        expected = tagged("cpu", "fp32")
        for precision in self.precisions:
            best = lambda images: np.array([[entry["score"] for entry in image["labels"]] for image in images])
            ours, theirs = best(tagged(self.device, precision)), best(expected)
            self.check("infer: scores of the best labels", precision, float(np.max(np.abs(ours / theirs - 1))),
                       2 * TOLERANCES[precision][1])

    def resume(self):
        """A run killed in its second epoch and resumed ends with the same bytes."""
        options = [*self.options, "--config", ROOT + "/configs/demo/stage1.toml", "--epochs", 2, "--checkpoint-every", 1,
                   "--limit-train-batches", 4, "--batch-size", 16, "--device", self.device, "--workers", self.workers]
        precision = "bf16" if self.device == "cuda" else "fp32"
        options += ["--precision", precision]
        whole, killed = self.folder + "/whole", self.folder + "/killed"
        self.program("train_stage1", *options, "--output", whole)
        process = subprocess.Popen([self.build + "/bin/train_stage1", *map(str, options), "--output", killed],
                                   stderr=subprocess.DEVNULL, env=self.environment)
        while process.poll() is None and '"epoch":1,"step":0' not in text_of(killed + "/metrics.jsonl"):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        was_killed = process.wait() == -signal.SIGKILL
        self.program("train_stage1", *options, "--output", killed, "--resume")
        same = bytes_of(whole + "/model_epoch_1.pth") == bytes_of(killed + "/model_epoch_1.pth")
        self.check("resume after a kill: bytes of the checkpoint differ", precision, float(not same), 0)
        self.check("resume: the run ended before it could be killed", precision, float(not was_killed), 0)

    def refusals(self):
        """What cannot work is refused in one line."""
        if self.device != "cuda":
            return
        done = self.outcome("train_stage1", *self.options, "--device", "cuda", "--nproc-per-node",
                            torch.cuda.device_count() + 1, "--output", self.folder + "/ranks")
        self.results["more_ranks_than_gpus"] = done.stderr.strip().splitlines()[-1]
        self.check("more ranks than GPUs: not refused", "", float(done.returncode == 0 or
                   "ranks: expected at most" not in done.stderr), 0)
        free = torch.cuda.mem_get_info()[0]
        held = torch.empty(free - (1 << 30), dtype=torch.uint8, device="cuda")
        done = self.outcome("train_stage1", *self.options_of("jpeg"), "--device", "cuda", "--precision", "bf16",
                            "--batch-size", 512, "--output", self.folder + "/memory")
        del held
        torch.cuda.empty_cache()
        self.results["out_of_memory"] = done.stderr.strip().splitlines()[-1]
        self.check("out of memory: no line that names the option", "", float(done.returncode != 1 or
                   "--batch-size" not in self.results["out_of_memory"]), 0)

    # Speed

    def turns(self, work, contenders):
        """Medians over rounds of {name: (process, precision, work)} in turn; None where memory ran out."""
        repeats = {}
        times = collections.defaultdict(list)
        for name, (process, precision, line) in list(contenders.items()):
            once = process.seconds(precision, 1, line)
            if once is None or once > 1: # out of memory, or too slow to repeat
                times[name] = [once]
                del contenders[name]
            else:
                repeats[name] = max(2, min(200, int(self.plan["seconds"] / once)))
        for _ in range(self.plan["rounds"]):
            for name, (process, precision, line) in contenders.items():
                times[name].append(process.seconds(precision, repeats[name], line))
        row = {"work": work, "seconds": {name: values[0] if None in values else statistics.median(values)
                                         for name, values in times.items()}}
        self.results["speed"].append(row)
        self.say(work + ": " + ", ".join(f"{name} {1e3 * value:.3f} ms" if value else f"{name} out of memory"
                                         for name, value in row["seconds"].items()))

    def speed(self):
        plan = self.plan
        ours = self.ours = Process([self.build + "/tests/gpu_bench", self.device, plan["size"]], self.environment)
        peer = self.peer = Process([sys.executable, os.path.dirname(os.path.abspath(__file__)) + "/gpu_peer.py", self.device,
                                    plan["size"]])
        types = plan["speed_types"]
        for precision in types:
            work = f"product {plan['product']}"
            self.turns(f"{precision}: {work}", {"ours": (ours, precision, work), "PyTorch": (peer, precision, work)})
        for precision in types:
            for count in plan["encode"]:
                work = f"encode {count}"
                self.turns(f"{precision}: {work}", {"ours": (ours, precision, work), "PyTorch eager": (peer, precision, work)})
        self.turns(f"{types[0]}: upload {plan['upload']}", {"ours": (ours, types[0], f"upload {plan['upload']}")})
        work = "score {} {}".format(*plan["score"])
        self.turns(f"{types[0]}: {work}", {"ours": (ours, types[0], work)})

    def traces(self):
        """The kernels that take longest."""
        if self.small:
            return
        for work in [f"encode {self.plan['encode'][-1]}", "stage1 128 925", "stage2 128 925"]:
            path = f"{self.out}/trace.json"
            self.ours(f"trace {path} {work}")
            self.results.setdefault("kernels", {})[work] = longest(path)
            os.remove(path)

    def steps(self):
        precision = self.plan["speed_types"][0]
        for name in ("stage1", "stage2"):
            for images, labels in self.plan[name]:
                work = f"{name} {images} {labels}"
                self.turns(f"{precision}: {work}", {"ours": (self.ours, precision, work),
                                                    "original": (self.peer, precision, work)})

    def compiled(self):
        """The encoder by torch.compile."""
        if not self.plan["compile"]:
            return
        for count in self.plan["encode"][1:]:
            work = f"encode {count}"
            self.turns(f"bf16: {work}, against a compiled one", {
                "ours": (self.ours, "bf16", work), "PyTorch compiled": (self.peer, "bf16", f"compiled {count}")})

    # Training on JPEG files

    def make_jpegs(self):
        folder = self.folder + "/jpeg"
        os.makedirs(folder)
        plan = self.plan
        seen, unseen = plan["labels"]
        labels = given.write_labels(given.Tokenizer(self.build + "/share/mkt/bpe_simple_vocab_16e6.txt"), seen + unseen,
                                    folder)
        for name, part in [("seen", labels[:seen]), ("unseen", labels[seen:])]:
            with open(f"{folder}/{name}.txt", "w") as file:
                file.writelines(label + "\n" for label in part)
        count = plan["train"] + plan["test"]
        with multiprocessing.get_context("fork").Pool(int(self.workers)) as pool:
            pool.starmap(write_picture, [(f"{folder}/{i}.jpg", i % 512) for i in range(count)], chunksize=16)
        with open(folder + "/table.csv", "w") as file:
            file.write("image,labels,split\n")
            for i in range(count):
                shown = [labels[(7 * i + 131 * k) % (seen if i < plan["train"] else seen + unseen)] for k in range(3)]
                file.write(f"{i}.jpg,{';'.join(shown)},{'train' if i < plan['train'] else 'test'}\n")
        self.program("prepare", "csv", "--csv", folder + "/table.csv", "--images", folder, "--split-column", "split",
                     "--seen", folder + "/seen.txt", "--unseen", folder + "/unseen.txt", "--out", folder + "/data.toml")
        subprocess.run([self.build + "/tests/make_clip", plan["size"], self.folder + "/clip.pth"], check=True,
                       env=self.environment)
        self.program("prepare", "label-emb", *self.options_of("jpeg")[:4], "--device", self.device)

    def options_of(self, data):
        return ["--data-path", f"{self.folder}/{data}/data.toml", "--clip-path", self.folder + "/clip.pth", "--workers",
                self.workers]

    def end_to_end(self):
        """Both stages from JPEG files: images per second of the last epoch, and how long the step waited for them."""
        plan = self.plan
        precision = "bf16" if self.device == "cuda" else "fp32"
        common = [*self.options_of("jpeg"), "--batch-size", plan["batch"], "--device", self.device, "--precision",
                  precision, "--epochs", plan["epochs"], "--eval-every", 0, "--checkpoint-every", 0]
        checkpoint = ""
        for stage, epochs in [(1, STAGE1_EPOCHS), (2, STAGE2_EPOCHS)]:
            output = f"{self.folder}/jpeg{stage}"
            more = ["--ckpt-path", checkpoint] if stage == 2 else ["--fix-layer", plan["fix_layer"]]
            self.program(f"train_stage{stage}", *common, *more, "--output", output)
            with open(output + "/metrics.jsonl") as file:
                last = [record for record in map(json.loads, file) if record["kind"] == "epoch"][-1]
            checkpoint = last["checkpoint"]
            rate = last["images_per_second"]
            self.results["training"][f"stage{stage}"] = {
                "precision": precision, "images_per_second": rate,
                "waiting": last["waited_seconds"] * rate / last["images"], "memory_mib": last["memory_mib"],
                "saved_seconds": last["saved_seconds"],
                "nus_wide_minutes": epochs * (NUS_IMAGES / rate + last["saved_seconds"]) / 60}
            self.say(f"stage {stage}: {json.dumps(self.results['training'][f'stage{stage}'])}")
        folder = self.folder + "/jpeg"
        started = time.time()
        done = self.program("infer", *self.options_of("jpeg"), "--img-ckpt", self.folder + "/jpeg1/model_epoch_"
                            f"{plan['epochs'] - 1}.pth", "--device", self.device, "--precision", precision, "--batch-size", 256,
                            "--json", "--image-path", folder)
        images = len(done.stdout.splitlines())
        self.results["training"]["infer"] = {"images": images, "seconds": time.time() - started}

    def run(self):
        sections = [self.facts, self.library, self.make_jpegs, self.end_to_end, self.speed, self.traces, self.training,
                    self.scores, self.tags, self.resume, self.refusals, self.steps, self.compiled]
        try:
            for action in sections:
                self.section(action)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.results["seconds"] = time.time() - self.start
        failed = [check for check in self.results["checks"] if not check["passed"]]
        failed += [test for test in self.results.get("library", []) if test["state"] == "failed"]
        with open(self.out + "/gpu.json", "w") as file:
            json.dump(self.results, file, indent=1)
        text = markdown(self.results)
        with open(self.out + "/gpu.md", "w") as file:
            file.write(text)
        print(text)
        return 1 if failed or self.results["failures"] else 0


def write_picture(path, seed):
    with open(path, "wb") as file:
        file.write(picture(seed))


def read_safetensors(path):
    types = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "I8": np.int8, "U8": np.uint8}
    data = bytes_of(path)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])], types[entry["dtype"]])
            for name, entry in header.items()}


def longest(path):
    """What takes longest in a trace, on the device and on the host: {kind: [[name, milliseconds, calls]]}."""
    with open(path) as file:
        events = json.load(file)["traceEvents"]
    result = {}
    for kind, categories in [("device", ("kernel", "gpu_memcpy", "gpu_memset")), ("host", ("cpu_op",))]:
        chosen = [event for event in events if event.get("cat") in categories]
        total, calls = collections.Counter(), collections.Counter()
        for event in chosen:
            total[event["name"][:90]] += event["dur"] / 1000
            calls[event["name"][:90]] += 1
        result[kind] = [[name, round(time, 3), calls[name]] for name, time in total.most_common(18)]
        if chosen:
            span = max(event["ts"] + event["dur"] for event in chosen) - min(event["ts"] for event in chosen)
            result[kind].insert(0, ["first start to last end", round(span / 1000, 3), len(chosen)])
    return result


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def text_of(path):
    with contextlib.suppress(FileNotFoundError):
        return bytes_of(path).decode()
    return ""


def markdown(results):
    facts = results.get("facts", {})
    lines = [f"{facts.get('gpu', 'CPU')}, driver and memory {facts.get('driver', '-')}, {facts.get('processors')} processors, "
             f"PyTorch {facts.get('torch')}; {facts.get('programs')}; {results['size']} sizes, {results['seconds']:.0f} s", ""]
    lines += ["| results against fp32 on the CPU | precision | difference | allowed | |", "|---|---|---|---|---|"]
    for test in results.get("library", []):
        for what, found in test["differences"].items():
            lines.append(f"| {test['test']}, {what}, {test['clip']} | {test['precision']} | {found:.2g} | | {test['state']} |")
        if not test["differences"]:
            lines.append(f"| {test['test']}, {test['clip']} | {test['precision']} | | | {test['state']} |")
    for check in results["checks"]:
        lines.append(f"| {check['check']} | {check['precision']} | {check['found']:.2g} | {check['tolerance']:g} | "
                     f"{'passed' if check['passed'] else 'FAILED'} |")
    lines += ["", "| work, milliseconds | ours | others |", "|---|---|---|"]
    for row in results["speed"]:
        show = {name: f"{1e3 * value:.3f}" if value else "out of memory" for name, value in row["seconds"].items()}
        others = ", ".join(f"{name} {value}" for name, value in show.items() if name != "ours")
        lines.append(f"| {row['work']} | {show['ours']} | {others} |")
    lines.append("")
    lines += [f"{name}: {json.dumps(value)}" for name, value in results["training"].items()]
    minutes = sum(value.get("nus_wide_minutes", 0) for value in results["training"].values())
    lines.append(f"both stages of NUS-WIDE at these rates: {minutes:.1f} minutes")
    lines += [f"{name}: {results[name]}" for name in ("more_ranks_than_gpus", "out_of_memory") if name in results]
    lines += [f"FAILURE: {failure}" for failure in results["failures"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(Proof(*sys.argv[1:]).run())
