"""The same shards from a cluster, also when a worker dies."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from genkei_train.data import Options, make

ray = pytest.importorskip("ray", reason="the extra [ray] is not installed")
TINY = {"side": 32, "cells": 40, "seed": 3}


def workers_at_work() -> list[int]:
    """Process numbers of workers that make a shard."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended meanwhile
                continue
            if title.startswith(b"ray::write_shard"):
                found.append(int(entry.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="workers are found by /proc")
def test_a_cluster_of_two_workers_makes_the_same_bytes_though_one_dies(tmp_path: Path) -> None:
    make(Options(**TINY, out=tmp_path / "local", shards=2, workers=1))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    killed: list[int] = []

    def kill_one() -> None:
        end = time.monotonic() + 120
        while not killed and time.monotonic() < end:
            for number in workers_at_work()[:1]:
                time.sleep(0.3)
                os.kill(number, signal.SIGKILL)
                killed.append(number)
            time.sleep(0.05)

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        assert make(Options(**TINY, out=tmp_path / "ray", shards=2, engine="ray")) == 2
    finally:
        killer.join()
        ray.shutdown()
    assert killed, "no worker was caught at work, so nothing was proven"
    for name in ("shard-00000.zip", "shard-00001.zip", "shard-00000.sha256", "shard-00001.sha256"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
