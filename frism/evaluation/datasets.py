"""Open questions from local TSV files, with or without images, as VLMEvalKit datasets.

VLMEvalKit handles local multiple-choice files itself; its class for other local files cannot
evaluate. Columns here: index, [image,] question, answer.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from frism.errors import DataError
from frism.evaluation import kit

RESULT_SUFFIX = "_exact_matching_result"
ACCURACY_SUFFIX = "_acc"


class OpenDataset:
    """What open questions have in common: string columns and scoring by equality.

    A prediction hits when it equals the answer apart from case and outer white space, as in
    VLMEvalKit's `accuracy`.
    """

    TYPE = "VQA"
    dataset_name: str

    def load_data(self, dataset: str) -> pd.DataFrame:
        """Reads `<dataset>.tsv` from VLMEvalKit's data root."""
        return read_strings(Path(kit.LMUDataRoot()) / f"{dataset}.tsv")

    def evaluate(self, eval_file: str, **judge_kwargs: Any) -> pd.DataFrame:
        """Scores a prediction file and writes the result and accuracy files beside it.

        Returns:
            One row with the column Overall, in percent.
        """
        table = read_strings(Path(eval_file))
        lines = [kit.process_line(row, method="accuracy") for row in table.to_dict("records")]
        table["hit"] = kit.hit_calculate(lines, self.dataset_name)
        kit.dump(table, kit.get_intermediate_file_path(eval_file, RESULT_SUFFIX))
        accuracy: pd.DataFrame = kit.d2df({"Overall": 100 * table["hit"].mean()})
        kit.dump(accuracy, kit.get_intermediate_file_path(eval_file, ACCURACY_SUFFIX))
        return accuracy


class OpenImageDataset(OpenDataset, kit.ImageBaseDataset):  # type: ignore[misc]
    """Open questions about an image; the prompt is the image, then the question unchanged."""

    DATASET_URL: ClassVar[dict[str, str]] = {}


class OpenTextDataset(OpenDataset, kit.TextBaseDataset):  # type: ignore[misc]
    """Open questions without images; the prompt is the question unchanged."""

    DATASET_URL: ClassVar[dict[str, str]] = {}


def build(name: str) -> Any:
    """Returns VLMEvalKit's dataset for `<name>.tsv` of its data root.

    Raises:
        DataError: The file lacks a column, or VLMEvalKit cannot build a dataset of it.
    """
    _register(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # VLMEvalKit warns of every local file
        dataset = kit.build_dataset(name)
    if dataset is None or not len(dataset):
        raise DataError(
            f"VLMEvalKit cannot build the dataset {name}; expected {name}.tsv in "
            f"{kit.LMUDataRoot()} with at least one row"
        )
    return dataset


def _register(name: str) -> None:
    if name in kit.SUPPORTED_DATASETS:
        return
    path = Path(kit.LMUDataRoot()) / f"{name}.tsv"
    columns = set(pd.read_csv(path, sep="\t", nrows=0).columns)
    missing = {"index", "question", "answer"} - columns
    if missing:
        raise DataError(f"{path} lacks the columns {sorted(missing)}; found {sorted(columns)}")
    for kind in (OpenImageDataset, OpenTextDataset):
        kind.DATASET_URL.pop(name, None)  # the file of another data root may have other columns
        if kind not in kit.DATASET_CLASSES:
            kit.DATASET_CLASSES.append(kind)
    if not {"A", "B"} <= columns:  # VLMEvalKit has its own classes for local multiple choice
        has_image = bool({"image", "image_path"} & columns)
        (OpenImageDataset if has_image else OpenTextDataset).DATASET_URL[name] = ""


def read_strings(path: Path) -> pd.DataFrame:
    """Reads a table of benchmark questions or predictions with every cell as text."""
    # types guessed by pandas would turn the answers 9 and 9.5 into 9.0 and 9.5
    if path.suffix == ".tsv":
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    table: pd.DataFrame = kit.load(str(path))
    return table.astype(str)
