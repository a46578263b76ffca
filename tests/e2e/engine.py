"""The containers, volumes, networks and images that the Docker engine holds of a project."""

from dataclasses import dataclass

from docker.models.containers import Container

from docker import DockerClient

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NOTHING: dict[str, set[str]] = {"containers": set(), "volumes": set(), "networks": set()}


@dataclass(frozen=True)
class Engine:
    """Docker, as far as one project's things go."""

    client: DockerClient

    def containers(self, project: str) -> dict[str, Container]:
        """All containers, by service; those of flow runs apart."""
        found = self._containers(project)
        return {one.labels[SERVICE]: one for one in found if one.labels[SERVICE] != "flow-run"}

    def flow_runs(self, project: str) -> list[Container]:
        """The containers of flow runs."""
        found = self._containers(project)
        return [one for one in found if one.labels[SERVICE] == "flow-run"]

    def everything(self, project: str) -> dict[str, set[str]]:
        """Names of all that a project has but for its images."""
        mine = {"label": f"{PROJECT}={project}"}
        return {
            "containers": {one.name for one in self._containers(project)},
            "volumes": {one.name for one in self.client.volumes.list(filters=mine)},
            "networks": {one.name for one in self.client.networks.list(filters=mine)},
        }

    def images(self, project: str) -> int:
        """Return the number of images built for a project."""
        return len(self.client.images.list(filters={"label": f"{PROJECT}={project}"}))

    def _containers(self, project: str) -> list[Container]:
        mine = {"label": f"{PROJECT}={project}"}
        # A flow run's container may be gone between being listed and being looked at.
        return self.client.containers.list(all=True, filters=mine, ignore_removed=True)
