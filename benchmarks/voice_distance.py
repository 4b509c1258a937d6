"""Does the distance of voices tell one author from another? Figures for the limits in pipeline/formats.

    python benchmarks/voice_distance.py FOLDER [FOLDER …]

Each Markdown file is cut in two: its first half is the sample, the second half a text. Printed are quantiles of the
distance of a half to the other half of its own file, to halves of other files of its folder, and to those of other
folders; and how often the own half is the nearer one.
"""

from __future__ import annotations

import argparse
import random
import statistics
from pathlib import Path

from aiwriter.documents import Voice
from aiwriter.errors import BadInput
from aiwriter.pipeline.marked_text import read
from aiwriter.pipeline.quality import voice


def halves(file: Path) -> tuple[Voice, Voice] | None:
    """The voices of the two halves of a file; None when they are too short."""
    sentences = [s.text for section in read(file.read_text("utf-8")).sections for s in section.sentences]
    middle = len(sentences) // 2
    try:
        return voice.learn([" ".join(sentences[:middle])]), voice.learn([" ".join(sentences[middle:])])
    except BadInput:
        return None


def show(name: str, distances: list[float]) -> None:
    cuts = statistics.quantiles(distances, n=20)
    print(f"{name:16} median {cuts[9]:.2f}  5 % {cuts[0]:.2f}  95 % {cuts[18]:.2f}  of {len(distances)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    rng = random.Random(1)
    read_in = {
        folder: [pair for file in sorted(folder.rglob("*.md")) if (pair := halves(file))]
        for folder in parser.parse_args().folders
    }
    own, near, far, right, tried = list[float](), list[float](), list[float](), 0, 0
    for folder, pairs in read_in.items():
        others = [pair for other, found in read_in.items() if other != folder for pair in found]
        for pair in pairs:
            same = voice.delta(pair[1], pair[0])
            own.append(same)
            for group, distances in ((pairs, near), (others, far)):
                for stranger in rng.sample(group, min(8, len(group))):
                    if stranger is not pair:
                        distances.append(voice.delta(stranger[1], pair[0]))
                        right, tried = right + (same < distances[-1]), tried + 1
    show("own file", own)
    show("same folder", near)
    if far:
        show("other folders", far)
    print(f"own half nearer  {right / tried:.1%} of {tried}")


if __name__ == "__main__":
    main()
