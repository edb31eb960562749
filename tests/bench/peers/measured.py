"""Runs a command and prints, behind its output, wall and processor seconds and its peak memory (MiB). A process of its
own, and a small one: Linux counts what the parent held at the fork as the child's.

measured.py COMMAND…
"""

import os
import subprocess
import sys
import time

start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
