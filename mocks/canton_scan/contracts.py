"""Contracts as Scan shows them outside of updates."""

import base64
import re
from dataclasses import dataclass

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import metadata_text, units
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.templates import Template

_DECIMAL = re.compile(r"-?\d+\.\d{10}|-?[\d.]+E-\d+")


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as Scan shows it outside of an update."""

    template_id: str
    contract_id: str
    payload: wire.Json
    created_at: str

    def on(self, domain_id: str) -> wire.Json:
        """Its JSON together with the synchronizer that it is on."""
        return {"contract": self.described(), "domain_id": domain_id}

    def described(self) -> wire.Json:
        """Its JSON; the blob is opaque to readers, and made up here."""
        blob = b"\n\x032.1" + bytes.fromhex(self.contract_id)
        return {
            "template_id": self.template_id,
            "contract_id": self.contract_id,
            "payload": unpadded(self.payload),
            "created_event_blob": base64.b64encode(blob).decode(),
            "created_at": self.created_at,
        }


def made(ledger: Ledger, index: int, template: Template) -> Contract:
    """The one contract of a template that the update at ``index`` creates."""
    created = wire.creations(ledger.written(index))
    (event,) = (one for one in created if one.template_id.endswith(f":{template.path}"))
    return Contract(event.template_id, event.contract_id, event.create_arguments, event.created_at)


def from_before(ledger: Ledger, template: Template, name: str, payload: wire.Json) -> Contract:
    """A contract of the network's from before the ledger began."""
    network, first = ledger.network, ledger.position(0)
    began_at = network.rounds.window_start(network.rounds.usable(first.record_time).number)
    return Contract(
        network.template_id(template, network.mixture.newest(first.migration_id).value),
        network.contract(name),
        payload,
        ledger_time_text(began_at),
    )


def unpadded(value: wire.Json) -> wire.Json:
    """Return a value whose decimals lack the zeros that updates pad them with: ``0.174624``."""
    if isinstance(value, dict):
        return {name: unpadded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [unpadded(one) for one in value]
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return metadata_text(units(value))
    return value
