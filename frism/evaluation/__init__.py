"""Evaluation: batched greedy answers of a checkpoint, scored by VLMEvalKit.

`answers`, `records` and `engine` know nothing of VLMEvalKit. `kit` is the only module that imports
it (this takes seconds); `datasets`, `model`, `scoring` and `families` stand on `kit`.
"""
