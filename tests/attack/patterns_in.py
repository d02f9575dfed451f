"""Every regular expression of the package, found in its source, with the ways in which it is used there."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.article.patterns import read_patterns
from model.settings import HERE

_ANCHORED = {"match", "fullmatch"}
_CALLS = {"compile", "search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
_NOT_SHIPPED = {"training", "bench"}


@dataclass(frozen=True)
class Used:
    """A pattern, where it stands, and whether it is tried at one place of a text alone, all of which must fit."""

    place: str
    pattern: re.Pattern[str]
    method: str

    def run(self, text: str) -> None:
        """Use the pattern on `text` as the package does."""
        if self.method in _ANCHORED:
            getattr(self.pattern, self.method)(text)
            return
        for _ in self.pattern.finditer(text):
            pass


def pattern_files() -> list[Path]:
    """The files of patterns; those with the page's words are none."""
    return [path for path in sorted(HERE.rglob("*.toml")) if path.parent.name != "languages"]


def patterns() -> Iterator[Used]:
    """Those of pattern files and those in the code; one that a function makes of its own values is left out."""
    paths = [path for path in sorted(HERE.rglob("*.py")) if not _NOT_SHIPPED & set(path.parts)]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    methods = _methods(trees.values())
    for path in pattern_files():
        for name, found in read_patterns(path).items():  # `_DAY`, or `ACRONYM`, is the pattern of that name
            used = methods.get(f"_{name.upper()}", set()) | methods.get(name.upper(), set())
            yield Used(f"{path.stem}.toml {name}", found, _dearest(used))
    for path, tree in trees.items():
        yield from _of_module(path, tree, methods)


def _methods(trees: Any) -> dict[str, set[str]]:
    """The methods that are used of each name in capitals; `sub` and the like count as "search"."""
    found = defaultdict(set)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _CALLS:
                found[node.value.id].add(node.attr)
    return found


def _of_module(path: Path, tree: ast.Module, methods: dict[str, set[str]]) -> Iterator[Used]:
    inside = path.relative_to(HERE.parent).with_suffix("")
    names = {
        node.value: node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).removeprefix("re.") in _CALLS):
            continue
        if not ast.unparse(call.func).startswith("re."):
            continue
        values = vars(importlib.import_module(".".join(inside.parts)))
        try:
            pattern = re.compile(*(eval(ast.unparse(node), values) for node in (call.args[0], *_flags(call))))
        except NameError:  # it depends on the function's own values
            continue
        own = ast.unparse(call.func).removeprefix("re.")
        used = methods.get(names.get(call, ""), set()) if own == "compile" else {own}
        yield Used(f"{inside.as_posix()}.py:{call.lineno}", pattern, _dearest(used))


def _dearest(methods: Set[str]) -> str:
    """The way of use that costs most."""
    return "search" if not methods or methods - _ANCHORED else min(methods, key=("match", "fullmatch").index)


def _flags(call: ast.Call) -> list[ast.expr]:
    assert isinstance(call.func, ast.Attribute)
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2)
    return call.args[place : place + 1] + [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
