"""Prints an .env for docker-compose.yml with fresh secrets: `python3 deployments/make_env.py > .env`.

Needs the standard library alone. Run it once: the databases keep the passwords that they were made with.
"""

from __future__ import annotations

import hashlib
import secrets

PASSWORDS = ("POSTGRES_PASSWORD", "DATABASE_PASSWORD", "PREFECT_DATABASE_PASSWORD", "PREFECT_PASSWORD")


def api_key() -> str:
    """A key that the API takes: its form stands in aiwriter/services/keys.py."""
    body = f"aw_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    return f"{body}_{hashlib.sha256(body.encode()).hexdigest()[:6]}"


def text() -> str:
    lines = ["# Secrets of docker-compose.yml: keep this to yourself. What else can be set: deployments/.env.example"]
    lines += [f"{name}={secrets.token_urlsafe(24)}" for name in PASSWORDS]
    lines.append(f"AIWRITER_API__BOOTSTRAP_KEY={api_key()}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(text(), end="")
