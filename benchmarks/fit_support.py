"""Fit the support score on labelled claims and print how well it does; `--write` puts it into the package.

    python benchmarks/fit_support.py DATA_FOLDER [--write]

DATA_FOLDER holds attributionbench_dev.jsonl, wice_claim_dev.jsonl, wice_chunks_dev.jsonl; none of it is committed.
Cross-validation is in ten folds grouped by source text; the baseline is the recall of content words alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiwriter.pipeline.quality import scorer
from aiwriter.pipeline.quality.alignment import align
from aiwriter.pipeline.quality.faults import faults
from aiwriter.pipeline.quality.statements import Ground, known_names, statement

TARGET = Path(scorer.__file__).parent / "support_weights.toml"
FOLDS = 10
_MARKS = re.compile(r"\s*\[\d+\]")  # of citations
RIDGE = 1.0


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
            _MARKS.sub("", row["claim"]).strip(),
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


def features(case: Case) -> list[float]:
    cited = [Ground(str(i), text) for i, text in enumerate(case.passages)]
    known = known_names(case.passages)
    alignment = align(statement(case.claim), cited)
    return scorer.features(alignment, faults(alignment, known))


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
    return 1 / (1 + np.exp(-(beta[0] + x @ beta[1:])))


def auroc(y: np.ndarray, score: np.ndarray) -> float:
    """Mann–Whitney, ties counted half."""
    positive, negative = score[y == 1], score[y == 0]
    more = (positive[:, None] > negative[None, :]).sum() + 0.5 * (positive[:, None] == negative[None, :]).sum()
    return float(more / (len(positive) * len(negative)))


def balanced_accuracy(y: np.ndarray, score: np.ndarray, cut: float) -> float:
    return float(((score[y == 1] >= cut).mean() + (score[y == 0] < cut).mean()) / 2)


def best_cut(y: np.ndarray, score: np.ndarray) -> float:
    return max(np.unique(score.round(3)), key=lambda cut: balanced_accuracy(y, score, cut))


def calibration_error(y: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    return float(sum(abs(y[place == b].mean() - score[place == b].mean()) * (place == b).mean() for b in set(place)))


def cross_validate(x: np.ndarray, y: np.ndarray, groups: list[str]) -> np.ndarray:
    order = {group: int(group[:8], 16) % FOLDS for group in groups}
    fold = np.array([order[group] for group in groups])
    score = np.zeros(len(y))
    for k in range(FOLDS):
        score[fold == k] = predict(fit(x[fold != k], y[fold != k]), x[fold == k])
    return score


def report(name: str, y: np.ndarray, score: np.ndarray, baseline: np.ndarray) -> None:
    cut, base_cut = best_cut(y, score), best_cut(y, baseline)
    print(
        f"{name:24} n={len(y):5}  AUROC {auroc(y, score):.3f} (recall alone {auroc(y, baseline):.3f})  "
        f"balanced accuracy {balanced_accuracy(y, score, 0.5):.3f} at 0.5, {balanced_accuracy(y, score, cut):.3f} at "
        f"{cut:.2f} ({balanced_accuracy(y, baseline, base_cut):.3f})  ECE {calibration_error(y, score):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    train = attributionbench(args.folder)
    began = time.perf_counter()
    x = np.array([features(case) for case in train])
    print(f"{len(train)} claims in {time.perf_counter() - began:.1f} s; {dict(Counter(c.data for c in train))}")
    y = np.array([case.label for case in train])
    score = cross_validate(x, y, [case.group for case in train])
    report("AttributionBench, 10 folds", y, score, x[:, 0])
    for data in sorted({case.data for case in train}):
        mine = np.array([case.data == data for case in train])
        report(f"  {data}", y[mine], score[mine], x[mine, 0])
    beta = fit(x, y)
    for name in ("wice_chunks_dev", "wice_claim_dev"):
        cases = wice(args.folder, name)
        xw, yw = np.array([features(case) for case in cases]), np.array([case.label for case in cases])
        report(f"{name}, unseen", yw, predict(beta, xw), xw[:, 0])
        report(f"{name}, own 10 folds", yw, cross_validate(xw, yw, [case.group for case in cases]), xw[:, 0])
    for name, value in zip(("intercept", *scorer.FEATURES), beta, strict=True):
        print(f"  {name:18} {value:+.4f}")
    if args.write:
        TARGET.write_text(
            rendered(beta, auroc(y, score), balanced_accuracy(y, score, 0.5), calibration_error(y, score))
        )
        print(f"wrote {TARGET.name}")


def rendered(beta: np.ndarray, area: float, accuracy: float, error: float) -> str:
    lines = [
        "# Written by benchmarks/fit_support.py; do not edit the coefficients by hand.",
        "# Data: AttributionBench, development split (1,198 labelled claims; Apache-2.0 by its card). No text of it",
        "# is in here: twelve numbers, which say how much each kind of overlap counts.",
        f"# Ten folds grouped by source text: AUROC {area:.3f}, balanced accuracy {accuracy:.3f} at 0.5, "
        f"calibration error {error:.3f}.",
        f"intercept = {beta[0]:.4f}",
        "",
        "[coefficients]",
        *(f"{name} = {value:.4f}" for name, value in zip(scorer.FEATURES, beta[1:], strict=True)),
        "",
        "[cuts]                       # probability of support",
        "supported = 0.60             # from here on supported",
        "unsure = 0.30                # below it unsupported, between the two unsure",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
