"""What can be known of a model in this process without torch: what is missing, what is on disk, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aiwriter import llm, settings
from aiwriter.embeddings import create as create_embedder
from aiwriter.errors import BadInput, ProviderRejected, Unavailable
from aiwriter.llm.huggingface import HuggingFaceModel, HuggingFaceOptions
from aiwriter.llm.huggingface_errors import LOADING, WRITING, translated
from aiwriter.ports import Usage
from aiwriter.settings import HuggingFaceSettings

OPTIONS = HuggingFaceOptions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The outside of a model."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "max_position_embeddings": 4096}))
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    return tmp_path


def test_lacking_packages_are_said_at_once_with_the_command(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # how Python itself marks a module as absent
    with pytest.raises(BadInput, match="needs torch") as refused:
        llm.create(f"huggingface:{folder}", settings.load(), create_embedder("hashing"))
    assert "make setup-local-models" in (refused.value.hint or "")


def test_a_model_that_is_not_on_disk_is_refused_and_not_downloaded() -> None:
    with pytest.raises(BadInput, match="nothing is downloaded unasked") as refused:
        HuggingFaceModel("nobody/has-this-model", OPTIONS)
    assert "AIWRITER_HUGGINGFACE__ALLOW_DOWNLOAD=true" in (refused.value.hint or "")


async def test_a_download_that_is_allowed_waits_for_the_first_answer() -> None:
    model = HuggingFaceModel("nobody/has-this-model", HuggingFaceOptions(allow_download=True))
    assert model.context_tokens == 8192
    assert "first answer fetches" in await model.probe()


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("allowed", [False, True])
def test_a_folder_without_a_whole_model_is_refused(folder: Path, missing: str, allowed: bool) -> None:
    (folder / missing).unlink()
    with pytest.raises(BadInput, match="no whole model"):
        HuggingFaceModel(str(folder), HuggingFaceOptions(allow_download=allowed))


def test_a_config_that_is_none_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        HuggingFaceModel(str(folder), OPTIONS)


def test_a_gguf_file_is_sent_to_the_server_that_reads_it() -> None:
    with pytest.raises(BadInput) as refused:
        HuggingFaceModel("./qwen-0.5b.gguf", OPTIONS)
    assert "docs/local_models.md" in (refused.value.hint or "")


def test_context_is_what_the_config_says_and_what_the_settings_say_first(folder: Path) -> None:
    assert HuggingFaceModel(str(folder), OPTIONS).context_tokens == 4096
    assert HuggingFaceModel(str(folder), HuggingFaceOptions(context_tokens=2048)).context_tokens == 2048
    (folder / "config.json").write_text(json.dumps({"text_config": {"max_position_embeddings": 1024}}))
    assert HuggingFaceModel(str(folder), OPTIONS).context_tokens == 1024


async def test_it_costs_nothing_and_says_what_it_is_without_being_loaded(folder: Path) -> None:
    model = HuggingFaceModel(str(folder), OPTIONS)
    assert (model.name, model.cost_of(Usage(10**6, 10**6))) == (f"huggingface:{folder}", 0)
    assert "llama" in await model.probe()
    assert "loaded at the first answer" in await model.probe()


def test_settings_name_the_devices_there_are() -> None:
    assert HuggingFaceSettings().device == "auto"
    with pytest.raises(ValueError, match="device"):
        HuggingFaceSettings(device="abacus")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (MemoryError("no"), ProviderRejected, "smaller"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), ProviderRejected, "smaller"),
        (OSError("no file named model.safetensors"), BadInput, "files"),
        (
            OSError("We couldn't connect to 'https://huggingface.co' to load the files"),
            BadInput,
            "Is the network there",
        ),
        (ImportError("sentencepiece"), BadInput, "make setup-local-models"),
    ],
)
def test_what_fails_while_loading_becomes_the_error_to_act_on(
    error: Exception, kind: type[Exception], hint: str
) -> None:
    with pytest.raises(kind) as failed, translated("huggingface:m", LOADING):
        raise error
    assert hint in str(getattr(failed.value, "hint", ""))


def test_memory_that_gives_out_while_writing_is_not_tried_again() -> None:
    with pytest.raises(ProviderRejected, match="memory does not suffice"), translated("huggingface:m", WRITING):
        raise RuntimeError("CUDA error: out of memory")


def test_our_own_errors_go_through_as_they_are() -> None:
    with pytest.raises(Unavailable, match="ours"), translated("huggingface:m", LOADING):
        raise Unavailable("ours")


def test_a_name_of_the_hub_is_found_in_its_cache(folder: Path, tmp_path: Path) -> None:
    """In a process of its own: the library reads where its cache is when it is imported."""
    place = tmp_path / "cache" / "models--herons--tiny"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("abc")
    snapshot = place / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (snapshot / name).write_bytes((folder / name).read_bytes())
    code = (
        "from aiwriter.llm.huggingface import *; import sys;"
        "print(HuggingFaceModel('herons/tiny', HuggingFaceOptions()).context_tokens,"
        "{'torch', 'transformers'} & set(sys.modules))"
    )
    env = {**os.environ, "HF_HUB_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "4096 set()"
