"""Fit the support score on labelled claims and print how well it does; `--write` puts it into the package.

    python benchmarks/fit_support.py DATA_FOLDER [--write]

DATA_FOLDER holds attributionbench_dev.jsonl, wice_claim_dev.jsonl, wice_chunks_dev.jsonl; none of it is committed.
Cross-validation is in ten folds grouped by source text; the baseline is the recall of content words alone.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.quality import meaning, scorer, support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import Examined

TARGET = Path(scorer.__file__).parent / "support_weights.toml"
FOLDS = 10
RIDGE = 10.0
# In ExpertQA the length of the passages alone has AUROC 0.64, more than any count of shared words: it teaches little of
# support. WiCE is pages, and keeps the fit from taking length for it.
WEIGHTS = {"ExpertQA": 0.6, "wice_chunks_dev": 0.5, "wice_claim_dev": 0.5}


@dataclass(frozen=True)
class Case:
    claim: str
    passages: tuple[str, ...]
    label: int
    data: str

    @property
    def group(self) -> str:
        return hashlib.sha256("\n".join(self.passages)[:400].encode()).hexdigest()


def attributionbench(folder: Path) -> list[Case]:
    rows = map(json.loads, (folder / "attributionbench_dev.jsonl").open(encoding="utf-8"))
    return [
        Case(
            row["claim"],
            tuple(row["references"]),
            int(row["attribution_label"] == "attributable"),
            row["src_dataset"],
        )
        for row in rows
    ]


def wice(folder: Path, name: str) -> list[Case]:
    """Supported against partly or not supported; the chunks' evidence is a list of sentences."""
    rows = map(json.loads, (folder / f"{name}.jsonl").open(encoding="utf-8"))
    return [Case(row["claim"], ("\n".join(row["evidence"]),), int(row["label"] == "supported"), name) for row in rows]


def examine(case: Case) -> Examined:
    cited = [Ground(str(i), text) for i, text in enumerate(case.passages) if text.strip()]
    found = support.examine(case.claim, cited, known_names(case.passages))
    assert found is not None
    return found


def features(cases: list[Case]) -> tuple[np.ndarray, np.ndarray, list[Examined]]:
    """Of words, of meaning, and what else was examined; a verbatim claim has full overlap."""
    examined = [examine(case) for case in cases]
    found = asyncio.run(meaning.compare(examined, MiniLM()))
    full = [1.0] * 5 + [0.0] * 5 + [3.0, 4.0]
    words = np.array([one.words or full for one in examined])
    return words, np.array([numbers or (1.0, 1.0, 1.0, 0.0, 1.0) for numbers in found]), examined


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, ridge: float = RIDGE) -> np.ndarray:
    """Logistic regression by Newton's method on standardised features; those of the raw ones, intercept first."""
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    w = np.ones(len(x)) if weight is None else weight
    penalty = ridge * np.eye(z.shape[1])
    penalty[0, 0] = 0
    beta = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ beta))
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(hessian, z.T @ (w * (y - p)) - penalty @ beta)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    raw = beta[1:] / spread
    return np.concatenate([[beta[0] - raw @ mean], raw])


def predict(beta: np.ndarray, x: np.ndarray) -> np.ndarray:
    score: np.ndarray = 1 / (1 + np.exp(-(beta[0] + x @ beta[1:])))
    return score


def auroc(y: np.ndarray, score: np.ndarray) -> float:
    """Mann–Whitney, ties counted half."""
    positive, negative = score[y == 1], score[y == 0]
    more = (positive[:, None] > negative[None, :]).sum() + 0.5 * (positive[:, None] == negative[None, :]).sum()
    return float(more / (len(positive) * len(negative)))


def balanced_accuracy(y: np.ndarray, score: np.ndarray, cut: float) -> float:
    return float(((score[y == 1] >= cut).mean() + (score[y == 0] < cut).mean()) / 2)


def best_cut(y: np.ndarray, score: np.ndarray) -> float:
    return float(max(np.unique(score.round(3)), key=lambda cut: balanced_accuracy(y, score, cut)))


