"""`gemini:MODEL`: Google's embedders through google-genai: translation and nothing else."""

from __future__ import annotations

from typing import Any

from aiwriter.embeddings.remote import Answer, RemoteEmbedder
from aiwriter.sdks.gemini import SDK

TASK = "SEMANTIC_SIMILARITY"  # the one task in which asking and being found look alike: equal texts, equal rows


class GeminiEmbedder(RemoteEmbedder):
    """`gemini:gemini-embedding-001`, or `…@768` for shorter vectors."""

    scheme = "gemini"
    home = "https://generativelanguage.googleapis.com"
    most_texts = 100  # what one batchEmbedContents takes
    sdk = SDK

    async def _ask(self, texts: list[str]) -> Answer:
        config: dict[str, Any] = {"task_type": TASK}
        if self._shorter:
            config["output_dimensionality"] = self._shorter
        # each text a content of its own: of bare strings later models make one content, and one vector
        contents: Any = [{"parts": [{"text": text}]} for text in texts]
        answer = await self._client().aio.models.embed_content(model=self._model, contents=contents, config=config)
        usage = answer.usage_metadata
        vectors = [one.values or [] for one in answer.embeddings or []]
        return Answer(vectors, usage.prompt_token_count if usage else None)
