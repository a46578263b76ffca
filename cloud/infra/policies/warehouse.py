"""Policies for Snowflake: limits on cost, on rights and on who may log in."""

from collections.abc import Iterator

from cloud.infra.graph import Resource

OWNING = {"OWNERSHIP", "ALL", "ALL PRIVILEGES"}


def costs_end(resource: Resource) -> Iterator[str]:
    """A warehouse stops when nobody uses it, and when a monitor stops it."""
    if resource.type == "snowflake:index/warehouse:Warehouse":
        if not resource.inputs.get("autoSuspend"):
            yield "never suspends"
        if not resource.inputs.get("resourceMonitor"):
            yield "has no resource monitor"
    if resource.type == "snowflake:index/resourceMonitor:ResourceMonitor" and not (
        resource.inputs.get("creditQuota") and resource.inputs.get("suspendTrigger")
    ):
        yield "suspends nothing"


def logs_in_with_a_key(resource: Resource) -> Iterator[str]:
    """Users of this program are services: such users can't have a password."""
    if resource.type in {
        "snowflake:index/user:User",
        "snowflake:index/legacyServiceUser:LegacyServiceUser",
    }:
        yield "could have a password: make it a ServiceUser"


def grants_are_named(resource: Resource) -> Iterator[str]:
    """Every privilege is named; who owns stays who made it."""
    if resource.type == "snowflake:index/grantOwnership:GrantOwnership":
        yield "gives an object away"
    if resource.type == "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole":
        privileges = {one.upper() for one in resource.inputs.get("privileges") or []}
        if resource.inputs.get("allPrivileges") or privileges & OWNING or not privileges:
            yield "grants everything"


def reads_one_place(resource: Resource) -> Iterator[str]:
    """An integration reads folders of buckets, never whole ones."""
    if "storageIntegration" in resource.type:
        for place in resource.inputs.get("storageAllowedLocations") or ["*"]:
            _, _, folder = place.removeprefix("s3://").partition("/")
            if "*" in place or not folder:
                yield f"may read all of {place}"
