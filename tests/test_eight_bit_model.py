"""The default language model in eight bits: a tiny one, held against transformers' own, and the real one."""

import json
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import gguf
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from model.article.splitter import join_article
from model.domain import Span
from model.errors import PromptError, WeightsError
from model.language_model import decoding, eight_bit_model, eight_bit_weights, weights
from model.language_model.decoding import Turn, shared_beginning
from model.language_model.eight_bit_model import EightBitModel
from model.language_model.eight_bit_weights import TOKENIZER, eight_bit_folder, read_eight_bit, write_eight_bit
from model.language_model.interface import JUDGING, WRITING, LanguageModel, WritesTogether, replies
from model.language_model.loading import open_language_model
from model.language_model.prompts import Prompt
from model.language_model.qwen2 import Qwen2, Row
from model.language_model.weights import QWEN, GgufSpec, gguf_file
from model.networks import eight_bit
from model.networks.eight_bit import EightBitLinear
from model.networks.file_record import hash_of
from model.networks.lora import adapter_state, add_adapters
from model.stance.lm_classifier import TaughtModel
from model.summary.window import Window
from model.training.activated_lora import GGUF_NAMES, load_chat, write_gguf

pytestmark = pytest.mark.skipif(not eight_bit.is_exact(), reason="this CPU does not multiply eight bits exactly")

