"""FeaturedAppRight: with it, an app marks activity and gets rewards. Shape from the Daml source."""

from mocks.canton_scan.network import Network
from mocks.canton_scan.open_rounds import Contract, Created, contract
from mocks.canton_scan.render import rewards
from mocks.canton_scan.templates import FEATURED_APP_RIGHT
from mocks.canton_scan.timeline import LIVE_MIGRATION


def right_of(network: Network, provider: str) -> Contract:
    """A provider's right, given as the network began; updates name it by the same contract id."""
    began = Created(0, LIVE_MIGRATION, network.rounds.window_start(0))
    payload = {"dso": network.dso, "provider": provider}
    return contract(network, began, FEATURED_APP_RIGHT, rewards.right_name(provider), payload)