def calibration_error(y: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    return float(sum(abs(y[place == b].mean() - score[place == b].mean()) * (place == b).mean() for b in set(place)))


def chance_error(score: np.ndarray, draws: int = 400) -> float:
    """The calibration error that so many claims would show by chance, in the mean, were the scores exactly right."""
    rng = np.random.default_rng(0)
    return float(np.mean([calibration_error((rng.random(len(score)) < score) * 1.0, score) for _ in range(draws)]))


def cross_validate(x: np.ndarray, y: np.ndarray, weight: np.ndarray, groups: list[str]) -> np.ndarray:
    fold = np.array([int(group[:8], 16) % FOLDS for group in groups])
    score = np.zeros(len(y))
    for k in range(FOLDS):
        train = fold != k
        score[fold == k] = predict(fit(x[train], y[train], weight[train]), x[fold == k])
    return score


def leave_one_out(x: np.ndarray, y: np.ndarray, weight: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Scores of each kind of data by a fit on the others: what to expect of data nobody has seen."""
    score = np.zeros(len(y))
    for kind in set(kinds):
        train = kinds != kind
        score[~train] = predict(fit(x[train], y[train], weight[train]), x[~train])
    return score


def decided(score: np.ndarray, examined: list[Examined]) -> np.ndarray:
    """The probability that is given out: after the rules have had their say."""
    return np.array([support.judged(one, value).probability for one, value in zip(examined, score, strict=True)])


def report(name: str, y: np.ndarray, score: np.ndarray, baseline: np.ndarray) -> None:
    cut, base_cut = best_cut(y, score), best_cut(y, baseline)
    print(
        f"{name:24} n={len(y):5}  AUROC {auroc(y, score):.3f} (recall alone {auroc(y, baseline):.3f})  "
        f"balanced accuracy {balanced_accuracy(y, score, 0.5):.3f} at 0.5, {balanced_accuracy(y, score, cut):.3f} at "
        f"{cut:.2f} ({balanced_accuracy(y, baseline, base_cut):.3f})  ECE {calibration_error(y, score):.3f} "
        f"(by chance {chance_error(score):.3f})"
    )


def table(title: str, cases: list[Case], score: np.ndarray, baseline: np.ndarray) -> None:
    print(title)
    y, data = np.array([case.label for case in cases]), np.array([case.data for case in cases])
    ours = ~np.char.startswith(data, "wice")
    report("AttributionBench", y[ours], score[ours], baseline[ours])
    for name in sorted(set(data)):
        report(f"  {name}", y[data == name], score[data == name], baseline[data == name])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    cases = attributionbench(args.folder)
    for name in ("wice_chunks_dev", "wice_claim_dev"):
        cases += wice(args.folder, name)
    began = time.perf_counter()
    words, meant, examined = features(cases)
    print(f"{len(cases)} claims in {time.perf_counter() - began:.1f} s; {dict(Counter(c.data for c in cases))}")
    y = np.array([case.label for case in cases])
    weight = np.array([WEIGHTS.get(case.data, 1.0) for case in cases])
    kinds = np.array(["wice" if case.data.startswith("wice") else case.data for case in cases])
    fitted, figures = {}, {}
    for name, x in (("words", words), ("meaning", np.hstack([words, meant]))):
        score = cross_validate(x, y, weight, [case.group for case in cases])
        table(f"{name}: score, {FOLDS} folds", cases, score, words[:, 0])
        table(f"{name}: as given out, {FOLDS} folds", cases, decided(score, examined), words[:, 0])
        table(f"{name}: each data set by a fit on the others", cases, leave_one_out(x, y, weight, kinds), words[:, 0])
        fitted[name] = fit(x, y, weight)
        ours = np.array([not case.data.startswith("wice") for case in cases])
        figures[name] = tuple(m(y[ours], score[ours]) for m in (auroc, accuracy_at_half, calibration_error))
    if args.write:
        TARGET.write_text(rendered(fitted, figures), encoding="utf-8")
        print(f"wrote {TARGET.name}")


def accuracy_at_half(y: np.ndarray, score: np.ndarray) -> float:
    return balanced_accuracy(y, score, 0.5)


def rendered(fitted: dict[str, np.ndarray], figures: dict[str, tuple[float, ...]]) -> str:
    lines = [*HEAD]
    for name, names in (("words", scorer.FEATURES), ("meaning", scorer.FEATURES + scorer.MEANING)):
        area, accuracy, error = figures[name]
        lines += [
            "",
            f"# Ten folds grouped by source text, AttributionBench: AUROC {area:.3f}, balanced accuracy {accuracy:.3f} "
            f"at 0.5, calibration error {error:.3f}.",
            f"[{name}]",
            *(f"{key} = {value:.4f}" for key, value in zip(("intercept", *names), fitted[name], strict=True)),
        ]
    return "\n".join([*lines, "", *TAIL]) + "\n"


HEAD = (
    "# Written by benchmarks/fit_support.py; do not edit the coefficients by hand.",
    "# Data: development splits of AttributionBench (1,198 claims; Apache-2.0 by its card) and of WiCE (1,392;",
    "# annotations ODC-BY 1.0, texts CC BY-SA). No text of either is in here: a few numbers that say how much each",
    "# kind of likeness counts. docs/quality.md names the licence of every part.",
)
TAIL = (
    "[cuts]                       # probability of support",
    "supported = 0.35             # from here on supported: the data are half false, what is written is mostly true",
    "supported_thin = 0.50        # … without figure or name, and a fifth of its words nowhere: no rule holds these",
    "unsure = 0.15                # below it unsupported, as nine of ten of those are; between the two unsure",
)


if __name__ == "__main__":
    main()
