#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 900
#
# Python: threads, big integers, floating point, subprocesses, pickling.

. "$(dirname "$0")/lib.bash"
. "$(dirname "$0")/app.bash"

cat > "$scratch/overlay/app/work.py" <<'SCRIPT'
import hashlib
import json
import math
import queue
import subprocess
import threading


def digits(n):
    """The first digits of pi, by Gibbons' spigot, with growing integers."""
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    out = []
    while len(out) < n:
        if 4 * q + r - t < m * t:
            out.append(str(m))
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = (q * k, (2 * q + r) * x, t * x, k + 1,
                                (q * (7 * k + 2) + r * x) // (t * x), x + 2)
    return "".join(out)


def worker(todo, results, lock):
    while True:
        n = todo.get()
        if n is None:
            return
        value = pow(3, 2000 + n, (1 << 521) - 1) * math.factorial(200 + n)
        with lock:
            results[n] = hashlib.sha256(str(value).encode()).hexdigest()


todo, results, lock = queue.Queue(), {}, threading.Lock()
threads = [threading.Thread(target=worker, args=(todo, results, lock))
           for _ in range(6)]
for thread in threads:
    thread.start()
for n in range(120):
    todo.put(n)
print(digits(400))
for _ in threads:
    todo.put(None)
for thread in threads:
    thread.join()
print(hashlib.sha256(json.dumps(results, sort_keys=True).encode()).hexdigest())
print(math.fsum(math.sin(i) / (i + 1) for i in range(20000)))
print(subprocess.run(["sh", "-c", "echo $((6 * 7))"], capture_output=True,
                     text=True, check=True).stdout)
SCRIPT
cluster -n 3 "${patient[@]}" --mem 768M --rootfs python3 --overlay "$scratch/overlay" -- "export SEED=$seed
sh /app/both python python3 /app/work.py" > "$scratch/out"
same "exit status" 0 $?
survives python
finish
