"""Watching over a run: Prefect's own executor, over an engine that is started already."""

import asyncio
import json
import os
import subprocess
from dataclasses import dataclass
from uuid import UUID

import anyio
from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun
from prefect.flows import load_flow_from_flow_run
from prefect.runner._control_channel import ControlChannel
from prefect.runner._flow_run_executor import FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle

from flows.execution import DEBUGGED
from flows.execution.keep_alive import keep_alive


def watch(engine: subprocess.Popen[str]) -> None:
    """Let the engine run, and return when the run has ended or was cancelled."""
    asyncio.run(_watch(engine, UUID(os.environ["PREFECT__FLOW_RUN_ID"])))


async def _watch(engine: subprocess.Popen[str], run_id: UUID) -> None:
    async with FlowRunExecutorContext() as context:
        run = await context.client.read_flow_run(run_id)
        executor = context.create_executor(
            run,
            Started(engine, context.control_channel),
            resolve_flow=load_flow_from_flow_run,  # for hooks on a run that was killed
            propose_submitting=False,
        )
        async with anyio.create_task_group() as beside:
            if DEBUGGED in os.environ:
                beside.start_soon(keep_alive, context.client, run_id)
            await executor.submit()
            beside.cancel_scope.cancel()


@dataclass(frozen=True)
class Started:
    """Prefect's "starter" of a process that waits for its word."""

    engine: subprocess.Popen[str]
    channel: ControlChannel

    async def start(
        self,
        flow_run: FlowRun,
        task_status: TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Give the word, and return when the process has ended."""
        port, token = self.channel.register(flow_run.id)
        environment = {
            "PREFECT__CONTROL_PORT": str(port),
            "PREFECT__CONTROL_TOKEN": token,
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS": "false",  # the watcher runs those
        }
        handle = ProcessHandle(self.engine)  # pyright: ignore[reportArgumentType] -- has what it asks
        task_status.started(handle)
        await anyio.to_thread.run_sync(self.engine.communicate, json.dumps(environment) + "\n")
