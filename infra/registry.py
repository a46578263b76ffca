"""The registry of the pipeline's image. Tags never move; deploys name digests."""

import json

import pulumi_aws as aws

from infra.stack import Stack


def build_registry(stack: Stack) -> aws.ecr.Repository:
    """Make the repository."""
    repository = aws.ecr.Repository(
        "pipeline",
        name=stack.names.of("pipeline"),
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "AES256"}],
        tags=stack.tags("pipeline"),
    )
    aws.ecr.LifecyclePolicy(
        "pipeline",
        repository=repository.name,
        policy=json.dumps({"rules": [_keep_the_last(stack.settings.tasks.kept_images)]}),
    )
    return repository


def _keep_the_last(count: int) -> dict[str, object]:
    """Enough to roll back to; a digest that still runs is among the last ones."""
    return {
        "rulePriority": 1,
        "description": f"keep {count} images",
        "selection": {
            "tagStatus": "any",
            "countType": "imageCountMoreThan",
            "countNumber": count,
        },
        "action": {"type": "expire"},
    }
