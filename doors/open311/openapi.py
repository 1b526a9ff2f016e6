"""The interface as an OpenAPI document, kept beside the routes.

A test compares its paths with the routes, and every JSON answer of the tests with its
schemas (tests/doors/open311).
"""

from typing import Any

from django.utils.translation import gettext as _

from doors.open311.status import EXTENDED

Schema = dict[str, Any]
PATHS = (
    "/discovery.{format}", "/services.{format}", "/services/{service_code}.{format}",
    "/requests.{format}", "/requests/{service_request_id}.{format}",
    "/tokens/{token}.{format}", "/servicerequestupdates.{format}",
    "/media/{photo_id}.jpg",
)  # fmt: skip


def _text(*, null: bool = False, **more: Any) -> Schema:
    return {"type": ["string", "null"] if null else "string", **more}


def _object(required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: str, **more: Any) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{items}"}, **more}


MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"
WHEN = _text(pattern=MOMENT)
NUMBER = {"type": ["number", "null"]}
SERVICE = _object(
    {
        "service_code": _text(minLength=1),
        "service_name": _text(minLength=1),
        "description": _text(null=True),
        "metadata": {"type": "boolean"},
        "type": _text(enum=["realtime", "batch", "blackbox"]),
        "keywords": _text(null=True),
        "group": _text(null=True),
    },
    {},
)
ATTRIBUTE = _object(
    {
        "variable": {"type": "boolean"},
        "code": _text(minLength=1),
        "datatype": _text(
            enum=["string", "number", "datetime", "text", "singlevaluelist",
                  "multivaluelist"]
        ),
        "required": {"type": "boolean"},
        "datatype_description": _text(null=True),
        "order": {"type": "integer", "minimum": 1},
        "description": _text(null=True),
    },
    {"values": _list("Value")},
)  # fmt: skip
REQUEST = _object(
    {
        "service_request_id": _text(minLength=1),
        "status": _text(enum=["open", "closed"]),
        "service_name": _text(minLength=1),
        "service_code": _text(minLength=1),
        "description": _text(null=True),
        "requested_datetime": WHEN,
        "updated_datetime": WHEN,
        "address": _text(null=True),
        "address_id": _text(null=True),
        "zipcode": _text(null=True),
        "lat": {**NUMBER, "minimum": -90, "maximum": 90},
        "long": {**NUMBER, "minimum": -180, "maximum": 180},
        "media_url": _text(null=True),
    },
    {
        "status_notes": _text(null=True),
        "agency_responsible": _text(null=True),
        "service_notice": _text(null=True),
        "expected_datetime": _text(null=True, pattern=MOMENT),
        "attributes": _list("Answer"),
        "extended_attributes": _object(
            {"status": _text(enum=list(EXTENDED)), "photos": _list("Picture")},
            {
                name: _text(minLength=1)
                for name in ("district", "street", "community", "grid")
            },
        ),
        "notes": _list("Note"),
    },
)
MADE = {
    "oneOf": [
        _object({one: _text(minLength=1)},
                {"service_notice": _text(null=True), "account_id": _text(null=True)})
        for one in ("service_request_id", "token")
    ]
}  # fmt: skip
ENDPOINT = _object(
    {
        "specification": _text(),
        "url": _text(minLength=1),
        "changeset": _text(minLength=1),
        "type": _text(enum=["production", "test"]),
        "formats": {"type": "array", "items": _text(), "minItems": 1},
    },
    {},
)
SCHEMAS: dict[str, Schema] = {
    "Discovery": _object(
        {
            "changeset": _text(minLength=1),
            "contact": _text(minLength=1),
            "key_service": _text(minLength=1),
            "endpoints": _list("Endpoint", minItems=1),
        },
        {},
    ),
    "Endpoint": ENDPOINT,
    "Service": SERVICE,
    "Services": _list("Service"),
    "ServiceDefinition": _object(
        {"service_code": _text(minLength=1), "attributes": _list("Attribute")}, {}
    ),
    "Attribute": ATTRIBUTE,
    "Value": _object({"key": _text(minLength=1), "name": _text(minLength=1)}, {}),
    "Request": REQUEST,
    "Requests": _list("Request", maxItems=1000),
    "Answer": _object(
        {
            "code": _text(minLength=1),
            "description": _text(null=True),
            "values": _list("Value", minItems=1),
        },
        {},
    ),
    "Picture": _object({"id": _text(minLength=1), "media_url": _text(minLength=1)}, {}),
    "Note": _object(
        {
            "datetime": WHEN,
            "description": _text(null=True),
            "type": _text(enum=list(EXTENDED)),
        },
        {},
    ),
    "Made": MADE,
    "MadeRequests": _list("Made", minItems=1, maxItems=1),
    "Token": _object({"service_request_id": _text(null=True), "token": _text()}, {}),
    "Tokens": _list("Token", minItems=1, maxItems=1),
    "Update": _object(
        {
            "update_id": _text(minLength=1),
            "service_request_id": _text(minLength=1),
            "status": _text(enum=list(EXTENDED)),
            "updated_datetime": WHEN,
            "description": _text(null=True),
            "media_url": _text(null=True),
        },
        {},
    ),
    "Updates": _list("Update", maxItems=1000),
    "TakenUpdate": _object(
        {"update_id": _text(minLength=1)}, {"account_id": _text(null=True)}
    ),
    "TakenUpdates": _list("TakenUpdate", minItems=1, maxItems=1),
    "Error": _object(
        {"code": {"type": ["integer", "string"]}, "description": _text(minLength=1)}, {}
    ),
    "Errors": _list("Error", minItems=1),
}


