"""Run something again and again from several processes, and count."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from django.db import connections

Call = Callable[[], object]
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Rate:
    """How often in a second, and how long one took on average."""

    per_second: float
    milliseconds: float


def rate(prepare: Callable[[int], Call], *, clients: int, seconds: float) -> Rate:
    """The rate of what `prepare(client)` returns, called for `seconds` by each client.

    Each client is a process with a connection of its own, warmed up by some calls.
    """
    connections.close_all()
    start = _fork.Barrier(clients)
    found = _fork.SimpleQueue()
    workers = [
        _fork.Process(target=_work, args=(prepare, client, seconds, start, found))
        for client in range(clients)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a client of the benchmark failed; see above")
    counts = [found.get() for _worker in workers]
    return Rate(
        per_second=sum(count / took for count, took in counts),
        milliseconds=1000 * sum(t for _c, t in counts) / sum(c for c, _t in counts),
    )


def _work(
    prepare: Callable[[int], Call],
    client: int,
    seconds: float,
    start: Barrier,
    found: "multiprocessing.SimpleQueue[tuple[int, float]]",
) -> None:
    call = prepare(client)
    for _warm in range(5):
        call()
    start.wait()
    begun = time.perf_counter()
    count = 0
    while (took := time.perf_counter() - begun) < seconds:
        call()
        count += 1
    found.put((count, took))
    connections.close_all()
