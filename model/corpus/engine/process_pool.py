"""The plain engine: worker processes on this machine, each with its own models."""

import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from ...errors import CorpusError
from ..input.shards import Shard
from .worker import Judged, Setup, Worker

_WAITING = 2  # shards that are read ahead for each worker

_worker: Worker  # of this process, if it is a worker's


def run_plain(shards: Iterable[Shard], setup: Setup, workers: int) -> Iterator[Judged]:
    """Each shard's result, as it comes; one worker works in this process.

    Raises:
        CorpusError: a worker was killed.
    """
    if workers == 1:
        yield from map(Worker.from_setup(setup).judge, shards)
        return
    waiting = iter(shards)
    context = multiprocessing.get_context("spawn")  # a fork of a process with torch's threads hangs
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(setup,)) as pool:
        pending: set[Future[Judged]] = set()
        try:
            while True:
                room = workers * _WAITING - len(pending)
                pending |= {pool.submit(_judge, shard) for shard in islice(waiting, room)}
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool as error:
            raise CorpusError(
                "a worker stopped, perhaps for want of memory (each takes 2 GB); run the command again with fewer "
                "--workers"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start(setup: Setup) -> None:
    global _worker  # a pool's initializer has no other way to hand something to its tasks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker.from_setup(setup)


def _judge(shard: Shard) -> Judged:
    return _worker.judge(shard)


def _end_with_parent() -> None:
    """Stop this process when its parent is killed: nobody would take its results."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
