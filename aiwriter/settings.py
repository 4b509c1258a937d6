"""All settings, as one frozen value of small groups; it reads the environment and `.env` and touches nothing else.

Names: `AIWRITER_MODEL`, and for groups `AIWRITER_OPENAI__BASE_URL`. The names in `KEYS` are understood as well.
Order: argument, environment, `.env` in the working folder, default; what is set to nothing is not set.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from aiwriter.errors import BadInput
from aiwriter.text.dollars import MICRO

PREFIX = "AIWRITER_"
OFFLINE_MODEL = "offline:extractive"
KEYS = ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY", "TAVILY_API_KEY")  # not our naming


class Lacking(ValueError):
    """Of two settings that go together one is set; its text names the other."""


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProviderSettings(Group):
    """A provider of language models behind an HTTP API."""

    base_url: str | None = Field(None, description="address to ask instead of the provider's own")
    timeout_seconds: Annotated[float, Field(gt=0)] | None = Field(
        None, description="how long an answer may take; empty means 120 s, and 900 s on machines of your own"
    )
    context_tokens: Annotated[int, Field(ge=1024)] | None = Field(
        None, description="how long prompt and answer may be together; empty means what is known of the model"
    )
    input_usd: Annotated[Decimal, Field(ge=0)] | None = Field(None, description="price of a million tokens read")
    output_usd: Annotated[Decimal, Field(ge=0)] | None = Field(None, description="price of a million tokens written")
    allow_unknown_price: bool = Field(False, description="call a paid model whose price is not in the table")

    @model_validator(mode="after")
    def _both_prices(self) -> Self:
        if (self.input_usd is None) != (self.output_usd is None):
            raise Lacking("INPUT_USD" if self.input_usd is None else "OUTPUT_USD")
        return self


class OpenAISettings(ProviderSettings):
    """Any endpoint that speaks OpenAI's wire format."""

    base_url: str | None = Field(None, description="address of a compatible endpoint; empty means OpenAI itself")
    api: Literal["chat", "responses"] = Field(
        "chat", description="which API the endpoint is spoken to in: chat completions or Responses"
    )


class GeminiSettings(ProviderSettings):
    """Google's Gemini API."""


class AnthropicSettings(ProviderSettings):
    """Anthropic's Messages API."""


ModelName = Annotated[str, Field(pattern=r"^(openai|gemini|anthropic|huggingface|offline):\S+$")]


class RateSettings(Group):
    """What a provider allows a model in any minute; all processes keep to it together."""

    rpm: Annotated[int, Field(ge=1)] | None = Field(None, description="requests a minute; empty means no limit")
    tpm: Annotated[int, Field(ge=1)] | None = Field(None, description="tokens a minute; empty means no limit")


class BreakerSettings(Group):
    """When a model that fails is left alone, by every process, and for how long."""

    window: Annotated[int, Field(ge=1)] = Field(20, description="how many of its last calls are looked at")
    minimum: Annotated[int, Field(ge=1)] = Field(10, description="how many there must be to judge by")
    failures: Annotated[float, Field(gt=0, le=1)] = Field(0.5, description="the share of them that must have failed")
    open_seconds: Annotated[float, Field(gt=0)] = Field(30.0, description="how long it is then left alone")
    probes: Annotated[int, Field(ge=1)] = Field(3, description="calls that must succeed before all are let through")
    disabled_seconds: Annotated[float, Field(gt=0)] = Field(
        900.0, description="how long a provider that refused key, quota or payment is not asked"
    )


class HuggingFaceSettings(Group):
    """Language models in this process, through transformers."""

    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="what computes; auto takes a GPU if any")
    allow_download: bool = Field(False, description="fetch a model that is not on disk from huggingface.co")
    context_tokens: Annotated[int, Field(ge=1024)] | None = Field(
        None, description="how long prompt and answer may be together; empty means what the model's config says"
    )


