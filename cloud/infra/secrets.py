"""Secrets: Pulumi makes the places, people put the values in, so that no state ever holds one."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from cloud.infra.environment import SECRETS, secret_keys
from cloud.infra.stack import Stack

RECOVERY_DAYS = 7


def build_secrets(stack: Stack) -> Mapping[str, pulumi.Output[str]]:
    return {
        key: aws.secretsmanager.Secret(
            key,
            name=stack.secret(key),
            description=SECRETS[key],
            recovery_window_in_days=RECOVERY_DAYS,
            tags=stack.tags(key),
        ).arn
        for key in secret_keys(stack.settings)
    }
