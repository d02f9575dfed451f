"""The Ray engine: the same work on Ray Data, with actors that hold the models, on this machine or on a cluster."""

import pickle
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from ...errors import SidelightError
from ..input.shards import Job
from .worker import Judged, Setup, Worker


def run_ray(job: Job, setup: Setup, workers: int, address: str | None) -> Iterator[Judged]:
    """Each shard's result, as it comes.

    Args:
        job: what is to be judged; it is read on the machine that runs this.
        setup: what a worker needs; each takes `setup.threads` of a machine's CPUs.
        workers: how many actors judge.
        address: the cluster's ("auto", "ray://host:10001"); None starts one on this machine.
    """
    local = {"_system_config": {"worker_niceness": 0}} if address is None else {}  # else behind all that runs here
    ray.init(address=address, include_dashboard=False, log_to_driver=False, configure_logging=False, **local)
    try:
        context = DataContext.get_current()
        context.target_max_block_size = 1  # a block a row, a row a shard: shards go to the actors one by one
        context.enable_progress_bars = False
        results = ray.data.read_datasource(_Shards(job), override_num_blocks=1, num_cpus=0).map_batches(
            _Actor,
            fn_constructor_args=(setup,),
            compute=ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),
            batch_size=1,
            batch_format="pyarrow",
            num_cpus=setup.threads,
        )
        for row in results.iter_rows():
            yield _unpack(row["payload"])
    except Exception as error:  # Ray wraps what a task raises in errors of its own
        raise _cause(error) from error
    finally:
        ray.shutdown()


class _Shards(Datasource):  # type: ignore[misc]  # Ray is untyped here
    """A job's shards, read by one task that streams them: a row with the pickled shard for each."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @property
    def supports_distributed_reads(self) -> bool:
        """False: the input is where the command was given."""
        return False

    def estimate_inmemory_data_size(self) -> int | None:
        """None: nobody knows."""
        return None

    def get_read_tasks(self, parallelism: int, *args: object, **kwargs: object) -> list[ReadTask]:
        """One task: the rows have to be seen in order."""
        job = self.job
        unknown = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None, input_files=None)
        return [ReadTask(lambda: map(_pack, job), unknown)]


class _Actor:
    """A worker as Ray Data calls it."""

    def __init__(self, setup: Setup) -> None:
        self.worker = Worker.from_setup(setup)

    def __call__(self, batch: pa.Table) -> pa.Table:
        (payload,) = batch.column("payload").to_pylist()
        return _pack(self.worker.judge(_unpack(payload)))


def _pack(value: Any) -> pa.Table:  # a Shard or a Judged
    return pa.table({"payload": pa.array([pickle.dumps(value)], pa.large_binary())})


def _unpack(payload: bytes) -> Any:
    return pickle.loads(payload)  # noqa: S301  # our own, from another process of this job


def _cause(error: BaseException) -> BaseException:
    """The error of ours that Ray carries from another process, or Ray's own."""
    seen: BaseException | None = error
    while seen is not None:
        carried = getattr(seen, "cause", None)  # of a RayTaskError
        if isinstance(carried, SidelightError):
            return carried
        seen = seen.__cause__
    return error