class EmbeddingsSettings(Group):
    """Embedders behind an API: openai:MODEL, gemini:MODEL."""

    base_url: str | None = Field(
        None, description="where the embedder is asked; empty means where its provider's models are"
    )
    api_key: SecretStr | None = Field(None, description="its key; without a base_url, the provider's key will do")
    timeout_seconds: Annotated[float, Field(gt=0)] | None = Field(
        None, description="how long an answer may take; empty means 60 s, and 300 s on machines of your own"
    )
    input_usd: Annotated[Decimal, Field(ge=0)] | None = Field(None, description="price of a million tokens read")
    allow_unknown_price: bool = Field(False, description="use a paid embedder whose price is not in the table")


class SourcesSettings(Group):
    """What may be fetched, and how much of it."""

    allow_private_hosts: tuple[str, ...] = Field(
        (), description='hosts on loopback or private addresses that may be fetched, such as ["127.0.0.1:8000"]'
    )
    folders: tuple[Path, ...] = Field(
        (), description="folders whose files a brief that comes through the API may name; empty means any"
    )
    crawl_pages: Annotated[int, Field(ge=1, le=1_000)] = Field(
        50, description="most pages that site: and sitemap: stand for"
    )
    crawl_depth: Annotated[int, Field(ge=0, le=3)] = Field(
        2, description="how many links away from its start site: goes"
    )
    feed_entries: Annotated[int, Field(ge=1, le=500)] = Field(20, description="most entries that feed: stands for")
    host_pause_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        0.5, description="pause between two requests to a host, for pages that were not named one by one"
    )


class SearchSettings(Group):
    """Search engines that a brief may name as a place, such as web: or arxiv:QUERY."""

    engines: tuple[str, ...] = Field(("wikipedia",), description="engines that web: asks, by name")
    tavily_url: str = Field("https://api.tavily.com", description="where tavily is asked; AIWRITER_TAVILY_API_KEY too")
    searxng_url: str | None = Field(None, description="your SearXNG, with json among its search.formats")
    wikipedia_url: str = Field(
        "https://{language}.wikipedia.org", description="a wiki; {language} becomes the language of the brief"
    )
    arxiv_url: str = Field("https://export.arxiv.org/api/query", description="where arXiv is asked")
    custom_url: str | None = Field(None, description="an endpoint of yours that speaks the form in docs/research.md")
    custom_api_key: SecretStr | None = Field(None, description="what it is sent as a bearer token")
    contact: str | None = Field(
        None, description="address or e-mail that is told to engines, as Wikipedia asks of programs"
    )
    results: Annotated[int, Field(ge=1, le=50)] = Field(8, description="pages an engine names for a query, at most")
    queries: Annotated[int, Field(ge=1, le=12)] = Field(4, description="queries that are planned, at most")
    pages: Annotated[int, Field(ge=1, le=50)] = Field(20, description="pages found that are read, at most")


