"""The OpenAPI document as people read it: operations by group, shapes as rows."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")
LANGUAGE = "zh-hans"
DEEPEST = 4
JSON = "application/json"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A field of a shape; `depth` says how deep it is nested."""

    name: str
    kind: str
    required: bool
    said: str
    depth: int = 0


@dataclass(frozen=True)
class Body:
    """What is sent or answered: its media type, fields, and examples by name."""

    kind: str
    rows: list[Row] = field(default_factory=list)
    examples: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    status: str
    said: str
    bodies: list[Body]

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    scope: str
    parameters: list[Row]
    bodies: list[Body]
    answers: list[Answer]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The description, cut at its backticks; whether a piece is code."""
        cut = self.description.split("`")
        return [(text, n % 2 == 1) for n, text in enumerate(cut) if text]


@cache
def document() -> Schema:
    """Made once in a process: it only changes with the code."""
    with translation.override(LANGUAGE):
        made: Schema = SchemaGenerator().get_schema(request=None, public=True)
    return made


@cache
def operations() -> dict[str, Operation]:
    """By id, in the order of the groups."""
    found = list(_operations())
    groups = list(dict.fromkeys(one.tag for one in found))
    return {one.id: one for one in sorted(found, key=lambda one: groups.index(one.tag))}


def matching(words: str) -> list[tuple[str, list[Operation]]]:
    """Groups with the operations in whose address, id or title all words stand."""
    groups: dict[str, list[Operation]] = {}
    for one in operations().values():
        text = f"{one.method} {one.path} {one.id} {one.summary} {one.tag}".lower()
        if all(word in text for word in words.lower().split()):
            groups.setdefault(one.tag, []).append(one)
    return list(groups.items())


def _operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(path, method, methods[method])


def _operation(path: str, method: str, said: Schema) -> Operation:
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        tag=said.get("tags", [""])[0],
        summary=str(said.get("summary", "")),
        description=str(said.get("description", "")),
        scope=str(said.get("x-scope", "")),
        parameters=[_parameter(one) for one in said.get("parameters", [])],
        bodies=list(_bodies(said.get("requestBody", {}))),
        answers=[
            Answer(status, str(one.get("description", "")), list(_bodies(one)))
            for status, one in said["responses"].items()
        ],
    )


def _parameter(said: Schema) -> Row:
    schema = said.get("schema", {})
    name = f"{said['name']}（{said['in']}）"
    text = str(said.get("description") or schema.get("description", ""))
    return Row(name, _kind(schema), bool(said.get("required")), text)


def _bodies(said: Schema) -> Iterator[Body]:
    """JSON alone where the same may also be sent as a form."""
    content = said.get("content", {})
    for kind, media in content.items():
        if JSON in content and kind != JSON:
            continue
        yield Body(kind, list(_rows(media.get("schema", {}))), _examples(media))


def _examples(media: Schema) -> list[tuple[str, str]]:
    return [
        (name, json.dumps(one["value"], ensure_ascii=False, indent=2, default=str))
        for name, one in media.get("examples", {}).items()
    ]


def _rows(schema: Schema, depth: int = 0) -> Iterator[Row]:
    whole = _whole(schema)
    if "items" in whole:
        yield from _rows(whole["items"], depth)
        return
    needed: Iterable[str] = whole.get("required", [])
    for name, inner in whole.get("properties", {}).items():
        said = str(inner.get("description", ""))
        yield Row(name, _kind(inner), name in needed, said, depth)
        if depth < DEEPEST:
            yield from _rows(inner, depth + 1)


def _whole(schema: Schema) -> Schema:
    """References and single `allOf` followed."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _whole(document()["components"]["schemas"][name])
    for joined in ("allOf", "oneOf", "anyOf"):
        if schema.get(joined):
            return _whole(schema[joined][0])
    return schema


def _kind(schema: Schema) -> str:
    whole = _whole(schema)
    if "items" in whole:
        return f"[{_kind(whole['items'])}]"
    if "enum" in whole:
        return " | ".join(str(one) for one in whole["enum"])
    kind = whole.get("type", "any")
    kind = " | ".join(kind) if isinstance(kind, list) else kind
    return f"{kind} {whole['format']}" if "format" in whole else str(kind)
