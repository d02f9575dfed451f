"""`python -m model.training.recipes.lm_stance` (`make train-lm-stance`): the language model's stance weights.

It goes on where it stopped. Each text is read in letters drawn at random, with mentions as in `model.training`. What it
writes is the mean of its stages, pooled with the encoder on development paragraphs.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...domain import VOICES
from ...networks.encoder_weights import encoder_folder
from ...settings import RuntimeSettings
from ...stance.classifier import StanceClassifier, StanceWeights
from ...stance.letters import LETTERS, lettered, letters_for
from ...stance.lm_classifier import (
    LONGEST,
    LmStanceClassifier,
    LmStanceHead,
    LmStanceWeights,
    Questions,
    features_of,
    questions_of,
)
from ..batches import IGNORED, NAMED_SHARE, make_batches, with_other_mentions
from ..command import add_earlier, folder_of, parsed, run
from ..earlier import other_file, take_up
from ..examples import (
    LABELS,
    PARAGRAPH_SHARE,
    SENTENCE_SHARE,
    Example,
    Target,
    as_found,
    read_newsmtsc,
    read_paragraphs,
    split,
)
from ..lm_layers import begun, default_language_model, learn
from ..loop import Course, Stage, save_weights, trainable
from ..losses import VOICE_SHARE
from .lm_stance_pool import Found, Pool, cross_checked, fit_pool, read_both, scores_of

LAYERS, RANK, SCALE = 20, 12, 2.0
"""How many of the language model's 28 layers read, and its adapters' rank."""
FIRST = Stage(
    epochs=1,
    learning_rate=2.5e-4,
    batch=16,
    paragraphs=True,
    sentence_share=0.7,
    plain_news_share=0.4,
    warm_up=0.06,
    newest=0.01,
)
STAGES = (FIRST, replace(FIRST, learning_rate=1.5e-4))
"""Each goes on from the one before; the first is left out where there are weights of an earlier run."""
_CHUNK = 2600  # tokens, padding included, whose states are kept for a backward pass at once: 12 GB


@dataclass(frozen=True, slots=True)
class Asked:
    """A text with its questions, and its targets in the questions' order."""

    questions: Questions
    targets: tuple[Target, ...]


def asked(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], rng: random.Random) -> list[Asked]:
    """Each example with a question a target; texts that are not read since they are long are not learnt from either.

    Letters, their order and some mentions are drawn, and some texts keep their names.
    """
    found = []
    for example in examples:
        targets = list(with_other_mentions(example, rng).targets)
        rng.shuffle(targets)
        letters = "".join(rng.sample(LETTERS, len(LETTERS)))
        names = () if rng.random() < NAMED_SHARE else None
        targets = targets[: len(letters_for(example.text))]
        text = lettered(example.text, [target.spans for target in targets], names, letters)
        one = Asked(questions_of(tokenizer, text), tuple(targets))
        if targets and len(one.questions.ids) <= LONGEST:
            found.append(one)
    return found


