"""The registry of the pipeline's image. Tags never move; deploys name digests."""

import json
from collections.abc import Mapping

import pulumi_aws as aws

from cloud.infra.names import SERVICE_TAG
from cloud.infra.stack import Stack

KEPT_FOR_SERVICES = 10


def build_registry(stack: Stack) -> aws.ecr.Repository:
    repository = aws.ecr.Repository(
        "pipeline",
        **stack.named("pipeline"),
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "AES256"}],
    )
    aws.ecr.LifecyclePolicy(
        "pipeline",
        repository=repository.name,
        policy=json.dumps(
            {
                "rules": [
                    _keep_the_last(1, KEPT_FOR_SERVICES, {"tagPrefixList": [SERVICE_TAG]}),
                    _keep_the_last(2, stack.settings.tasks.kept_images),
                ]
            }
        ),
    )
    return repository


def _keep_the_last(
    priority: int, count: int, tagged: Mapping[str, object] | None = None
) -> dict[str, object]:
    """A rule that keeps so many images, of all or of those with a tag.

    What the first rule matches, the second can't expire: services run their image for longer than
    flow runs do, until somebody changes tasks.image_digest.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    status = {"tagStatus": "tagged", **tagged} if tagged else {"tagStatus": "any"}
    return {
        "rulePriority": priority,
        "description": f"keep {count} images{' of services' if tagged else ''}",
        "selection": {**status, "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }
