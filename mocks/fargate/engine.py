"""A client of Docker for tasks, through the stack's gate, which checks each container."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from docker.errors import ImageNotFound

import docker


class Engine:
    """An engine at a URL."""

    def __init__(self, url: str) -> None:
        self._api = docker.APIClient(base_url=url, version="auto")

    def image_ids(self, images: Iterable[str]) -> dict[str, str]:
        """Those images that are there, by the digest of their configuration."""
        found: dict[str, str] = {}
        for image in images:
            with suppress(ImageNotFound):
                found[self._api.inspect_image(image)["Id"]] = image
        return found

    def create(self, arguments: Mapping[str, Any]) -> str:
        """Make a container that doesn't run yet; its id."""
        host = self._api.create_host_config(**arguments["host_config"])
        return self._api.create_container(**{**arguments, "host_config": host})["Id"]

    def start(self, container: str) -> Callable[[], int]:
        """Start it; return a function that waits for its end and returns its exit code.

        The call that waits comes first, and Docker answers its head once it listens: a container
        that ends at once, and is gone then, is noticed all the same.
        """
        url = f"{self._api.base_url}/v{self._api.api_version}/containers/{container}/wait"
        waits = self._api.post(url, params={"condition": "next-exit"}, stream=True, timeout=None)
        waits.raise_for_status()
        self._api.start(container)
        return lambda: waits.json()["StatusCode"]

    def output(self, container: str) -> Iterable[bytes]:
        """Stream the container's output until it ends."""
        return self._api.logs(container, stdout=True, stderr=True, stream=True, follow=True)

    def stop(self, container: str, seconds: int) -> None:
        """Signal it to end, and kill it after some seconds."""
        self._api.stop(container, timeout=seconds)
