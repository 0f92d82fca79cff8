"""Where calibration questions are drawn from: a benchmark, a dataset or a folder of images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Field

from frism.config.prefetch import Prefetch
from frism.config.values import Settings

Kind = Literal["benchmark", "dataset", "images"]
# each source with the keys that belong to it
KINDS: Mapping[Kind, tuple[str, ...]] = {
    "benchmark": ("folder",),
    "dataset": ("subset", "split", "streaming", "image", "question", "template"),
    "images": ("template",),
}
DESCRIBE = ("Describe the image.",)
HUB = "datasets:"
FOLDER: str = Prefetch().data
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
Texts = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Field(strict=False),
]


class Calibration(Settings):
    """What calibration questions are drawn from: one of benchmark, dataset and images."""

    benchmark: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        description="VLMEvalKit's name of a benchmark whose questions are used, never its answers: "
        "<folder>/<benchmark>.tsv. VizWiz is the recommended one.",
    )
    folder: str | None = Field(
        None,
        min_length=1,
        description="Folder of the benchmark's TSV; where it is left out, prefetch.data of the "
        "configuration, and the workflow fetches the file into it.",
    )
    dataset: str | None = Field(
        None,
        min_length=1,
        description="A dataset of the library `datasets`: datasets:owner/name@commit on the hub, "
        "or a folder or file on disk (save_to_disk, parquet, arrow, a folder of images).",
    )
    subset: str | None = Field(
        None, min_length=1, description="Configuration of the dataset, where it has several."
    )
    split: str = Field("train", min_length=1, description="Split of the dataset.")
    streaming: bool = Field(
        False,
        description="Whether only the rows that are shown are read from the hub, not the whole "
        "split; they are drawn from a window that moves over the rows.",
    )
    image: str = Field("image", min_length=1, description="The dataset's column of images.")
    question: str = Field(
        "question", min_length=1, description="The dataset's column of questions."
    )
    images: str | None = Field(
        None, min_length=1, description="A folder of images, those in folders inside it included."
    )
    template: Texts = Field(
        (),
        description="Questions, one or several in turn, about the images of a folder (left out: "
        f"{DESCRIBE[0]}) or of a dataset, whose column of questions is not read then.",
    )

    @property
    def kinds(self) -> list[Kind]:
        """The sources that are named; one, unless the configuration is wrong."""
        return [kind for kind in KINDS if getattr(self, kind) is not None]

    @property
    def misplaced(self) -> list[str]:
        """The keys that are set although they belong to another source."""
        own = {*KINDS, *(key for kind in self.kinds for key in KINDS[kind])}
        fields = type(self).model_fields
        return [k for k in fields if k not in own and getattr(self, k) != fields[k].default]

    @property
    def hub(self) -> str | None:
        """The id and commit, `owner/name@commit`, of a dataset of the hub."""
        given = self.dataset or ""
        return given.removeprefix(HUB) if given.startswith(HUB) else None

    @property
    def place(self) -> Path | None:
        """The file or folder on disk that is read; None for a dataset of the hub."""
        if self.benchmark:
            return Path(self.folder or FOLDER) / f"{self.benchmark}.tsv"
        given = self.images or (None if self.hub else self.dataset)
        return Path(given) if given else None

    def __str__(self) -> str:
        place = self.place
        return cast(str, self.dataset) if place is None else str(place)


def image_files(folder: Path) -> list[Path]:
    """Returns the images below a folder by their endings, in the order of their paths."""
    found = (each for each in folder.rglob("*") if each.suffix.lower() in ENDINGS)
    shown = (each for each in found if not each.name.startswith(".") and each.is_file())
    return sorted(shown, key=lambda each: each.relative_to(folder).as_posix())
