"""`huggingface:MODEL`: a language model in this process, through transformers; MODEL is a folder or a name of the hub.

JSON is asked for in words and read tolerantly (aiwriter/resilience/repair.py): decoding within a grammar would need one
more library for a gain that the repair layer has already. One model writes at a time in a process, others wait.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any, Literal

from aiwriter.documents import ArticleKind
from aiwriter.errors import BadInput, ProviderRejected
from aiwriter.llm.huggingface_errors import DOWNLOAD, INSTALL, LOADING, WRITING, translated
from aiwriter.llm.profiles import UNKNOWN_CONTEXT
from aiwriter.llm.remote import with_instruction
from aiwriter.llm.replies import without_thoughts
from aiwriter.ports import ModelReply, ModelRequest, OnText, Usage

Device = Literal["auto", "cpu", "cuda", "mps"]
Note = Callable[[str], None]

#: The lock and the queue of those who wait: memory and cores suffice for one generation. Its thread starts when needed.
WRITER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="huggingface")

_CONTEXT_NAMES = ("max_position_embeddings", "n_positions", "n_ctx", "max_sequence_length", "seq_length")
_WEIGHTS = ("*.safetensors", "*.bin")
_HALF_A_CHARACTER = "\ufffd"


@dataclass(frozen=True, slots=True)
class HuggingFaceOptions:
    """What the settings say. `context_tokens` None: what the model's config says."""

    device: Device = "auto"
    allow_download: bool = False
    context_tokens: int | None = None


def from_spec(model: str, options: HuggingFaceOptions) -> HuggingFaceModel:
    """The model within this environment. Raises BadInput when it lacks the packages, or the disk the model."""
    if absent := lacking():
        raise BadInput(f"'huggingface:{model}' needs {' and '.join(absent)}, not installed here", hint=INSTALL)
    return HuggingFaceModel(model, options)


def lacking() -> list[str]:
    """The packages that it needs and this environment does not have."""
    return [name for name in ("torch", "transformers") if find_spec(name) is None]


