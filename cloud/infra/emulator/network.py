"""The VPC and its firewall."""

from typing import Any

from cloud.infra.emulator.aws import Aws, Handler, Inputs, Made, pascal, tag_specifications


def _vpc(aws: Aws, inputs: Inputs) -> Made:
    ec2 = aws.client("ec2")
    made = ec2.create_vpc(
        CidrBlock=inputs["cidrBlock"], TagSpecifications=tag_specifications(inputs, "vpc")
    )["Vpc"]["VpcId"]
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=made, **_flag(name, value=inputs[name]))
    return made, {}


def _flag(name: str, *, value: bool) -> dict[str, Any]:
    return {name[:1].upper() + name[1:]: {"Value": value}}


def _default_group(aws: Aws, inputs: Inputs) -> Made:
    """Pulumi takes the group over that the VPC came with, and takes its rules away."""
    ec2 = aws.client("ec2")
    filters = [
        {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (group,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    for name, revoke in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        if group[name]:
            revoke(GroupId=group["GroupId"], IpPermissions=group[name])
    return group["GroupId"], {}


def _subnet(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").create_subnet(
        **pascal(inputs, "vpcId", "availabilityZone", "cidrBlock"),
        TagSpecifications=tag_specifications(inputs, "subnet"),
    )
    return made["Subnet"]["SubnetId"], {}


def _internet_gateway(aws: Aws, inputs: Inputs) -> Made:
    ec2 = aws.client("ec2")
    made = ec2.create_internet_gateway(
        TagSpecifications=tag_specifications(inputs, "internet-gateway")
    )["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=inputs["vpcId"])
    return made, {}


def _eip(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").allocate_address(Domain=inputs["domain"])
    return made["AllocationId"], {"publicIp": made["PublicIp"]}


def _nat_gateway(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").create_nat_gateway(**pascal(inputs, "allocationId", "subnetId"))
    return made["NatGateway"]["NatGatewayId"], {}


def _route_table(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").create_route_table(
        VpcId=inputs["vpcId"], TagSpecifications=tag_specifications(inputs, "route-table")
    )
    return made["RouteTable"]["RouteTableId"], {}


def _route(aws: Aws, inputs: Inputs) -> Made:
    names = ("routeTableId", "destinationCidrBlock", "natGatewayId", "gatewayId")
    aws.client("ec2").create_route(**pascal(inputs, *names))
    return f"{inputs['routeTableId']}-{inputs['destinationCidrBlock']}", {}


def _association(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").associate_route_table(**pascal(inputs, "routeTableId", "subnetId"))
    return made["AssociationId"], {}


def _endpoint(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").create_vpc_endpoint(
        **pascal(inputs, "vpcId", "serviceName", "vpcEndpointType", "routeTableIds"),
        PolicyDocument=inputs["policy"],
    )
    return made["VpcEndpoint"]["VpcEndpointId"], {}


def _group(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").create_security_group(
        GroupName=inputs["name"], **pascal(inputs, "description", "vpcId")
    )
    return made["GroupId"], {}


def _ingress(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").authorize_security_group_ingress(
        GroupId=inputs["securityGroupId"], IpPermissions=[_permission(inputs)]
    )
    return _rule_id(made), {}


def _egress(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ec2").authorize_security_group_egress(
        GroupId=inputs["securityGroupId"], IpPermissions=[_permission(inputs)]
    )
    return _rule_id(made), {}


def _rule_id(made: Any) -> str:
    return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def _permission(inputs: Inputs) -> dict[str, Any]:
    ports = {"FromPort": int(inputs["fromPort"]), "ToPort": int(inputs["toPort"])}
    permission = {"IpProtocol": inputs["ipProtocol"], **ports}
    if group := inputs.get("referencedSecurityGroupId"):
        return {**permission, "UserIdGroupPairs": [{"GroupId": group}]}
    return {**permission, "IpRanges": [{"CidrIp": inputs["cidrIpv4"]}]}


HANDLERS: dict[str, Handler] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_group,
    "aws:ec2/eip:Eip": _eip,
    "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/securityGroup:SecurityGroup": _group,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _egress,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress,
}