def logits_of(network: PreTrainedModel, head: LmStanceHead, some: Sequence[Asked]) -> tuple[Tensor, Tensor]:
    """Stance `(items, 3)` and voice `(items, 2)` of all targets, read in one batch padded on the right."""
    longest = -(-max(len(one.questions.ids) for one in some) // 16) * 16
    ids = torch.zeros((len(some), longest), dtype=torch.long)
    for row, one in enumerate(some):
        ids[row, : len(one.questions.ids)] = torch.tensor(one.questions.ids)
    states = network(input_ids=ids, use_cache=False).last_hidden_state  # causal: no token looks at the padding
    stance, voice = head(*features_of(states, [one.questions for one in some]))
    return stance.float(), voice.float()


def loss_of(network: PreTrainedModel, head: LmStanceHead, some: Sequence[Asked]) -> Tensor:
    """Summed over the items of `some`: cross-entropy of stance, and half of voice."""
    stance, voice = logits_of(network, head, some)
    targets = [target for one in some for target in one.targets]
    labels = torch.tensor([target.label for target in targets])
    voices = torch.tensor([VOICES.index(target.voice) if target.voice else IGNORED for target in targets])
    loss = nn.functional.cross_entropy(stance, labels, label_smoothing=FIRST.label_smoothing, reduction="sum")
    if (voices != IGNORED).any():
        loss = loss + VOICE_SHARE * nn.functional.cross_entropy(voice, voices, ignore_index=IGNORED, reduction="sum")
    return loss


def items_of(some: Sequence[Asked]) -> int:
    """How many items they have."""
    return sum(len(one.targets) for one in some)


def chunks(batch: Sequence[Asked]) -> Iterator[list[Asked]]:
    """A batch in parts of at most `_CHUNK` tokens."""
    part: list[Asked] = []
    for one in batch:
        longest = max(len(other.questions.ids) for other in [*part, one])
        if part and longest * (len(part) + 1) > _CHUNK:
            yield part
            part = []
        part.append(one)
    yield part


def steps_of(
    number: int,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[Example],
    paragraphs: Sequence[Example],
    seed: int,
) -> list[list[list[Asked]]]:
    """The texts of each step of a stage, in chunks; what is drawn depends on the seed and the stage's number."""
    stage, rng = STAGES[number], random.Random(f"{seed}/{number}")
    steps: list[list[list[Asked]]] = []
    for _ in range(stage.epochs):
        texts = asked(tokenizer, stage.seen(sentences, paragraphs, rng), rng)
        batches = make_batches(texts, stage.batch, rng, lambda one: len(one.questions.ids))
        steps += [list(chunks(batch)) for batch in batches]
    return steps


def learn_stage(
    number: int,
    steps: Sequence[Sequence[list[Asked]]],
    network: PreTrainedModel,
    head: LmStanceHead,
    folder: Path,
    seed: int,
) -> None:
    """Take a stage's steps, from the checkpoint in `folder` on; what it leaves are the parameters' running means."""
    stage, parameters = STAGES[number], trainable(network, head)
    course = Course(
        parameters, stage.learning_rate, stage.weight_decay, len(steps), stage.warm_up, folder, stage.newest
    )
    learn(network, head, steps, partial(loss_of, network, head), items_of, course, seed + number)
    course.settle()


AS_READ = Pool(1.0, 1.0, 1.0, 0.0)
"""Before it is fitted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.lm_stance", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--run", type=Path, default=Path("runs/careful"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/lm_stance.safetensors)")
    add_earlier(parser, "pool the mean of --earlier with the encoder")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Learn or take weights as they are, pool both readings, write the weights."""
    out = other_file(options.out or options.run / "lm_stance.safetensors", options.earlier)
    language_model = default_language_model()
    network, head, origin = begun(language_model, (LAYERS, RANK, SCALE), LmStanceHead, options.seed, options.earlier)
    folder = folder_of(options, origin)
    sentences, sentences_dev = split(read_newsmtsc(options.newsmtsc), SENTENCE_SHARE)
    paragraphs, paragraphs_dev = split(read_paragraphs(LABELS, options.corpora), PARAGRAPH_SHARE)
    stance = StanceWeights.load()
    settings = RuntimeSettings.from_environment()
    classifier = StanceClassifier.from_folder(encoder_folder(settings.encoder, settings.cache), stance)
    metadata = {"seed": str(options.seed), "earlier": origin, "layers": str(LAYERS)}
    metadata |= {"stance": stance.version, "language_model": language_model.version}
    if not options.as_is:
        learnt: list[Path] = []
        for number in range(1 if options.earlier else 0, len(STAGES)):
            file = folder / f"stage-{number}.safetensors"
            if not file.exists():
                take_up(learnt[-1:], network, head)  # the stage before as it is in its file, so that both ways are one
                steps = steps_of(number, language_model.tokenizer, sentences, paragraphs, options.seed)
                learn_stage(number, steps, network, head, file.with_suffix(""), options.seed)
                save(file, network, head, metadata, AS_READ)
            learnt.append(file)
        take_up(learnt, network, head)
    save(out, network, head, metadata, AS_READ)
    reader = LmStanceClassifier.of(language_model, LmStanceWeights.load(out))
    real = [example for example in paragraphs_dev if not example.group.startswith("own-")]
    own = [example for example in paragraphs_dev if example.group.startswith("own-")]
    sets = {"sentences_dev": sentences_dev, "real_dev": real, "own_dev": own, "found_dev": list(map(as_found, real))}
    found = {name: read_both(classifier, reader, examples) for name, examples in sets.items()}
    fitted_on = Found.together([found["real_dev"], found["own_dev"]])
    pool = fit_pool(fitted_on)
    result: dict[str, object] = {name: scores_of(pool, some) for name, some in found.items()}
    result |= {"pool": asdict(pool), "cross_checked": cross_checked(fitted_on)}
    logging.info("%s", json.dumps(result, indent=1))
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    save(out, network, head, metadata, pool)
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


def save(path: Path, network: nn.Module, head: LmStanceHead, metadata: dict[str, str], pool: Pool) -> None:
    """Write the weights as `LmStanceWeights.load` reads them."""
    shares = {name: str(value) for name, value in asdict(pool).items()}
    save_weights(path, network, head, metadata | shares, "careful")


if __name__ == "__main__":
    sys.exit(main())
