"""OpenAPI 3.0 documents: what an operation takes and answers, field by field, for comparison."""

from typing import Any

Schema = dict[str, Any]
_COMPARED = ("type", "format", "enum", "default", "nullable", "minimum", "maximum", "minItems")


def resolve(document: Schema, node: Schema) -> Schema:
    """Return the schema that a reference stands for."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def operations(document: Schema) -> dict[tuple[str, str], Schema]:
    """All operations by method and path."""
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def fields(document: Schema, schema: Schema, at: str = "") -> dict[str, Schema]:
    """The type of each field by its path: ``transactions[].update_id``, ``ports{}``, ``event|0``.

    A field's ``required`` says whether its object must have it.
    """
    schema = _merged(document, schema)
    found = {at: {name: schema[name] for name in _COMPARED if name in schema}}
    for name, value in schema.get("properties", {}).items():
        below = fields(document, value, f"{at}.{name}")
        below[f"{at}.{name}"]["required"] = name in schema.get("required", [])
        found |= below
    if isinstance(schema.get("additionalProperties"), dict):
        found |= fields(document, schema["additionalProperties"], f"{at}{{}}")
    if "items" in schema:
        found |= fields(document, schema["items"], f"{at}[]")
    for number, option in enumerate(schema.get("oneOf", [])):
        found |= fields(document, option, f"{at}|{number}")
    return found


def _merged(document: Schema, schema: Schema) -> Schema:
    """A schema with all that it consists of by ``allOf`` in one object."""
    merged = dict(resolve(document, schema))
    for part in merged.pop("allOf", []):
        other = _merged(document, part)
        merged = {
            **other,
            **merged,
            "properties": {**other.get("properties", {}), **merged.get("properties", {})},
            "required": [*other.get("required", []), *merged.get("required", [])],
        }
    return merged


def request_fields(document: Schema, operation: Schema) -> dict[str, Schema]:
    """The fields of its JSON body and its parameters."""
    found = {
        f"{one['in']} {one['name']}{path}": {**kept, "required": one.get("required", False)}
        for one in (resolve(document, each) for each in operation.get("parameters", []))
        for path, kept in fields(document, one["schema"]).items()
    }
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        found |= {f"body {path}": kept for path, kept in fields(document, body).items()}
    return found


def answer_fields(document: Schema, operation: Schema, status: str) -> dict[str, Schema]:
    """The fields of an answer, for each content type."""
    response = resolve(document, operation["responses"][status])
    return {
        f"{content_type} {path}": kept
        for content_type, media in response.get("content", {}).items()
        for path, kept in fields(document, media["schema"]).items()
    }
