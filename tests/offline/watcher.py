"""The only router on the offline networks: what wants to go outside comes here, and no further.

    python watcher.py GATEWAY/PREFIX …

Every container's default route leads to a GATEWAY, an address that nobody has: this program says
that it is its own (ARP), so that each packet for an address outside arrives here, from the first
packet of a container on, a flow run's too. It is written to standard output, a JSON object a line
(`from`, `to`, `what`), and dropped. Docker's name server asks what it doesn't know by itself from
inside the asking container's network, so a DNS query for an outside name is such a packet too.

What it doesn't see: packets between containers (nobody asked for those); attempts over IPv6, for
which there is no route, so that no packet is made; and DNS queries where the engine's own name
server listens on the loopback of the engine's machine, for then they never pass a network of
ours. The last is why the tests hold that the watcher sees a query before they believe its silence.

Only Python's own library: it runs in whatever image is there, with NET_RAW as all it may do.
"""

import json
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

ETH_P_ALL = 0x0003
IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
# What kernels tell each other of the link itself, and no router passes on: which groups the sender
# hears (RFC 3376; a bridge without an address tells it from 0.0.0.0), and, with IPv6, also who is
# a neighbour. What is then sent to a group is seen.
IPV4_CHATTER = {2}
IPV6_CHATTER = {0, 58}
LARGEST_FRAME = 65_535


def main() -> None:
    """Watch all networks of this container until SIGTERM."""
    gateways = [IPv4Interface(argument) for argument in sys.argv[1:]]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as link:
        print(json.dumps({"watching": sys.argv[1:]}), flush=True)
        while True:
            frame, (interface, _, kind, _, mac) = link.recvfrom(LARGEST_FRAME)
            if kind == socket.PACKET_OUTGOING or interface == "lo":
                continue
            if answer := arp_answer(frame, gateways, lambda name=interface: own_mac(name)):
                link.sendto(answer, (interface, 0))
            elif found := outside(frame, gateways):
                source, to, what = found
                said = {"from": container(source) or mac.hex(":"), "to": to, "what": what}
                print(json.dumps(said), flush=True)


def arp_answer(
    frame: bytes, gateways: list[IPv4Interface], mac: Callable[[], bytes]
) -> bytes | None:
    """Return the ARP reply to a request for a gateway's address; None for every other frame.

    Args:
        frame: Ethernet, from its first byte on.
        gateways: The addresses that are ours.
        mac: Ours on the network it came from.
    """
    if ethertype(frame) != ARP or struct.unpack_from("!H", frame, 20) != (1,):
        return None
    asker, asked = frame[22:32], frame[38:42]
    if IPv4Address(asked) not in {one.ip for one in gateways}:
        return None
    ours = mac()
    head = frame[6:12] + ours + struct.pack("!HHHBBH", ARP, 1, IPV4, 6, 4, 2)
    return head + ours + asked + asker


def outside(frame: bytes, gateways: list[IPv4Interface]) -> tuple[str, str, str] | None:
    """Return the sender, destination and content of a frame, or None if it stays inside."""
    kind = ethertype(frame)
    packet = frame[14:]
    if kind == IPV6 and packet[6] not in IPV6_CHATTER:
        source, to = (socket.inet_ntop(socket.AF_INET6, packet[i : i + 16]) for i in (8, 24))
        return source, to, f"ipv6 {packet[6]}"
    if kind != IPV4 or packet[9] in IPV4_CHATTER:
        return None
    source, to = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    is_inside = any(to in one.network and to != one.ip for one in gateways)
    return None if is_inside else (str(source), str(to), content(packet))


def content(packet: bytes) -> str:
    """An IPv4 packet in words: ``tcp 443``, ``dns example.org``."""
    protocol = PROTOCOLS.get(packet[9], f"protocol {packet[9]}")
    if protocol not in {"tcp", "udp"}:
        return protocol
    payload = packet[(packet[0] & 15) * 4 :]
    (port,) = struct.unpack_from("!H", payload, 2)
    if protocol == "udp" and port == 53:
        return f"dns {'.'.join(labels(payload[8 + 12 :]))}"
    return f"{protocol} {port}"


def labels(question: bytes) -> Iterator[str]:
    """The parts of the name that a DNS question starts with."""
    while question and (length := question[0]):
        yield question[1 : 1 + length].decode(errors="replace")
        question = question[1 + length :]


def ethertype(frame: bytes) -> int:
    """Return a frame's EtherType: the protocol that it carries."""
    return struct.unpack_from("!H", frame, 12)[0]


def own_mac(interface: str) -> bytes:
    """The address of this container on one of its networks."""
    address = Path(f"/sys/class/net/{interface}/address").read_text()
    return bytes.fromhex(address.strip().replace(":", ""))


def container(address: str) -> str:
    """The name of the container that has this address now, as Docker's name server knows it."""
    try:
        return socket.gethostbyaddr(address)[0]
    except OSError:
        return address


if __name__ == "__main__":
    main()