def document() -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wangge 网格 Open311 GeoReport v2",
            "version": "2",
            "description": _(
                "GeoReport v2 和 FixMyStreet 更新扩展。查询不用密钥，提交须有 api_key。"
            ),
        },
        "servers": [{"url": "/open311/v2"}],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "api_key": {"type": "apiKey", "in": "query", "name": "api_key"}
            },
        },
    }


def _paths() -> Schema:
    found: dict[str, dict[str, Any]] = {
        PATHS[0]: {"get": _read("discovery", _("服务发现"), "Discovery")},
        PATHS[1]: {"get": _read("services", _("服务清单"), "Services")},
        PATHS[2]: {
            "get": _read(
                "service_definition", _("服务定义"), "ServiceDefinition", "404"
            )
        },
        PATHS[3]: {
            "get": _read("requests", _("查询请求"), "Requests", more=_FILTERS),
            "post": _write(
                "file_request", _("提交请求"), "MadeRequests", _REQUEST_FORM
            ),
        },
        PATHS[4]: {
            "get": _read(
                "request", _("查询一个请求"), "Requests", "404", more=[_EXTENSIONS]
            )
        },
        PATHS[5]: {"get": _read("token", _("用 token 查询编号"), "Tokens", "404")},
        PATHS[6]: {
            "get": _read("updates", _("查询进展"), "Updates", more=_WINDOW),
            "post": _write("take_update", _("提交补充"), "TakenUpdates", _UPDATE_FORM),
        },
        PATHS[7]: {"get": _picture()},
    }
    for path, methods in found.items():
        methods["parameters"] = [_named_in(path, one) for one in _placeholders(path)]
    return found


def _placeholders(path: str) -> list[str]:
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]


def _named_in(path: str, name: str) -> Schema:
    schema = _text(minLength=1, pattern="^[A-Za-z0-9_-]+$")
    if name == "format":
        schema = _text(enum=["xml", "json"])
    if name == "photo_id":
        schema = _text(format="uuid")
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, **schema: Any) -> Schema:
    return {"name": name, "in": "query", "schema": _text(**schema)}


_WINDOW = [
    _query("start_date", format="date-time"),
    _query("end_date", format="date-time"),
    _query("service_request_id"),
]
_EXTENSIONS = _query("extensions", enum=["true", "false"])
_FILTERS = [
    *_WINDOW,
    _EXTENSIONS,
    _query("service_code"),
    _query("status", enum=["open", "closed", "open,closed"]),
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
    {
        "name": "page_size",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
]
_REQUEST_FORM = _object(
    {"service_code": _text(minLength=1)},
    {
        name: _text()
        for name in (
            "api_key", "jurisdiction_id", "lat", "long", "address_string", "address_id",
            "email", "device_id", "account_id", "first_name", "last_name", "phone",
            "description", "media_url", "submission_id",
        )
    },
)  # fmt: skip
_REQUEST_FORM["additionalProperties"] = _text()  # attribute[code]
_UPDATE_FORM = _object(
    {
        "service_request_id": _text(minLength=1),
        "update_id": _text(minLength=1),
        "status": _text(enum=[one.upper() for one in EXTENDED]),
        "updated_datetime": _text(format="date-time"),
        "description": _text(minLength=1),
    },
    {
        name: _text()
        for name in ("api_key", "jurisdiction_id", "account_id", "media_url")
    },
)
_UPDATE_FORM["additionalProperties"] = _text()


def _read(
    name: str, summary: str, schema: str, *errors: str, more: list[Schema] | None = None
) -> Schema:
    return {
        "operationId": f"open311_{name}",
        "summary": summary,
        "parameters": [_query("jurisdiction_id"), *(more or [])],
        "responses": _responses(schema, "400", *errors, "429"),
    }


def _write(name: str, summary: str, schema: str, form: Schema) -> Schema:
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
    return {
        "operationId": f"open311_{name}",
        "summary": summary,
        "security": [{"api_key": []}],
        "requestBody": {
            "required": True, "content": {kind: {"schema": form} for kind in kinds},
        },
        "responses": _responses(schema, "400", "403", "404", "429"),
    }  # fmt: skip


def _responses(schema: str, *errors: str) -> Schema:
    return {"200": _content(schema), **{one: _content("Errors") for one in errors}}


def _content(schema: str) -> Schema:
    return {
        "description": schema,
        "content": {
            "application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}},
            "text/xml": {},
        },
    }


def _picture() -> Schema:
    return {
        "operationId": "open311_photo",
        "summary": _("随请求提交的图片"),
        "responses": {
            "200": {"description": "JPEG", "content": {"image/jpeg": {}}},
            "404": _content("Errors"),
            "429": _content("Errors"),
        },
    }
