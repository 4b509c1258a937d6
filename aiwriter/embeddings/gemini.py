"""`gemini:MODEL`: Google's embedders through google-genai: translation and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from aiwriter.embeddings.remote import Answer, RemoteEmbedder
from aiwriter.resilience.failures import http_errors
from aiwriter.resilience.failures.gemini import TABLE

if TYPE_CHECKING:
    from google.genai import Client

TASK = "SEMANTIC_SIMILARITY"  # the one task in which asking and being found look alike: equal texts, equal rows


class GeminiEmbedder(RemoteEmbedder["Client"]):
    """`gemini:gemini-embedding-001`, or `…@768` for shorter vectors."""

    scheme = "gemini"
    home = "https://generativelanguage.googleapis.com"
    most_texts = 100  # what one batchEmbedContents takes
    table = TABLE

    async def _ask(self, texts: list[str]) -> Answer:
        config: dict[str, Any] = {"task_type": TASK}
        if self._shorter:
            config["output_dimensionality"] = self._shorter
        # each text a content of its own: of bare strings later models make one content, and one vector
        contents: Any = [{"parts": [{"text": text}]} for text in texts]
        answer = await self._client().aio.models.embed_content(model=self._model, contents=contents, config=config)  # type: ignore[arg-type]
        usage = answer.usage_metadata
        vectors = [one.values or [] for one in answer.embeddings or []]
        return Answer(vectors, usage.prompt_token_count if usage else None)

    def _foreign(self) -> tuple[type[Exception], ...]:
        from google.genai import errors

        read = (errors.UnknownApiResponseError, json.JSONDecodeError, UnicodeDecodeError, ValidationError)
        return (errors.APIError, *read, *http_errors())

    def _new_client(self) -> Client:
        import httpx2
        from google.genai import Client, types

        options = types.HttpOptions(
            base_url=self._url,
            timeout=round(self._timeout * 1000),  # milliseconds
            httpx_async_client=httpx2.AsyncClient(**self._transport()),  # else aiohttp is taken where there is one
        )
        return Client(api_key=self._key or "none", vertexai=False, http_options=options)
