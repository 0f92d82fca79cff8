"""Evaluation of any checkpoint on a suite of benchmarks, one question at a time on record.

`checks` look before a model is loaded, `keys` say what answers depend on, `sheets` open benchmarks,
`workers` ask the model, `results` and `table` say what came out, `run` leads them.
"""
