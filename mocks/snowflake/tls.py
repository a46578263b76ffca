"""HTTPS beside HTTP: a certificate of the server's own, and a server that answers on both ports."""

import asyncio
import functools
import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "snowflake")  # the second one within the stack's network
ADDRESS = "127.0.0.1"
_YEARS = timedelta(days=3650)


def _made(file: Path) -> Path:
    """The certificate, made where there is none: it signs itself, to be trusted alone."""
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _key_of(file).touch(0o600)
        _key_of(file).write_bytes(private)
        draft = file.with_suffix(".draft")
        draft.write_bytes(_self_signed(key).public_bytes(Encoding.PEM))
        draft.replace(file)
    return file


def _key_of(file: Path) -> Path:
    return file.with_suffix(".key")


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the local Snowflake")])
    hosts = [*map(x509.DNSName, NAMES), x509.IPAddress(ipaddress.ip_address(ADDRESS))]
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks differ
        .not_valid_after(now + _YEARS)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


class Server(uvicorn.Server):
    """A server of one application that answers HTTPS on a socket of its own as well."""

    def __init__(self, config: uvicorn.Config, file: Path, sock: socket.socket) -> None:
        super().__init__(config)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(_made(file), _key_of(file))
        self._sock = sock

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on both, once the application has started."""
        await super().startup(sockets)
        protocol = functools.partial(
            self.config.http_protocol_class,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        server = await asyncio.get_running_loop().create_server(
            protocol, sock=self._sock, ssl=self._context, backlog=self.config.backlog
        )
        self.servers.append(server)