class ApiSettings(Group):
    """The HTTP interface: where it listens, and how its clients reach it."""

    host: str = Field("127.0.0.1", description="address the API listens on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="port of the API; 0 takes a free one")
    url: str | None = Field(None, description="where clients such as the dashboard find the API; empty means host:port")
    key: SecretStr | None = Field(None, description="key that clients such as the dashboard use")
    bootstrap_key: SecretStr | None = Field(
        None, description="a key of yours (aw_…) that is to be valid from the first start on; empty makes one"
    )
    body_bytes: Annotated[int, Field(ge=1024)] = Field(2_000_000, description="largest request that is read")


class ServeSettings(Group):
    """What `aiwriter up` starts."""

    dashboard_port: Annotated[int, Field(ge=0, le=65535)] = Field(8501, description="port of the dashboard")
    prefect_port: Annotated[int, Field(ge=0, le=65535)] = Field(4200, description="port of the Prefect server")
    chroma_port: Annotated[int, Field(ge=0, le=65535)] = Field(8001, description="port of the Chroma server")
    runs: Annotated[int, Field(ge=1)] = Field(2, description="runs that work at once; more wait in line")


TargetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class PublishingSettings(Group):
    """Where articles are published."""

    targets: dict[TargetName, str] = Field(
        {"site": "folder:"}, description="targets by name, as scheme:value; an empty folder lies under home"
    )


class PrefectSettings(Group):
    """The orchestrator."""

    start_seconds: Annotated[float, Field(gt=0)] = Field(
        120.0, description="how long a server of ours may take to start"
    )
    pool: str = Field("aiwriter", description="work pool whose workers carry out submitted runs")


class Settings(BaseSettings):
    """Every choice that can be made without touching code."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        env_ignore_empty=True,
    )

    home: Path = Field(Path("~/.aiwriter"), description="the one folder of local state")
    model: str = Field(
        OFFLINE_MODEL, description="provider:model that writes; several, with commas, in the order of asking"
    )
    cheaper_model: str | None = Field(
        None, description="provider:model that writes the sections of a run that is near its budget"
    )
    checking_model: str | None = Field(
        None,
        description="what checks sentences that are unsure: provider:model or huggingface-nli:MODEL",
    )
    embedder: str = Field("minilm", description="scheme:value of the embedder")
    database_url: str | None = Field(None, description="SQLAlchemy address; empty means a SQLite file under home")
    vectors: str = Field(
        "chroma-folder:", description="scheme:value of the vector index; an empty value lies under home"
    )
    files_url: str | None = Field(None, description="fsspec address where articles are written; empty means under home")
    launcher: str = Field("flows.launcher:PrefectLauncher", description="module:class that runs a flow")
    scheduler: str = Field("flows.schedules:PrefectScheduler", description="module:class that keeps schedules")
    budget_usd: Annotated[Decimal, Field(ge=MICRO)] = Field(
        Decimal("1.00"), description="cap of a run without --budget"
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("AIWRITER_OPENAI_API_KEY", "OPENAI_API_KEY"), description="key for openai:"
    )
    gemini_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("AIWRITER_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"),
        description="key for gemini:",
    )
    anthropic_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("AIWRITER_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        description="key for anthropic:",
    )
    tavily_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("AIWRITER_TAVILY_API_KEY", "TAVILY_API_KEY"), description="key for tavily:"
    )
    openai: OpenAISettings = OpenAISettings()
    gemini: GeminiSettings = GeminiSettings()
    anthropic: AnthropicSettings = AnthropicSettings()
    huggingface: HuggingFaceSettings = HuggingFaceSettings()
    embeddings: EmbeddingsSettings = EmbeddingsSettings()
    limits: dict[ModelName, RateSettings] = Field(
        {}, description='rates by provider:model, such as {"openai:gpt-4.1-mini": {"rpm": 60, "tpm": 100000}}'
    )
    breaker: BreakerSettings = BreakerSettings()
    sources: SourcesSettings = SourcesSettings()
    search: SearchSettings = SearchSettings()
    publishing: PublishingSettings = PublishingSettings()
    prefect: PrefectSettings = PrefectSettings()
    api: ApiSettings = ApiSettings()
    serve: ServeSettings = ServeSettings()

    @property
    def home_folder(self) -> Path:
        return self.home.expanduser().absolute()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.home_folder / 'aiwriter.db'}"

    @property
    def files(self) -> str:
        return self.files_url or str(self.home_folder / "articles")


def load(**overrides: object) -> Settings:
    """The effective settings. Raises BadInput that names the variable when a value cannot be used."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name, said = _variable(first["loc"]), _said(first)
        if isinstance(first.get("ctx", {}).get("error"), Lacking):
            told = f"setting {name}__{said} is missing: INPUT_USD and OUTPUT_USD go together"
            raise BadInput(told, hint=f"Set {name}__{said} as well.") from error
        raise BadInput(f"setting {name} cannot be used: {said}{_got(first)}", hint=_way_out(first, name)) from error
    except SettingsError as error:
        name, example = _no_json()
        hint = f"Write it like this: {name}='{example}'"
        raise BadInput(f"setting {name} cannot be used: it is no JSON", hint=hint) from error


def _variable(place: tuple[int | str, ...]) -> str:
    """The variable that holds what stands at this place: the last name is that of a group's setting."""
    field = Settings.model_fields.get(str(place[0]))
    depth = 2 if field and isinstance(field.default, Group) else 1
    return PREFIX + "__".join(map(str, place[:depth])).upper()


def _said(error: Mapping[str, Any]) -> str:
    """What is wrong; of rates, whose."""
    said, (field, *inside) = str(error["msg"]).removeprefix("Value error, "), error["loc"]
    if field != "limits" or not inside:
        return said
    if inside[-1] == "[key]":
        return "a rate is for PROVIDER:MODEL, such as openai:gpt-4.1-mini"
    if error["type"] == "extra_forbidden":
        return f"there is no {inside[-1]!r} for {inside[0]}, only {' and '.join(RateSettings.model_fields)}"
    return f"{' '.join(map(str, inside))}: {said}"


def _got(error: Mapping[str, Any]) -> str:
    """The value, where it cannot be a secret: of an unknown name, or of a whole group, nobody knows."""
    value = error.get("input")
    return "" if error["type"] == "extra_forbidden" or isinstance(value, dict) else f" (got {value!r})"


def _way_out(error: Mapping[str, Any], name: str) -> str:
    known = "_".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden" and known in Settings.model_fields:
        return f"There is no such setting: it is called {usual_variable(known)}."
    return f"Correct {name} in the environment or in .env; `aiwriter doctor` lists all settings."


def _no_json() -> tuple[str, str]:
    """The variable whose value should be JSON and is none, and how one could look."""
    from dotenv import dotenv_values

    given = {name.upper(): value or "" for name, value in (dotenv_values(".env") | os.environ).items()}
    for name, example in _in_json():
        try:
            json.loads(given.get(name, "null"))
        except ValueError:
            return name, example
    return f"{PREFIX}…", "{}"


def _in_json() -> list[tuple[str, str]]:
    """Every variable that holds more than one value, with its default, or an example where that is empty."""
    found: list[tuple[str, str]] = []
    for field, info in Settings.model_fields.items():
        parts: dict[str, Any] = {"": info.default}
        if isinstance(info.default, Group):
            found.append((PREFIX + field.upper(), "{}"))
            parts = {name: getattr(info.default, name) for name in type(info.default).model_fields}
        for part, default in parts.items():
            if isinstance(default, (tuple, dict)):
                example = json.dumps(default) if default else _EXAMPLES[type(default)]
                found.append((PREFIX + "__".join(filter(None, (field, part))).upper(), example))
    return found


_EXAMPLES = {tuple: '["one", "two"]', dict: '{"openai:gpt-4.1-mini": {"rpm": 60}}'}


def usual_variable(field: str) -> str:
    """By which variable people set it: where others have a name for it, theirs ("OPENAI_API_KEY")."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[1]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()


def origin(name: str) -> str:
    """By which setting a value was chosen: "VARIABLE (environment)", "VARIABLE (.env)" or "default …".

    `name` is a field, or "group.field".
    """
    field, _, part = name.partition(".")
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        variables = list(map(str, alias.choices))
    else:
        variables = [PREFIX + "__".join(filter(None, (field, part))).upper()]
    for place, names in (("environment", set(os.environ)), (".env", _names_in_dotenv())):
        for variable in variables:
            if variable in names:
                return f"{variable} ({place})"
    return f"default ({variables[0]} changes it)"


def unknown_variables() -> list[str]:
    """Variables that begin like ours but that no setting reads: most often a typing mistake."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for group in (name for name, field in Settings.model_fields.items() if isinstance(field.default, Group)):
        fields = type(Settings.model_fields[group].default).model_fields
        known |= {f"{PREFIX}{group.upper()}__{name.upper()}" for name in fields}
    found = {name for name in set(os.environ) | _names_in_dotenv() if name.startswith(PREFIX)}
    return sorted(name for name in found - known if not name.startswith("AIWRITER_TEST_"))


def _names_in_dotenv() -> set[str]:
    from dotenv import dotenv_values

    return {name for name, value in dotenv_values(".env").items() if value is not None}
