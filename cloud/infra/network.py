"""The VPC: tasks in private subnets, one way out with an address that stays.

Super Validators let addresses in one by one, so everything leaves through one NAT gateway whose
elastic IP is kept. One gateway, not one a zone: each address more has to be let in by each Super
Validator. If its zone fails, the pipeline waits and goes on from its position.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra.iam import allow, document
from cloud.infra.stack import Stack


@dataclass(frozen=True)
class Network:
    """The network's VPC id, private subnet ids and public IP address for outgoing traffic."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: list[pulumi.Output[str]]
    egress_ip: pulumi.Output[str]


def build_network(stack: Stack) -> Network:
    vpc = aws.ec2.Vpc(
        "vpc",
        cidr_block=str(stack.settings.network.cidr),
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=stack.tags("vpc"),
    )
    # The group that everything without one falls into: lets nothing through.
    aws.ec2.DefaultSecurityGroup("vpc-default", vpc_id=vpc.id, tags=stack.tags("default"))
    network = stack.settings.network
    # Of the NAT gateway, which nothing else is in.
    public = _subnet(stack, vpc, "public", network.zones[0], 0)
    internet = aws.ec2.InternetGateway("internet", vpc_id=vpc.id, tags=stack.tags("internet"))
    public_table = aws.ec2.RouteTable("public", vpc_id=vpc.id, tags=stack.tags("public"))
    way_out = aws.ec2.Route(
        "public-internet",
        route_table_id=public_table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=internet.id,
    )
    aws.ec2.RouteTableAssociation("public", route_table_id=public_table.id, subnet_id=public.id)
    address = aws.ec2.Eip("egress", domain="vpc", tags=stack.tags("egress"), opts=stack.keeps_data)
    gateway = aws.ec2.NatGateway(
        "egress",
        allocation_id=address.id,
        subnet_id=public.id,
        tags=stack.tags("egress"),
        # Before its subnet has a way out, EC2 fails it: Gateway.NotAttached.
        opts=pulumi.ResourceOptions(depends_on=[way_out]),
    )
    table = aws.ec2.RouteTable("private", vpc_id=vpc.id, tags=stack.tags("private"))
    aws.ec2.Route(
        "private-egress",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=gateway.id,
    )
    _build_s3_endpoint(stack, vpc, table)
    private: list[pulumi.Output[str]] = []
    for number, zone in enumerate(network.zones, 1):
        part = f"private-{number}"
        subnet = _subnet(stack, vpc, part, zone, number)
        aws.ec2.RouteTableAssociation(part, route_table_id=table.id, subnet_id=subnet.id)
        private.append(subnet.id)
    return Network(vpc.id, private, address.public_ip)


def _subnet(stack: Stack, vpc: aws.ec2.Vpc, part: str, zone: str, number: int) -> aws.ec2.Subnet:
    """A subnet, whose tasks have no address outside."""
    cidr = stack.settings.network.cidr
    return aws.ec2.Subnet(
        part,
        vpc_id=vpc.id,
        availability_zone=zone,
        cidr_block=str(list(cidr.subnets(new_prefix=cidr.prefixlen + 4))[number]),
        map_public_ip_on_launch=False,
        tags=stack.tags(part),
    )


def _build_s3_endpoint(stack: Stack, vpc: aws.ec2.Vpc, table: aws.ec2.RouteTable) -> None:
    """S3 without the NAT gateway, which charges by the byte: pages, layers of images, results.

    What is allowed through is named, so that a stolen key of another account writes nowhere.
    """
    region = stack.settings.stack.region
    layers = f"prod-{region}-starport-layer-bucket"  # of ECR
    bucket = f"arn:aws:s3:::{stack.settings.landing.bucket}"
    aws.ec2.VpcEndpoint(
        "s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id],
        # An endpoint's policy limits what may pass; roles and buckets limit who may do it.
        policy=document(
            *(
                {**allow(sid, actions, [resource]), "Principal": "*"}
                for sid, actions, resource in (
                    ("Landing", ["s3:GetObject", "s3:PutObject"], f"{bucket}/*"),
                    ("LandingBucket", ["s3:ListBucket"], bucket),
                    ("ImageLayers", ["s3:GetObject"], f"arn:aws:s3:::{layers}/*"),
                    (
                        "SnowflakeResults",
                        ["s3:GetObject", "s3:PutObject"],
                        "arn:aws:s3:::sfc-*/*",
                    ),
                )
            )
        ),
        tags=stack.tags("s3"),
    )
