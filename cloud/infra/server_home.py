"""The folder of Prefect's server, on EFS: who holds which slot of a limit.

In memory, Prefect's default, a server that restarts takes the slots of running runs and ends those
at their next renewal; a task of Fargate has nothing else that outlives it.
"""

import pulumi
import pulumi_aws as aws

from cloud.infra.iam import allow, document
from cloud.infra.network import Network
from cloud.infra.services import HOME
from cloud.infra.stack import Stack
from deployments.containers import GROUP_ID, USER_ID


def build_home(
    stack: Stack, network: Network, security_group_id: pulumi.Output[str], role: aws.iam.Role
) -> tuple[aws.ecs.TaskDefinitionVolumeArgsDict, list[aws.efs.MountTarget]]:
    """Make the file system, a door to it in each subnet, and a folder of our user's.

    A task's role may mount the folder, and nothing else of the file system.

    Returns:
        The folder as a task mounts it, and the doors that it needs to be there.
    """
    files = aws.efs.FileSystem("server", encrypted=True, tags=stack.tags("server"))
    doors = [
        aws.efs.MountTarget(
            f"server-{number}",
            file_system_id=files.id,
            subnet_id=subnet_id,
            security_groups=[security_group_id],
        )
        for number, subnet_id in enumerate(network.private_subnet_ids, 1)
    ]
    folder = aws.efs.AccessPoint(
        "server",
        file_system_id=files.id,
        posix_user={"uid": USER_ID, "gid": GROUP_ID},
        root_directory={
            "path": "/prefect",
            "creation_info": {
                "owner_uid": USER_ID,
                "owner_gid": GROUP_ID,
                "permissions": "750",
            },
        },
        tags=stack.tags("server"),
    )
    aws.iam.RolePolicy(
        "server",
        name="home",
        role=role.name,
        policy=document(
            allow(
                "Home",
                ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                [files.arn],
                {"StringEquals": {"elasticfilesystem:AccessPointArn": folder.arn}},
            )
        ),
    )
    volume: aws.ecs.TaskDefinitionVolumeArgsDict = {
        "name": HOME,
        "efs_volume_configuration": {
            "file_system_id": files.id,
            "transit_encryption": "ENABLED",
            "authorization_config": {"access_point_id": folder.id, "iam": "ENABLED"},
        },
    }
    return volume, doors
