"""The sizes that Fargate offers: CPU units (1024 a core) with MiB of memory.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

GIB = 1024


def _gib(first: int, last: int, step: int = 1) -> frozenset[int]:
    return frozenset(range(first * GIB, last * GIB + 1, step * GIB))


MEMORY_OF_CPU: dict[int, frozenset[int]] = {
    256: frozenset({512, 1 * GIB, 2 * GIB}),
    512: _gib(1, 4),
    1024: _gib(2, 8),
    2048: _gib(4, 16),
    4096: _gib(8, 30),
    8192: _gib(16, 60, step=4),
    16384: _gib(32, 120, step=8),
}


def explain_size(cpu: int, memory: int) -> str:
    """Explain why Fargate would refuse a task size; return "" if it supports the size."""
    if cpu not in MEMORY_OF_CPU:
        return f"Fargate has no {cpu} CPU units, but {sorted(MEMORY_OF_CPU)}"
    if memory not in MEMORY_OF_CPU[cpu]:
        return f"Fargate has no {memory} MiB with {cpu} CPU units, but {sorted(MEMORY_OF_CPU[cpu])}"
    return ""
