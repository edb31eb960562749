"""Runs a command and prints, after its output, wall and processor seconds and peak memory (MiB). It is a separate,
small process because Linux counts the parent's memory at the fork as the child's.

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
