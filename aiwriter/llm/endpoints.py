"""Model servers on this machine: which of the usual loopback ports speak OpenAI's wire format, with which models."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

USUAL_PORTS = {11434: "Ollama", 8000: "vLLM", 8080: "llama.cpp", 1234: "LM Studio", 8311: "a local server"}
WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that answered: its base URL, what usually lives on that port, and the models it names."""

    base_url: str
    server: str
    models: tuple[str, ...]


async def find_endpoints(ports: dict[int, str] | None = None) -> list[Endpoint]:
    """The servers that answer on loopback within half a second; nothing else is asked."""
    import httpx

    async with httpx.AsyncClient(timeout=WAIT_SECONDS, trust_env=False) as client:

        async def ask(port: int, server: str) -> Endpoint | None:
            base = f"http://127.0.0.1:{port}/v1"
            try:
                answer = await client.get(f"{base}/models")
                listed = answer.json()["data"]
                return Endpoint(base, server, tuple(str(model["id"]) for model in listed))
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                return None  # nothing there, or something that is no model server

        found = await asyncio.gather(*(ask(port, server) for port, server in (ports or USUAL_PORTS).items()))
    return [endpoint for endpoint in found if endpoint is not None]
