"""How the OpenAPI document is made: only `/api/v1/`, every error of every operation,
and examples of all of it."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc

from doors.api.examples import JSON, examples_of
from doors.api.shapes import ALWAYS, UNKNOWN, WITH_BODY, WITH_KEY

PREFIX = "/api/v1/"
BODY_METHODS = ("POST", "PUT", "PATCH")


class DoorSchema(AutoSchema):
    """Adds to what an endpoint names the errors that each of them may answer with."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        every = {
            **ALWAYS,
            **(WITH_BODY if self.method in BODY_METHODS else {}),
            **({"404": UNKNOWN} if "{" in self.path else {}),
            **(WITH_KEY if self._is_once() else {}),
        }
        for code, answer in every.items():
            if code not in bodies:
                bodies[code] = self._get_response_for_code(
                    answer, code, direction=direction
                )
        return dict(sorted(bodies.items()))

    def map_parsers(self) -> list[Any]:
        """JSON alone where a form would do as well: programs that are generated would
        otherwise have the same body several times."""
        found: list[Any] = super().map_parsers()
        return [JSON] if JSON in found else found

    def get_description(self, *_asked: Any) -> str:
        """What the operation says of itself; its class speaks to who reads code."""
        return str(get_doc(getattr(self.view, self.method.lower())))

    def get_extensions(self) -> dict[str, Any]:
        """Which scope of a key the operation asks for."""
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return {"x-scope": str(scope)} if scope else {}

    def _is_once(self) -> bool:
        method = getattr(self.view, self.method.lower(), None)
        return getattr(method, "is_once", False)


class KeyScheme(OpenApiAuthenticationExtension):
    """One header or the other: each is enough."""

    target_class = "doors.http.KeyAuthentication"
    name = ["Bearer", "ApiKey"]

    def get_security_requirement(
        self, auto_schema: AutoSchema
    ) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "wg_…"},
            {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        ]


class AddressKeyScheme(OpenApiAuthenticationExtension):
    """Also in an address; in headers as everywhere."""

    target_class = "doors.http.AddressKeyAuthentication"
    name = "AddressKey"

    def get_security_requirement(
        self, auto_schema: AutoSchema
    ) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in (*KeyScheme.name, self.name)]

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "query", "name": "api_key"}


def only_v1(endpoints: list[Any], **_more: Any) -> list[Any]:
    """Other interfaces have documents of their own."""
    return [one for one in endpoints if one[0].startswith(PREFIX)]


def with_examples(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """An example of the request and of each answer where none was written by hand."""
    examples_of(result)
    return result
