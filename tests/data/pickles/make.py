"""Writes the image lists beside this file: each way in which Python spells the same three names.

Run with any Python that has NumPy. The files are committed; tests read them.
"""
import pathlib
import pickle

import numpy

NAMES = ["sea_0001_1.jpg", "caf\u00e9_0002_22.jpg", "\u6d77_0003_3.jpg"]
FOLDER = pathlib.Path(__file__).parent

FORMS = {
    "dict": {"img_names": NAMES},
    "list": NAMES,
    "tuple": {"img_names": tuple(NAMES)},
    "array": {"img_names": numpy.array(NAMES)},
    "objects": {"img_names": numpy.array(NAMES, dtype=object)},
    "scalars": {"img_names": list(numpy.array(NAMES))},
    "bytes": {"img_names": numpy.array([name.encode() for name in NAMES])},
}

for form, value in FORMS.items():
    for protocol in range(6):
        (FOLDER / f"{form}_{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))

# Python 2's str at its protocol 0, and big-endian strings, which are refused.
python2 = "(dp0\nS'img_names'\np1\n(lp2\n" + "".join(f"S'{n.encode()!r}'\na".replace("S'b'", "S'").replace("''", "'") for n in NAMES) + "s."
(FOLDER / "python2.pkl").write_bytes(python2.encode("ascii"))
(FOLDER / "big_endian.pkl").write_bytes(pickle.dumps({"img_names": numpy.array(NAMES).astype(">U20")}, 4))
