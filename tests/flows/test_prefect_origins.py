"""A page from elsewhere, open in a browser of this machine, has no say over the Prefect server that we start."""

from __future__ import annotations

import re

import httpx
import pytest

from aiwriter.testing.terminal import ROOT

pytestmark = pytest.mark.flow


async def test_prefects_own_pages_ask_no_other_host_whether_nginx_stands_before_them_or_not(prefect_api: str) -> None:
    """They would report to the service that counts its visitors for Prefect's makers."""
    before = (ROOT / "deployments" / "nginx" / "nginx.conf").read_text(encoding="utf-8").partition("listen 8081;")[2]
    (policy,) = re.findall(r'Content-Security-Policy "([^"]+)"', before)
    assert "connect-src 'self'" in policy
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"{prefect_api}/health")
    assert answer.headers["content-security-policy"] == policy


@pytest.mark.parametrize("path", ["deployments/", "flow_runs/", "variables/"])
async def test_a_page_of_another_origin_may_not_ask_the_prefect_server(prefect_api: str, path: str) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.options(f"{prefect_api}/{path}", headers=asked)
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


async def test_what_a_page_may_send_without_asking_is_not_understood(prefect_api: str) -> None:
    """A form or plain text needs no leave of the server; so it must not be taken for JSON."""
    sent = {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(f"{prefect_api}/variables/", headers=sent, content='{"name": "x", "value": "y"}')
        kept = await browser.post(f"{prefect_api}/variables/filter", json={})
    assert answer.status_code == 422
    assert kept.json() == []
