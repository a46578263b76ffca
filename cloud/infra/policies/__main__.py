"""The pack's process, which the engine starts: ``pulumi up --policy-pack cloud/infra/policies``."""

from pulumi_policy import PolicyPack

from cloud.infra.policies.pack import all_policies

PolicyPack("canton-pipeline", policies=all_policies())
