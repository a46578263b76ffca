"""The images that the registry expires, by ECR's documented rules of evaluation."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest


def expired(policy: Mapping[str, Any], images: Sequence[set[str]]) -> set[int]:
    """The numbers of the images that go; an image is the set of its tags, the newest comes first.

    Rules apply by priority. An image with the tags of one can't be expired by a later one, though
    that one counts it. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    gone: set[int] = set()
    kept_by_tag: set[int] = set()
    for rule in sorted(policy["rules"], key=lambda one: one["rulePriority"]):
        selection = rule["selection"]
        assert selection["countType"] == "imageCountMoreThan"
        prefixes = selection.get("tagPrefixList", ())
        found = [
            number
            for number, tags in enumerate(images)
            if all(any(tag.startswith(prefix) for tag in tags) for prefix in prefixes)
        ]
        gone |= {*found[selection["countNumber"] :]} - kept_by_tag
        kept_by_tag |= {*found} if prefixes else set()
    return gone


@pytest.fixture
def policy(graph):
    text = graph.one("aws:ecr/lifecyclePolicy:LifecyclePolicy", "pipeline").inputs["policy"]
    return json.loads(text)


def test_a_hundred_deploys_expire_no_image_that_services_run(policy, prod):
    images = [{f"inputs-{number}"} for number in range(100)]
    images[70].add("service-abab")
    assert expired(policy, images) == {*range(prod.tasks.kept_images, 100)} - {70}


def test_images_that_services_ran_long_ago_go(policy):
    images = [{f"inputs-{number}", f"service-{number}"} for number in range(12)]
    assert expired(policy, images) == {10, 11}
