"""The default model's weights in eight bits: made once of its GGUF file, then read at each start."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor
from transformers.integrations.gguf import GgufHeader, convert_gguf_tokenizer, get_gguf_tokenizer, load_gguf_state_dict
from transformers.integrations.gguf.dequant import GGML_BLOCK, dequantize
from transformers.integrations.gguf.reader import LazyGgufTensor, read_gguf_metadata

from ..networks.download import made_folder, made_once
from ..networks.eight_bit import EightBitLinear, quantized
from ..networks.progress import progress
from .qwen2 import LINEARS, Block, Config, Qwen2, Update
from .weights import QWEN, gguf_file, quantized_file

TOKENIZER = "tokenizer.json"
_CONFIG, _EMBEDDING = "config.json", "embedding.safetensors"
_FORMAT = 1
"""To be raised when other files, or other numbers, are written of the same GGUF file."""
_GIGABYTES = 3  # the GGUF file and what is made of it lie side by side for a moment
_ROWS = 1 << 13
"""Of a weight, in fp32 at once: all those of the vocabulary take a gigabyte."""


def eight_bit_folder(cache: Path | None = None) -> Path:
    """The folder in the cache with the default model in eight bits, put there on the first call (half a minute).

    Then the GGUF file that llama.cpp reads is removed from the cache.

    Raises:
        WeightsError: no source has that file, it is not the pinned one, or the disk is full.
    """
    name = f"int8-{_FORMAT}-{QWEN.name}"
    earlier = made_folder(QWEN.folder, QWEN.sha256, cache)
    new = not made_folder(name, QWEN.sha256, cache).is_dir()

    def make(draft: Path) -> None:
        if earlier.is_dir():
            write_eight_bit(quantized_file(cache), draft)
            return
        source = draft / "source"
        source.mkdir()
        write_eight_bit(gguf_file(source), draft)
        shutil.rmtree(source)

    folder = made_once(name, QWEN.sha256, make, cache, _GIGABYTES)
    if new:
        shutil.rmtree(earlier, ignore_errors=True)
    return folder


def write_eight_bit(gguf: Path, folder: Path) -> None:
    """Write the model of a GGUF file into `folder`: each block, the embedding, the tokenizer.

    The embedding is the output layer's weight: in this model both are one, and the file has it at a higher precision.

    Raises:
        OSError: there is no room or right to write.
    """
    told, _ = read_gguf_metadata(str(gguf))
    config = Config(
        told["qwen2.embedding_length"],
        told["qwen2.attention.head_count"],
        told["qwen2.attention.head_count_kv"],
        told["qwen2.attention.layer_norm_rms_epsilon"],
        told["qwen2.rope.freq_base"],
    )
    (folder / _CONFIG).write_text(json.dumps(asdict(config)), encoding="utf-8")
    tensors = load_gguf_state_dict(GgufHeader.from_file(str(gguf)))
    embedding, scales = _quantized(tensors.get("output.weight", tensors["token_embd.weight"]))
    found = {"embedding": embedding, "scales": scales, "norm": _floats(tensors["output_norm.weight"])}
    (folder / _EMBEDDING).write_bytes(save(found))
    sizes = [_size(tensors, number) for number in range(told["qwen2.block_count"])]
    with progress(sum(sizes), f"{QWEN.name} in eight bits") as bar:
        for number, size in enumerate(sizes):
            (folder / f"block-{number:02}.safetensors").write_bytes(save(_block(tensors, number)))
            bar.update(size)
    tokenizer, _ = convert_gguf_tokenizer(*get_gguf_tokenizer(str(gguf))[:2])
    (folder / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")


def _size(tensors: Mapping[str, LazyGgufTensor], number: int) -> int:
    """Bytes of a block in the GGUF file."""
    return sum(int(one.data.nbytes) for name, one in tensors.items() if name.startswith(f"blk.{number}."))


def _block(tensors: Mapping[str, LazyGgufTensor], number: int) -> dict[str, Tensor]:
    """The tensors of a block as `Block` takes them."""
    found = {norm: _floats(tensors[f"blk.{number}.{norm}.weight"]) for norm in ("attn_norm", "ffn_norm")}
    for name, parts in LINEARS.items():
        names = [f"blk.{number}.{part}" for part in parts]
        each = [_quantized(tensors[f"{one}.weight"]) for one in names]
        found[name] = torch.cat([whole for whole, _ in each])
        found[f"{name}.scales"] = torch.cat([scales for _, scales in each])
        if f"{names[0]}.bias" in tensors:
            found[f"{name}.bias"] = torch.cat([_floats(tensors[f"{one}.bias"]) for one in names])
    return found


def _quantized(tensor: LazyGgufTensor) -> tuple[Tensor, Tensor]:
    """`quantized` for a weight in a file, some rows at a time."""
    rows = tensor[:].split(_ROWS)
    whole, scales = zip(*(quantized(_dequantized(some, tensor.ggml_type)) for some in rows), strict=True)
    return torch.cat(whole), torch.cat(scales)


def _floats(tensor: LazyGgufTensor) -> Tensor:
    return _dequantized(tensor[:], tensor.ggml_type)


def _dequantized(rows: Tensor, kind: int) -> Tensor:
    """Rows of a tensor in fp32; those of a `kind` that GGUF packs are bytes."""
    if kind not in GGML_BLOCK:
        return rows.float()
    values: Tensor = dequantize(rows, kind)
    return values.view(len(rows), -1)


def read_eight_bit(folder: Path, longest: int) -> Qwen2:
    """The model that `write_eight_bit` wrote, for texts of at most `longest` tokens."""
    config = Config(**json.loads((folder / _CONFIG).read_text(encoding="utf-8")))
    files = sorted(folder.glob("block-*.safetensors"))
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        blocks = list(pool.map(lambda file: Block(load_file(file), config), files))
    whole = load_file(folder / _EMBEDDING)
    output = EightBitLinear.of(whole["embedding"], whole["scales"])
    del whole  # else all of the file stays in memory for the few rows that are looked up
    return Qwen2(config, blocks, load_file(folder / _EMBEDDING), output, longest)


def read_adapter(file: Path) -> dict[str, Update]:
    """The low-rank updates of an adapter in GGUF, by the names of their layers."""
    told, _ = read_gguf_metadata(str(file))
    tensors = load_gguf_state_dict(GgufHeader.from_file(str(file)))
    updates = {}
    for layer in {name.rsplit(".weight.lora_", 1)[0] for name in tensors}:
        down, up = (_floats(tensors[f"{layer}.weight.lora_{half}"]) for half in "ab")
        updates[layer] = down, up * (told["adapter.lora.alpha"] / len(down))
    return updates
