"""The training loop: batches of like length, one optimizer, a checkpoint an epoch."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from model.adapter import LowRankLinear, adapter_state, add_adapters
from model.encoder import Encoder, Window
from model.head import StanceHead, pool_mentions
from model.stance import mention_mask
from model.training.data import Example

_POOL = 50  # batches whose texts are sorted by length together: little padding, yet random order


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training: how long, how fast, and what is seen in an epoch.

    `corpus_repeats` and `own_repeats` say how often each labelled paragraph of the corpora and of
    our own texts, `sentence_share` what share of the sentences.
    """

    epochs: int
    learning_rate: float
    batch: int
    corpus_repeats: int
    own_repeats: int
    sentence_share: float
    warm_up: float = 0.1
    label_smoothing: float = 0.05
    weight_decay: float = 0.01


@dataclass(frozen=True, slots=True)
class Reading:
    """A window of an example and those of its targets that it mentions: masks `(targets, tokens)`, label indices."""

    window: Window
    masks: Tensor
    labels: tuple[int, ...]


def read_examples(encoder: Encoder, examples: Sequence[Example]) -> list[Reading]:
    """Each window of each example with the targets mentioned in it; windows without any are dropped."""
    readings = []
    for window in encoder.windows([example.text for example in examples]):
        targets = examples[window.text].targets
        masks = [mention_mask(window, target.spans, len(window.ids)) for target in targets]
        kept = [index for index, mask in enumerate(masks) if mask.any()]
        if kept:
            readings.append(
                Reading(window, torch.stack([masks[i] for i in kept]), tuple(targets[i].label for i in kept))
            )
    return readings


def logits(encoder: Encoder, head: StanceHead, readings: Sequence[Reading]) -> tuple[Tensor, Tensor]:
    """Logits `(items, 3)` and labels `(items,)` of a batch."""
    states = encoder.states([reading.window for reading in readings])
    rows = torch.tensor([row for row, reading in enumerate(readings) for _ in reading.masks])
    masks = torch.zeros((len(rows), states.shape[1]), dtype=torch.bool)
    item = 0
    for reading in readings:
        count, length = reading.masks.shape
        masks[item : item + count, :length] = reading.masks
        item += count
    labels = torch.tensor([label for reading in readings for label in reading.labels])
    device = states.device
    return head(pool_mentions(states, rows.to(device), masks.to(device)).float()), labels.to(device)


def make_batches(readings: Sequence[Reading], size: int, rng: random.Random) -> list[list[Reading]]:
    """Shuffled batches of `size` windows of like length."""
    order = list(readings)
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), size * _POOL):
        pool = sorted(order[start : start + size * _POOL], key=lambda reading: len(reading.window.ids))
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    rng.shuffle(batches)
    return batches


def trainable(encoder: Encoder, head: StanceHead) -> list[nn.Parameter]:
    """What the optimizer moves: the adapters and the head."""
    return [parameter for parameter in encoder.network.parameters() if parameter.requires_grad] + list(
        head.parameters()
    )


def train_stage(
    encoder: Encoder,
    head: StanceHead,
    stage: Stage,
    epoch_readings: Callable[[random.Random], list[Reading]],
    evaluate: Callable[[], dict[str, float]],
    folder: Path,
    seed: int,
) -> Iterator[dict[str, float]]:
    """Train for `stage.epochs`, yielding each epoch's scores; resumes after the last finished epoch in `folder`.

    An epoch's order depends on `seed` and its number alone, so a resumed run sees the same batches.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    parameters = trainable(encoder, head)
    optimizer = torch.optim.AdamW(parameters, lr=stage.learning_rate, weight_decay=stage.weight_decay)
    steps = len(make_batches(epoch_readings(random.Random(seed)), stage.batch, random.Random(seed))) * stage.epochs
    warm = max(1, round(steps * stage.warm_up))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
    )
    first = 0
    if checkpoint.exists():  # our own file, read without unpickling objects
        saved = torch.load(checkpoint, weights_only=True)
        with torch.no_grad():
            for parameter, value in zip(parameters, saved["parameters"], strict=True):
                parameter.copy_(value)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["epoch"]
    for epoch in range(first, stage.epochs):
        rng = random.Random(f"{seed}/{epoch}")
        torch.manual_seed(rng.getrandbits(32))
        loss = _train_epoch(
            encoder, head, stage, make_batches(epoch_readings(rng), stage.batch, rng), optimizer, schedule
        )
        scores = {"epoch": epoch + 1, "loss": loss, **evaluate()}
        state = {
            "parameters": [parameter.detach().clone() for parameter in parameters],
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "epoch": epoch + 1,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(scores) + "\n")
        yield scores


def _train_epoch(
    encoder: Encoder,
    head: StanceHead,
    stage: Stage,
    batches: Sequence[Sequence[Reading]],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> float:
    encoder.network.train()
    head.train()
    total = 0.0
    device = next(head.parameters()).device.type
    with tqdm(batches, desc="training", mininterval=5) as bar:
        for batch in bar:
            with torch.autocast(device, dtype=torch.bfloat16):
                scores, labels = logits(encoder, head, batch)
            loss = nn.functional.cross_entropy(scores.float(), labels, label_smoothing=stage.label_smoothing)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
            nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += loss.item()
            bar.set_postfix(loss=f"{loss.item():.3f}")
    return total / len(batches)


def freeze_for_training(encoder: Encoder, rank: int, scale: float, dropout: float) -> None:
    """Put adapters on the encoder and keep its frozen matrices in bf16, which autocast would cast again each step."""
    add_adapters(encoder.network, rank, scale, dropout)
    for module in encoder.network.modules():
        if isinstance(module, LowRankLinear):
            module.linear.to(torch.bfloat16)


def save_weights(path: Path, encoder: Encoder, head: StanceHead, metadata: dict[str, str]) -> None:
    """Write adapters and head as one safetensors file in fp16: `adapter.<layer>.A`, `adapter.<layer>.B`, `head.*`.

    The metadata gets a `version`: the first digits of the SHA-256 over all tensors' bytes.
    """
    tensors = {f"adapter.{name}": tensor for name, tensor in adapter_state(encoder.network).items()}
    tensors |= {f"head.{name}": tensor for name, tensor in head.state_dict().items()}
    half = {name: tensor.to("cpu", torch.float16).contiguous() for name, tensor in sorted(tensors.items())}
    digest = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in half.values())).hexdigest()
    save_file(half, path, metadata | {"version": f"stance@{digest[:12]}"})
