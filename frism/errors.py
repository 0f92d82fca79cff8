"""The exceptions of frism: each message says what was found, what was expected and what to do."""

from __future__ import annotations


class FrismError(Exception):
    """Root of all errors that a user can mend; the command line prints it without a traceback."""


class ConfigError(FrismError):
    """A key, value or file of the configuration is wrong."""


class CheckpointError(FrismError):
    """A checkpoint is missing, unreadable or does not fit its partner."""


class MergeError(FrismError):
    """A merge method was given parameters or tensors it is not defined for."""


class DataError(FrismError):
    """A benchmark, calibration set or record is missing or malformed."""


class TrainingError(FrismError):
    """A training diverged, or did not reach the level that was fixed in advance."""


class EvaluationError(FrismError):
    """An evaluation failed or left no metric."""


class QuestionError(EvaluationError):
    """One question cannot be asked, of its image for example; others can."""


class JudgeError(EvaluationError):
    """A judge cannot answer, or left questions without an answer."""


class OutputError(FrismError):
    """An output cannot be written: another process is at work on it, or something else is there."""


class DeviceError(FrismError):
    """The devices that a job asks for are not there."""


class SchedulerError(FrismError):
    """The scheduler of a cluster does not answer as expected."""
