"""Evaluation: batched greedy answers of a checkpoint, scored by VLMEvalKit.

`answers`, `records`, `scratch` and `engine` know nothing of VLMEvalKit. `kit` is the only module
that imports it, which takes seconds; the others stand on `kit`.
"""