PARTS = {**GGUF_NAMES, "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
PROMPTS = [
    "The ferry of Hale, a story of the council.",
    "The ferry of Hale was closed.",
    "Norway thanked Sweden, twice.",
]


@pytest.fixture(scope="module")
def network(folder: Path) -> PreTrainedModel:
    network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    torch.manual_seed(5)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("bias"):  # as initialized they are 0
                parameter.normal_(std=0.2)
        network.get_output_embeddings().weight.copy_(network.get_input_embeddings().weight)  # tied, as the real ones
    return network.eval()


@pytest.fixture(scope="module")
def gguf_of_tiny(folder: Path, network: PreTrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a GGUF file, its weights in fp32."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "qwen2")
    config = network.config
    writer.add_block_count(config.num_hidden_layers)
    writer.add_embedding_length(config.hidden_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    words = AutoTokenizer.from_pretrained(folder)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    names = words.convert_ids_to_tokens(range(len(words)))
    control = set(words.added_tokens_encoder)
    writer.add_token_list(names)
    writer.add_token_types([3 if name in control else 1 for name in names])
    writer.add_token_merges(
        [" ".join(pair) for pair in json.loads(words.backend_tokenizer.to_str())["model"]["merges"]]
    )
    for name, tensor in network.state_dict().items():
        writer.add_tensor(_gguf_name(name), tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _gguf_name(name: str) -> str:
    """What GGUF calls a tensor of transformers' Qwen2."""
    whole = {"model.embed_tokens.weight": "token_embd", "model.norm.weight": "output_norm", "lm_head.weight": "output"}
    if name in whole:
        return f"{whole[name]}.weight"
    _, _, number, part = name.split(".", 3)
    part, kind = part.rsplit(".", 1)
    return f"blk.{number}.{PARTS[part]}.{kind}"


@pytest.fixture(scope="module")
def files(gguf_of_tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("int8")
    write_eight_bit(gguf_of_tiny, folder)
    return folder


@pytest.fixture(scope="module")
def taught(network: PreTrainedModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[PreTrainedModel, Path]:
    """The tiny model with an adapter, and the adapter as a file."""
    other = AutoModelForCausalLM.from_config(network.config)
    other.load_state_dict(network.state_dict())
    add_adapters(other.base_model, rank=4, scale=0.5)
    torch.manual_seed(7)
    with torch.no_grad():
        for name, parameter in other.named_parameters():
            if name.endswith(".B"):
                parameter.normal_(std=0.5)
    path = tmp_path_factory.mktemp("adapter") / "adapter.gguf"
    write_gguf(path, adapter_state(other.base_model))
    return other.eval(), path


@pytest.fixture
def model(files: Path, taught: tuple[PreTrainedModel, Path]) -> EightBitModel:
    model = EightBitModel.from_folder(files, "tiny", {WRITING: taught[1], JUDGING: taught[1]})
    assert model.network.blocks, "it is read"
    return model


@pytest.fixture
def unrounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers multiply what comes as it is: in eight bits its last digit, another in each batch, rounds up or down."""

    def forward(layer: EightBitLinear, x: Tensor) -> Tensor:
        weight = layer.multiply(torch.eye(x.shape[-1], dtype=torch.uint8))
        return x @ weight if layer.bias is None else x @ weight + layer.bias

    monkeypatch.setattr(EightBitLinear, "forward", forward)


def empty(model: EightBitModel, tokens: Sequence[int]) -> Tensor:
    return model.network.empty_cache(len(tokens))


def close(found: Tensor, expected: Tensor) -> bool:
    """Whether both are the same but for what eight bits leave out."""
    return bool((found - expected).norm() < 0.1 * expected.norm())


def test_it_reads_as_transformers_does(
    model: EightBitModel, network: PreTrainedModel, taught: tuple[PreTrainedModel, Path]
) -> None:
    tokens = model.tokens("The council of Hale closed the ferry, and Norway thanked Sweden for it.")
    (plain,) = model.network.read([Row(empty(model, tokens), 0, tokens)])
    (adapted,) = model.network.read([Row(empty(model, tokens), 0, tokens)], WRITING)
    with torch.inference_mode():
        for found, reference in ((plain, network), (adapted, taught[0])):
            expected = reference.base_model(torch.tensor([tokens])).last_hidden_state[0]
            assert close(found, expected)
            assert close(model.network.logits(found), reference.get_output_embeddings()(expected))
    assert not close(plain, adapted)


@pytest.mark.usefixtures("unrounded")
def test_a_text_in_pieces_and_beside_another_is_read_as_whole_and_alone(model: EightBitModel) -> None:
    one, other = (model.tokens(text) for text in ("The ferry of Hale was closed by the council.", "Norway thanked."))
    (whole,) = model.network.read([Row(empty(model, one), 0, one)])
    (alone,) = model.network.read([Row(empty(model, other), 0, other)], WRITING)
    states = empty(model, one)
    first, *_ = model.network.read([Row(states, 0, one[:3]), Row(states, 3, one[3:5])])
    rows = [Row(states, 5, one[5:]), Row(empty(model, other), 0, other)]
    rest, beside = model.network.read(rows, WRITING, 1)
    assert torch.allclose(torch.cat([first, rest]), torch.cat([whole[:3], whole[5:]]), atol=1e-4)
    assert torch.allclose(beside, alone, atol=1e-4)


@pytest.mark.usefixtures("unrounded")
def test_each_question_sees_the_text_before_it_alone(model: EightBitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eight_bit_model, "_PIECE", 4)
    text = model.tokens("The ferry of Hale was closed by the council, and Norway thanked Sweden.")
    questions = [
        (9, model.tokens(" How? Norway")),
        (5, model.tokens(" Hale?")),
        (5, model.tokens(" Who is it? Sweden")),
    ]
    options = [*model.tokens(" yes")[:1], *model.tokens(" no")[:1], *model.tokens(" neutral")[:1]]

    def alone(end: int, question: Sequence[int]) -> Tensor:
        tokens = [*text[:end], *question]
        (states,) = model.network.read([Row(empty(model, tokens), 0, tokens)], JUDGING)
        return (model.network.embedded(options) @ states[-1]).log_softmax(0)

    for at_once in (6, 128):
        monkeypatch.setattr(eight_bit_model, "PASS_TOKENS", at_once)
        steps = list(model.answers(text, questions, options))
        found = dict(filter(None, steps))
        assert sorted(found) == [0, 1, 2]
        assert steps.count(None) == (1 if at_once == 128 else 5), "between passes, whoever waits can stop"
        for number, (end, question) in enumerate(questions):
            assert torch.tensor(found[number]).exp().sum() == pytest.approx(1)
            assert torch.allclose(torch.tensor(found[number]), alone(end, question), atol=1e-4)


def greedy(model: EightBitModel, prompt: str, limit: int) -> tuple[list[int], float]:
    """A reply token by token, all of it read again each time."""
    tokens = model._prompt_tokens(prompt, 0)
    opening, end = model.opening, model.end
    reply, log_likelihood = list[int](), 0.0
    while len(reply) < limit:
        states = model.network.empty_cache(len(tokens) + len(opening) + limit)
        rows = [Row(states, 0, tokens), Row(states, len(tokens), [*opening, *reply])]
        _, read = model.network.read(rows, WRITING, 1)
        best = model.network.logits(read[-1:]).log_softmax(dim=1)[0].max(dim=0)
        if best.indices == end:
            break
        reply.append(int(best.indices))
        log_likelihood += float(best.values)
    return reply, log_likelihood


@pytest.mark.usefixtures("unrounded")
def test_replies_that_are_written_together_are_those_written_alone(
    model: EightBitModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "PASS_TOKENS", 24)
    monkeypatch.setattr(decoding, "_TOGETHER", 2)
    passes: list[int] = []
    read = model.network.read
    monkeypatch.setattr(model.network, "read", lambda *rows: passes.append(1) or read(*rows))  # type: ignore[func-returns-value]
    steps = list(replies(model, PROMPTS, 12))
    together = len(passes)
    found = dict(filter(None, steps))
    assert steps.count(None) == together
    assert sorted(found) == [0, 1, 2]
    for number, prompt in enumerate(PROMPTS):
        expected, log_likelihood = greedy(model, prompt, 12)
        assert found[number].text == model._tokenizer.decode(expected)
        assert found[number].log_likelihood == pytest.approx(log_likelihood, abs=1e-3)
    assert list(replies(model, [], 12)) == []


@pytest.mark.usefixtures("unrounded")
def test_prompts_may_be_added_while_others_are_answered(model: EightBitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "PASS_TOKENS", 24)
    monkeypatch.setattr(decoding, "_TOGETHER", 2)
    prompts = PROMPTS[:2]
    found: dict[int, str] = {}
    for step in replies(model, prompts, 12):
        if step:
            found[step[0]] = step[1].text
        if len(prompts) == 2 or len(found) == len(prompts) == 3:  # while the first are read, and with the last reply
            prompts.append(PROMPTS[2 - len(found) // 3])
    texts = [model._tokenizer.decode(greedy(model, prompt, 12)[0]) for prompt in PROMPTS]
    assert [found[number] for number in sorted(found)] == [*texts, texts[1]]


@pytest.mark.usefixtures("unrounded")
def test_what_any_two_prompts_begin_with_alike_is_read_once(
    model: EightBitModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "PASS_TOKENS", 24)
    prompts = [
        "Norway thanked.",
        "The council of Hale closed the ferry. Why?",
        "The council of Hale closed the ferry. Who?",
    ]
    counted: list[int] = []
    read = model.network.read

    def counting(rows: Sequence[Row], adapter: str, adapted: int) -> list[Tensor]:
        counted.append(sum(len(row.tokens) for row in rows[:adapted]))
        return read(rows, adapter, adapted)

    with monkeypatch.context() as patched:
        patched.setattr(model.network, "read", counting)
        found = dict(filter(None, replies(model, prompts, 4)))
    first, second, third = (model._prompt_tokens(prompt, 0) for prompt in prompts)
    beginning = shared_beginning(first, second)
    assert shared_beginning(second, third) > beginning + 5
    assert sum(counted) <= len(first) + len(second) - beginning + len(third) - beginning - 5
    for number, prompt in enumerate(prompts):
        assert found[number].text == model._tokenizer.decode(greedy(model, prompt, 4)[0])


def test_what_a_reply_copies_is_guessed() -> None:
    turn = Turn([1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 9])
    turn.reply = [7, 2, 3]
    assert turn.draft() == [9]
    turn.reply = [7, 3, 4]
    assert turn.draft() == [5, 6, 7, 8, 2]
    turn.reply = [3, 9]
    assert turn.draft() == []
    turn.reply = [4]
    assert turn.draft() == []


@pytest.mark.usefixtures("unrounded")
def test_a_guess_is_taken_as_far_as_it_is_right(model: EightBitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, log_likelihood = greedy(model, PROMPTS[0], 12)
    assert len(expected) == 12

    def draft(turn: Turn) -> list[int]:
        """Two tokens that will come, and a wrong one."""
        at = len(turn.reply)
        return [*expected[at : at + 2], model.opening[0]]

    monkeypatch.setattr(Turn, "draft", draft)
    steps = list(model.write_together(PROMPTS[:1], 12))
    assert steps.count(None) < 12
    ((_, written),) = filter(None, steps)
    assert written.text == model._tokenizer.decode(expected)
    assert written.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)


@pytest.mark.usefixtures("unrounded")
def test_it_is_a_language_model_that_can_judge(model: EightBitModel) -> None:
    assert isinstance(model, TaughtModel)
    assert isinstance(model, WritesTogether)
    asked: LanguageModel = model
    pieces = asked.generate(PROMPTS[0], 5)
    text = "".join(pieces)
    assert text == model._tokenizer.decode(greedy(model, PROMPTS[0], 5)[0])
    (choice,) = model.choose(["Is it?"], ("yes", "no"))
    assert 0 < choice.shares["yes"] + choice.shares["no"] < 1
    assert model.version.startswith("tiny, adapter@")
    assert model.version.endswith(", int8")


def test_closing_stops_it(model: EightBitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    read = model.network.read
    monkeypatch.setattr(model.network, "read", lambda *rows: passes.append(1) or read(*rows))  # type: ignore[func-returns-value]
    pieces = replies(model, PROMPTS, 12)
    next(pieces)
    pieces.close()
    assert len(passes) == 1


def test_control_tokens_of_a_prompt_are_text(model: EightBitModel) -> None:
    assert len(model.tokens("<|im_end|>")) > 1 == len(model.tokens("<|im_end|>", control=True))
    assert model._prompt_tokens("a<|im_end|>b", 0).count(model.end) == 2, "of the system's turn and the user's"


def test_a_prompt_without_room_for_a_reply(model: EightBitModel) -> None:
    with pytest.raises(PromptError, match=r"expected a prompt of at most \d+ tokens, got \d+"):
        list(model.generate("word " * 5000, 80))


def test_a_reply_may_be_empty(model: EightBitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    model.end = greedy(model, PROMPTS[0], 1)[0][0]
    ((_, written),) = filter(None, replies(model, PROMPTS[:1], 12))
    assert (written.text, written.log_likelihood) == ("", 0.0)


def test_a_question_without_room(model: EightBitModel) -> None:
    with pytest.raises(PromptError, match="at most"):
        model.choose(["word " * 5000], ("yes", "no"))


def test_whoever_needs_the_network_waits_and_is_told_what_is_amiss(files: Path, tmp_path: Path) -> None:
    network: Future[Qwen2] = Future()
    model = EightBitModel(network, Tokenizer.from_file(str(files / TOKENIZER)), "late")
    steps = model.write_together(PROMPTS, 5)
    assert next(steps) is None
    network.set_result(read_eight_bit(files, 512))
    assert len(list(filter(None, steps))) == len(PROMPTS)

    broken = tmp_path / "broken"
    shutil.copytree(files, broken)
    (broken / "block-01.safetensors").write_bytes(b"none")
    model = EightBitModel.from_folder(broken, "broken", {})
    for _ in range(2):
        with pytest.raises(WeightsError, match=r"expected the language model in .*broken, got \w+: .*made anew"):
            list(replies(model, PROMPTS, 5))


def test_the_first_start_writes_it_and_removes_the_file_of_llama_cpp(
    gguf_of_tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(QWEN, file="tiny.gguf", sha256=hash_of(gguf_of_tiny))
    made: list[Path] = []

    def gguf_file(folder: Path, spec: GgufSpec = spec) -> Path:
        made.append(folder)
        return Path(shutil.copy(gguf_of_tiny, folder / spec.file))

    monkeypatch.setattr(eight_bit_weights, "QWEN", spec)
    monkeypatch.setattr(eight_bit_weights, "gguf_file", gguf_file)
    monkeypatch.setattr(weights, "gguf_file", gguf_file)
    monkeypatch.setattr(eight_bit_weights, "quantized_file", lambda cache: weights.quantized_file(cache, spec))
    for earlier in (False, True):
        cache = tmp_path / str(earlier)
        if earlier:
            assert weights.quantized_file(cache, spec).exists()
        folder = eight_bit_folder(cache)
        assert [path.name for path in cache.iterdir() if path.is_dir()] == [folder.name]
        assert sorted(path.suffix for path in folder.iterdir()) == [".json"] * 2 + [".safetensors"] * 3
        assert read_eight_bit(folder, 512).blocks
        before = len(made)
        weights.quantized_file(cache, spec)  # as training does
        assert eight_bit_folder(cache) == folder
        assert weights.quantized_file(cache, spec).exists()
        assert len(made) == before + 1


@pytest.mark.llm
def test_the_real_one_rewrites_and_its_chat_is_that_of_its_file(tmp_path: Path) -> None:
    model = open_language_model("default")
    assert isinstance(model, EightBitModel)
    article = join_article(
        "The ferry of Hale", ["Ann Berg runs the ferry.", "However, she told us on Monday that it would be closed."]
    )
    window = Window.around(article, 1, Span(0, len(article.paragraphs[1].text)))
    ((_, written),) = filter(None, replies(model, [Prompt.load("rewrite").fill({"window": window.lines()})], 60))
    assert written.log_likelihood
    assert -12 < written.log_likelihood < 0
    assert re.fullmatch(r"[^\n]*Berg[^\n]*\.", written.text)
    files = r"rewriting@\w{12}, lm_stance@\w{12}, int8"
    assert re.fullmatch(f"{re.escape(QWEN.version)}, {files}", model.version)
    (choice,) = model.choose(["Is Oslo in Norway? Answer with one word: yes or no."], ("yes", "no"))
    assert choice.shares["yes"] > 0.8 > 0.2 > choice.shares["no"]
    chat = load_chat(gguf_file(tmp_path).parent)
    prompt = "Norway’s “plan” <|im_end|> cost €3,500 — 日本 😀, naïvely.\n\n"
    turn = chat.turn(prompt, "")
    assert model._prompt_tokens(prompt, 0) == turn.prompt
    assert [*model.opening, model.end] == turn.reply
    left = [path.name for path in eight_bit_folder().iterdir() if path.suffix not in (".safetensors", ".json")]
    assert left == [], "no GGUF file"
