"""Answers against the specification, corrected where a real Scan contradicts it."""

import jsonschema
import pytest
import yaml


@pytest.fixture(scope="module")
def validate(as_served_schema):
    document = _as_json_schema(yaml.safe_load(as_served_schema))

    def errors(name, value):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        validator = jsonschema.Draft202012Validator(schema)
        return [error.message for error in validator.iter_errors(value)]

    return errors


def _as_json_schema(node):
    """OpenAPI 3.0 says ``nullable: true`` where JSON Schema lists ``null`` among the types."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {name: _as_json_schema(value) for name, value in node.items()}
    if schema.pop("nullable", False):
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def test_generated_updates_follow_the_schema(validate, updates):
    sample = updates[::30]
    assert [
        errors for update in sample if (errors := validate("UpdateHistoryItemV2", update))
    ] == []


def test_reassignments_follow_the_schema(validate, updates):
    reassignments = [update for update in updates if "event" in update]
    assert len(reassignments) >= 4
    for update in reassignments:
        assert validate("UpdateHistoryReassignment", update) == []


def test_recorded_updates_follow_the_schema(validate, recorded_updates):
    assert validate("UpdateHistoryResponseV2", {"transactions": recorded_updates}) == []


def test_an_update_without_an_id_breaks_the_schema(validate, updates):
    damaged = {name: value for name, value in updates[0].items() if name != "update_id"}
    assert validate("UpdateHistoryItemV2", damaged) != []


@pytest.mark.parametrize(
    ("path", "name"), [("/v0/dso-party-id", "GetDsoPartyIdResponse"), ("/version", "Version")]
)
def test_other_answers_follow_the_schema(validate, generated, path, name):
    assert validate(name, generated.request("GET", path).json()) == []
