"""`sidelight corpus IN OUT`: judge a corpus."""

import argparse
import importlib
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from ..errors import CorpusError, SidelightError
from ..language_model.server import ServerModel
from ..networks.device import choose_device, encoder_dtype
from ..networks.encoder_weights import encoder_folder
from ..parties.requests import parse_requests
from ..settings import RuntimeSettings
from .engine.process_pool import run_plain
from .engine.server_summaries import Server
from .engine.worker import Judged, Setup
from .input.rows import Columns
from .input.shards import Job
from .input.sources import open_source
from .output.manifest import manifest_of
from .output.store import Store, begun_with, open_store


def main(arguments: Sequence[str]) -> int:
    """Judge what is not judged yet; returns 0, 2 after an error message, or 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        counts = run(options)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sidelight: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()) + f" in {options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidelight corpus",
        description="Judge a corpus; run it again after a kill and it goes on. docs/corpus.md describes the result.",
    )
    parser.add_argument("source", metavar="IN", help="a file (JSONL, CSV, Parquet), a folder, or hf:owner/name")
    parser.add_argument("out", metavar="OUT", type=Path, help="a folder for the result, new or begun by this command")
    parser.add_argument("--columns", default="", help="your names, such as 'text=body, outlet=source, date=published'")
    parser.add_argument(
        "--parties",
        default="",
        metavar="NAMES",
        help='judge these in every article, such as "United States; China: Beijing" (default: find)',
    )
    parser.add_argument("--split", default="train", help="of a data set on the Hub")
    parser.add_argument("--shard", type=_positive, default=256, metavar="N", help="articles that are written together")
    parser.add_argument("--workers", type=_positive, metavar="N", help="processes or actors (default: one a CPU)")
    parser.add_argument("--engine", choices=("plain", "ray"), default="plain")
    parser.add_argument("--address", help="of a Ray cluster (default: one started on this machine)")
    parser.add_argument("--llm", default="", metavar="URL", help="a server whose language model writes summaries too")
    parser.add_argument(
        "--llm-requests", type=_positive, default=8, metavar="N", help="open at once, by each worker (default: 8)"
    )
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    return parser


def run(options: argparse.Namespace) -> dict[str, int]:
    """Judge the corpus and return how many rows each table has.

    Raises:
        SidelightError: the input, an option or the folder cannot be used.
    """
    if options.address and options.engine != "ray":
        raise CorpusError("expected --engine ray with --address, which is a Ray cluster's")
    server = _server(options)
    columns = Columns.parse(options.columns)
    source = open_source(options.source, options.split)
    before = begun_with(options.out)
    settings = RuntimeSettings.from_environment()
    dtype = (
        before["versions"].get("dtype", "float32")  # another one is told as a difference
        if before
        else str(encoder_dtype(choose_device(settings.device), settings.precision)).removeprefix("torch.")
    )
    requests = tuple(parse_requests(options.parties))
    setup = Setup(
        options.encoder or settings.encoder, settings.cache, dtype, 1, requests, server, device=settings.device
    )
    encoder_folder(setup.encoder, setup.cache)  # what is amiss with the weights is said here, not by each worker
    manifest = manifest_of(
        source.fingerprint(),
        {"columns": asdict(columns), "parties": options.parties, "shard": options.shard},
        dtype,
        server.model() if server else None,
    )
    with open_store(options.out, manifest) as store:
        job = Job(source, columns, options.shard, dict(store.digests))
        workers = options.workers or os.cpu_count() or 1
        with closing(_results(options, job, setup, workers)) as results:
            _write(store, results)
        if not store.digests:
            raise CorpusError(f"expected rows in {options.source}, found none")
        return store.finish()


def _server(options: argparse.Namespace) -> Server | None:
    """Whose language model writes, asked whether it is there; None for nobody's."""
    if not options.llm:
        return None
    if not options.llm.startswith(("http://", "https://")):
        raise CorpusError(
            f"expected a server's address for --llm (http://…/v1), got {options.llm!r}; a model in this process "
            "would take days, start a server, such as vLLM"
        )
    key = RuntimeSettings.from_environment().llm_key
    model = ServerModel.connect(options.llm, key)
    return Server(f"{options.llm.partition('#')[0]}#{model.name}", options.llm_requests, key)


def _results(options: argparse.Namespace, job: Job, setup: Setup, workers: int) -> Generator[Judged, None, None]:
    if options.engine == "plain":
        yield from run_plain(job, setup, workers)
        return
    try:
        engine = importlib.import_module(".engine.ray_engine", __package__)  # an extra
    except ImportError as error:
        raise CorpusError(f"expected Ray for --engine ray, got {error}; pip install 'sidelight[ray]'") from error
    yield from engine.run_ray(job, setup, workers, options.address)


def _write(store: Store, results: Iterator[Judged]) -> None:
    """Write each result when it comes, and show how many articles are judged and how fast."""
    counts = store.counts()
    errors = counts["errors"]
    with tqdm(
        initial=counts["articles"] + errors, unit=" articles", smoothing=0.05, mininterval=1, disable=None
    ) as bar:
        for judged in results:
            store.add(judged)
            tables = judged.tables.by_name
            errors += tables["errors"].num_rows
            bar.set_postfix(errors=errors, refresh=False)
            bar.update(tables["articles"].num_rows + tables["errors"].num_rows)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text}")
    return number
