"""Aim of each row. ratio, wall_ratio and memory_ratio: the peer's processor time, wall time and peak memory over ours;
over_limit: our processor time over the limit's; wall: our seconds."""

AIMS = {
    "stage1": {"ratio": (">=", 1.9)},
    "stage2": {"ratio": (">=", 5), "memory_ratio": (">=", 3)},
    "encode, PyTorch eager": {"ratio": (">=", 1.2), "over_limit": ("<=", 1 / 0.9)},
    "encode, ONNX Runtime": {"ratio": (">=", 1.1)},
    "encode, OpenVINO": {"ratio": (">=", 1.2)},
    "data, train": {"ratio": (">=", 3)},
    "data, eval": {"ratio": (">=", 2), "over_limit": ("<=", 1.3)},
    "infer, first time": {"wall_ratio": (">=", 12)},
    "infer, cached": {"wall": ("<=", 0.9), "wall_ratio": (">=", 100), "memory_ratio": (">=", 5)},
    "infer, exported": {"wall": ("<=", 0.9), "wall_ratio": (">=", 100), "memory_ratio": (">=", 5)},
    "ap, torch": {"ratio": (">=", 10)},
}


def judged(row, entry):
    """A row's measures against its aims: [{"what", "sign", "aim", "met"}]."""
    reached = lambda value, sign, aim: value >= aim if sign == ">=" else value <= aim
    return [{"what": what, "sign": sign, "aim": aim, "met": reached(entry[what], sign, aim)}
            for what, (sign, aim) in AIMS.get(row, {}).items()]
