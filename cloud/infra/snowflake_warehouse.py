"""Snowflake: the warehouse that computes, and the monitor that stops it when it cost enough."""

import pulumi_snowflake as snowflake

from cloud.infra.stack import Stack


def build_warehouse(stack: Stack) -> snowflake.Warehouse:
    """Make both. The monitor lets statements end at all credits, and stops them a tenth later."""
    settings = stack.settings.snowflake
    monitor = snowflake.ResourceMonitor(
        "monitor",
        name=settings.warehouse,
        credit_quota=settings.credits_a_month,
        frequency="MONTHLY",
        start_timestamp="IMMEDIATELY",
        notify_triggers=[settings.warn_at_percent],
        suspend_trigger=100,
        suspend_immediate_trigger=110,
        notify_users=list(settings.notify_users),
    )
    return snowflake.Warehouse(
        "warehouse",
        name=settings.warehouse,
        comment=f"Canton pipeline, stack {stack.settings.stack.name}; made by Pulumi",
        warehouse_size=settings.warehouse_size,
        auto_suspend=settings.suspend_after_seconds,
        auto_resume="true",
        initially_suspended=True,
        statement_timeout_in_seconds=settings.statement_timeout_seconds,
        resource_monitor=monitor.name,
    )
