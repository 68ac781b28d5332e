"""YAML as its readers expect it: 1e-5 is a number, on and off are words, no key stands twice."""

from __future__ import annotations

import re
from collections.abc import Hashable
from itertools import islice
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

from sweeps.errors import BadInput, in_words

_BOOL = "tag:yaml.org,2002:bool"
_FLOAT = "tag:yaml.org,2002:float"
_INT = "tag:yaml.org,2002:int"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_DEEPEST, _LARGEST = 64, 100_000
_NUMBER = re.compile(
    r"[-+]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?$|[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$"
)


class _Refused(MarkedYAMLError):
    """Valid YAML that no spec needs, or that is surely a slip."""

    def __init__(self, rule: str, mark: Any, fix: str = "write it out more plainly") -> None:
        super().__init__(problem=rule, problem_mark=mark)
        self.rule, self.fix = rule, fix


class _Loader(yaml.SafeLoader):
    """PyYAML follows YAML 1.1; this reads numbers and booleans by YAML 1.2.

    Nesting, and what aliases stand for when written out, have limits, so that no text can exhaust us.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = self._read = 0
        self._open: set[str] = set()  # the anchors of what is being read
        self._sizes: dict[int, int] = {}  # of each node, aliases written out

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        anchor = getattr(event, "anchor", None)
        if self._depth == _DEEPEST:
            raise _Refused(f"is nested more than {_DEEPEST} levels deep", event.start_mark)
        if isinstance(event, yaml.AliasEvent) and anchor in self._open:
            raise _Refused(f"holds *{in_words(anchor)} within itself", event.start_mark)
        self._depth += 1
        self._read += 1
        if self._read > _LARGEST:
            raise _Refused(f"holds more than {_LARGEST:,} values", event.start_mark)
        self._open |= set() if anchor is None else {anchor}
        node = super().compose_node(parent, index)
        self._open -= {anchor}
        self._depth -= 1
        if node is not None and self._size(node) > _LARGEST:
            raise _Refused(f"stands for more than {_LARGEST:,} values", event.start_mark)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first: dict[str, int] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in first:
                rule = f"repeats the key {in_words(key.value)} of line {first[key.value]}"
                raise _Refused(rule, key.start_mark, fix="remove one of the two")
            first[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def _size(self, node: yaml.Node) -> int:
        if id(node) not in self._sizes:
            inner = node.value if isinstance(node, yaml.CollectionNode) else []
            parts = [part for item in inner for part in (item if isinstance(item, tuple) else (item,))]
            self._sizes[id(node)] = 1 + sum(self._sizes[id(part)] for part in parts)
        return self._sizes[id(node)]


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _INT, _FLOAT, _TIMESTAMP)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"true$|True$|TRUE$|false$|False$|FALSE$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile(r"[-+]?(0|[1-9][0-9_]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(_FLOAT, _NUMBER, list("-+0123456789."))


class _Dumper(yaml.SafeDumper):
    """Quotes the text that the loader would read as something else."""


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def read_yaml(text: str, place: str) -> Any:
    """The plain values a YAML text stands for. Raises `BadInput` on what is no YAML, with the line."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except _Refused as error:
        raise BadInput(*_at(error, text, place), error.rule, error.fix) from None
    except MarkedYAMLError as error:
        rule = f"is not valid YAML: {error.problem}"
        raise BadInput(*_at(error, text, place), rule, "check indentation and brackets there") from None
    except yaml.YAMLError as error:  # what is no text, such as NUL bytes
        rule = f"is not valid YAML: {in_words(str(error).splitlines()[0])}"
        raise BadInput(place, text[:1000], rule, "give a YAML text file") from None


def _at(error: MarkedYAMLError, text: str, place: str) -> tuple[str, str]:
    """Where an error is, and what is written there."""
    line = error.problem_mark.line if error.problem_mark is not None else 0
    return f"{place}, line {line + 1}", next(islice(text.splitlines(), line, None), "").strip()


def write_yaml(value: Any) -> str:
    """A text that `read_yaml` turns back into the value."""
    text = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=100
    )
    return str(text)
