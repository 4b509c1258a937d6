"""Web servers on loopback, names that are known to no one else, and time that does not pass by itself."""

import datetime
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aiwriter.testing.webserver import WebServer


class Waits:
    """Stands for sleeping: notes how long, lets that much time pass on its clock, and goes on at once."""

    def __init__(self):
        self.seconds = []
        self.time = 1_000.0

    async def __call__(self, seconds):
        self.seconds.append(seconds)
        self.time += seconds

    def now(self):
        return self.time


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def serve():
    servers = []

    def start(pages, **options):
        servers.append(WebServer(pages, **options).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """(what a server on 127.0.0.1 shows, what believes it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(public, private)
    return shows, ssl.create_default_context(cafile=str(public))