class HuggingFaceModel:
    """A `ModelProvider`. Nothing is loaded before the first answer. Raises BadInput for a model that is not on disk,
    unless downloads are allowed."""

    writes = ArticleKind.ARTICLE

    def __init__(self, model: str, options: HuggingFaceOptions) -> None:
        self.name = f"huggingface:{model}"
        self._model = model
        self._options = options
        self._folder = folder_of(model)
        if self._folder is None and (not options.allow_download or _is_path(model)):
            raise not_here(model)
        told = _context(config_of(self._folder)) if self._folder else None
        self.context_tokens = options.context_tokens or told or UNKNOWN_CONTEXT
        self._loaded: _Loaded | None = None

    def upper_bound(self, _request: ModelRequest, /) -> Decimal:
        """Nothing: the machine is ours."""
        return Decimal(0)

    def cost_of(self, _usage: Usage, /) -> Decimal:
        return Decimal(0)

    async def probe(self) -> str:
        """What is known without loading it."""
        if self._folder is None:
            return f"not on disk: the first answer fetches {self._model} from huggingface.co; costs nothing"
        size = sum(file.stat().st_size for kind in _WEIGHTS for file in self._folder.glob(kind)) / 1e9
        kind = config_of(self._folder).get("model_type", "model")
        state = "loaded" if self._loaded else "loaded at the first answer"
        return f"{kind}, {size:.1f} GB of weights, {state}; context {self.context_tokens} tokens; costs nothing"

    async def answer(self, request: ModelRequest) -> ModelReply:
        """The model's answer. Raises ProviderRejected when the prompt or the memory does not allow one, BadInput when
        it cannot be loaded. Cancelled, it stops at the next token."""
        stop, heard = Event(), _Heard(asyncio.get_running_loop(), request.on_text)
        note = heard.note if request.on_text else None
        work = asyncio.get_running_loop().run_in_executor(WRITER, self._write, request, note, stop)
        telling = asyncio.create_task(heard.tell())
        try:
            reply = await work
        finally:
            stop.set()
            telling.cancel()
            await asyncio.wait({telling})
        await heard.finish(reply.text)
        return reply

    def _write(self, request: ModelRequest, note: Note | None, stop: Event) -> ModelReply:
        """In the one thread that writes."""
        if self._loaded is None:
            with translated(self.name, LOADING):
                self._loaded = self._load()
        with translated(self.name, WRITING):
            return self._loaded.write(request, self.context_tokens, note, stop)

    def _load(self) -> _Loaded:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        transformers = import_module("transformers")
        import_module("transformers.utils.logging").disable_progress_bar()
        import_module("transformers.utils.logging").set_verbosity_error()
        device = device_for(self._options.device, self.name)
        place = str(self._folder or self._model)
        given: dict[str, Any] = {"local_files_only": self._folder is not None, "trust_remote_code": False}
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, **given)
        model = transformers.AutoModelForCausalLM.from_pretrained(place, dtype="auto", **given).to(device).eval()
        if self._folder is None:  # now it is here, and its config can be read
            told = _context(model.config.to_dict())
            self.context_tokens = self._options.context_tokens or told or UNKNOWN_CONTEXT
            self._folder = folder_of(self._model)
        return _Loaded(self.name, tokenizer, model, device)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory."""

    name: str
    tokenizer: Any
    model: Any
    device: str

    def write(self, request: ModelRequest, context: int, note: Note | None, stop: Event) -> ModelReply:
        torch = import_module("torch")
        asked = self._ids(request)
        room = context - len(asked)
        if room < 1:
            raise ProviderRejected(
                f"{self.name}: the prompt has {len(asked)} tokens, the context holds {context}",
                hint="Give fewer or shorter sources, or use a model with a longer context.",
            )
        most = min(request.max_output_tokens, room)

        def after_each_token(ids: Any, _scores: Any, **_more: Any) -> Any:
            if note is not None:
                note(self._text(ids[0, len(asked) :]))
            return torch.full((1,), stop.is_set(), dtype=torch.bool, device=ids.device)

        prompt = torch.tensor([asked], device=self.device)
        heat = {"do_sample": True, "temperature": request.temperature} if request.temperature else {"do_sample": False}
        with torch.inference_mode():
            ids = self.model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=most,
                pad_token_id=self._ends[0] if self._ends else 0,
                stopping_criteria=[after_each_token],
                **heat,
            )
        written = ids[0, len(asked) :].tolist()
        reply = ModelReply(without_thoughts(self._text(written)), self.name, Usage(len(asked), len(written)))
        is_whole = bool(written) and written[-1] in self._ends
        return reply if is_whole or len(written) < most else replace(reply, finish="length")

    def _ids(self, request: ModelRequest) -> list[int]:
        """The prompt in the form that the model was taught, or in plain words when it was taught none."""
        system, text = request.prompt.system, request.prompt.text
        if request.schema is not None:
            text = with_instruction(text, request.schema)
        plain = f"{system}\n\n{text}".strip()
        if not self.tokenizer.chat_template:
            return list(self.tokenizer(f"{plain}\n\n")["input_ids"])
        with suppress(import_module("jinja2").TemplateError):  # some, such as Gemma's, know no system
            return self._chat([{"role": "system", "content": system}, {"role": "user", "content": text}])
        return self._chat([{"role": "user", "content": plain}])

    def _chat(self, messages: Sequence[dict[str, str]]) -> list[int]:
        shown = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)
        return list(shown["input_ids"])

    def _text(self, ids: Any) -> str:
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text.rstrip(_HALF_A_CHARACTER)

    @property
    def _ends(self) -> list[int]:
        """Tokens that end an answer."""
        told = self.model.generation_config.eos_token_id
        found = told if isinstance(told, list) else [told]
        return [one for one in [*found, self.tokenizer.eos_token_id] if one is not None]


class _Heard:
    """Brings text from the thread that writes to `on_text`: always the latest; what nobody had time for is skipped."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_text: OnText | None) -> None:
        self._loop = loop
        self._on_text = on_text
        self._latest = self._told = ""
        self._more = asyncio.Event()

    def note(self, text: str) -> None:
        """From the other thread."""
        with suppress(RuntimeError):  # the loop is closed: whoever listened has gone
            self._loop.call_soon_threadsafe(self._take, text)

    def _take(self, text: str) -> None:
        self._latest = without_thoughts(text)
        self._more.set()

    async def tell(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self.finish(self._latest)

    async def finish(self, text: str) -> None:
        if self._on_text is not None and text not in ("", self._told):
            await self._on_text(text)
            self._told = text  # only now: who is interrupted while hearing it is told again


# ── what is on disk ──────────────────────────────────────────────────────────────────────────────────────────────────


def _is_path(model: str) -> bool:
    return model.startswith(("/", "./", "../", "~"))


def folder_of(model: str) -> Path | None:
    """The folder with the model's config and weights: the one named, else that of the hub's cache; None without one."""
    given = Path(model).expanduser()
    found: Path | None = given if given.is_dir() else None
    if found is None and not _is_path(model):
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        with suppress(import_module("huggingface_hub.errors").HFValidationError):  # no name that the hub could have
            cached = import_module("huggingface_hub").try_to_load_from_cache(model, "config.json")
            found = Path(cached).parent if isinstance(cached, str) else None
    if found is None or not (found / "config.json").is_file():
        return None
    return found if any(next(found.glob(kind), None) for kind in _WEIGHTS) else None


def not_here(model: str) -> BadInput:
    """Why a model that has no folder cannot be used."""
    if model.lower().endswith(".gguf"):
        hint = "GGUF files run behind llama.cpp's server, through openai: see docs/local_models.md."
        return BadInput(f"'huggingface:{model}' is no model that transformers reads", hint=hint)
    if _is_path(model):
        hint = "Give the folder that holds its config.json and its weights (*.safetensors)."
        return BadInput(f"there is no whole model in the folder {model!r}", hint=hint)
    return BadInput(f"the model {model!r} is not on this disk, and nothing is downloaded unasked", hint=DOWNLOAD)


def config_of(folder: Path) -> dict[str, Any]:
    """The model's config. Raises BadInput when it cannot be read."""
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{str(file)!r} cannot be read: {error}", hint="Fetch the model once more.") from error
    return config if isinstance(config, dict) else {}


def _context(config: dict[str, Any]) -> int | None:
    nested = config.get("text_config")
    places = [config, nested if isinstance(nested, dict) else {}]
    found = [place.get(name) for place in places for name in _CONTEXT_NAMES]
    return next((one for one in found if isinstance(one, int) and one > 0), None)


def device_for(asked: Device, model: str) -> str:
    """What is asked for, or what there is. Raises BadInput when it is not there."""
    torch = import_module("torch")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[asked]:
        raise BadInput(
            f"{model} is to run on {asked}, which this machine or its torch does not have",
            hint="AIWRITER_HUGGINGFACE__DEVICE=auto takes what there is.",
        )
    return asked
