"""Examples of the OpenAPI document: put together from the shapes, with typical values.

What an endpoint says by hand (`extend_schema(examples=…)`) stands; everything else gets
one here, so that no operation is without and none says what its shape does not allow.
"""

from collections.abc import Iterator
from typing import Any

from doors.api.typical import OF_SHAPE, TYPICAL

JSON = "application/json"
PICTURES = "image/"
NAME = "示例"
METHODS = ("get", "post", "put", "patch", "delete")
UUID = "6a1c1df5-6b5c-4b26-8f0e-7f5c1f2b9a01"
FORMATS = {
    "date-time": "2026-11-26T09:30:00+08:00",
    "date": "2026-11-26",
    "uuid": UUID,
    "uri": "https://example.gov.cn/hook/",
    "email": "zhang@example.gov.cn",
    "binary": "现场照片.jpg",
}
TYPES: dict[str, Any] = {
    "string": "……", "integer": 17, "number": 1.0, "boolean": True, "object": {},
}  # fmt: skip


def examples_of(document: dict[str, Any]) -> None:
    """Gives one to the body of every request and every answer that has none."""
    shapes = document["components"]["schemas"]
    for operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            content = body.get("content", {})
            for kind in [JSON] if JSON in content else list(content)[:1]:
                if not kind.startswith(PICTURES):
                    _give(content[kind], shapes)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def _give(media: dict[str, Any], shapes: dict[str, Any]) -> None:
    schema = media.get("schema", {})
    if not media.get("examples") and schema.get("format") != "binary":
        media["examples"] = {NAME: {"value": sample(schema, shapes)}}


def sample(
    schema: dict[str, Any], shapes: dict[str, Any], name: str = "", of: str = ""
) -> Any:
    """A value that the schema allows; `name` is the field it stands in, of a shape."""
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        return sample(shapes[shape], shapes, name, shape)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return sample(schema[several][0], shapes, name, of)
    if "properties" in schema:
        return {
            field: _of_field(inside, shapes, field, of)
            for field, inside in schema["properties"].items()
        }
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [sample(schema["items"], shapes, name, of)]
    return FORMATS.get(schema.get("format", ""), TYPES.get(schema.get("type", "")))


def _of_field(
    schema: dict[str, Any], shapes: dict[str, Any], name: str, shape: str
) -> Any:
    """The typical value of a field where that is allowed, else any that is."""
    for typical in (OF_SHAPE.get((shape, name), _NONE), TYPICAL.get(name, _NONE)):
        if typical is not _NONE and _allows(schema, shapes, typical):
            return typical
        if isinstance(typical, str) and schema.get("items") == {"type": "string"}:
            return [typical]
    return sample(schema, shapes, name)


_NONE = object()
KINDS = {
    "string": (str,), "integer": (int,), "number": (int, float), "array": (list,),
    "object": (dict,), "boolean": (bool,),
}  # fmt: skip


def _allows(schema: dict[str, Any], shapes: dict[str, Any], value: Any) -> bool:
    """As far as single values go; what is inside of lists is the table's business."""
    if value is None:
        return bool(schema.get("nullable")) or not schema.keys() & {"type", "$ref"}
    if "$ref" in schema:
        shape = shapes[schema["$ref"].rpartition("/")[2]]
        return "properties" not in shape and _allows(shape, shapes, value)
    inside = [one for many in ("allOf", "oneOf") for one in schema.get(many, [])]
    if inside:
        return any(_allows(one, shapes, value) for one in inside)
    if "enum" in schema:
        return value in schema["enum"]
    if schema.get("format", "double") not in ("double", "float", "int64"):
        return False
    return "type" not in schema or type(value) in KINDS[schema["type"]]
