"""Sweeps: all candidates of one method compared on validation, the chosen ones told on test.

Candidates are merged in memory into one resident model. What is chosen is written, loaded again
and evaluated from there, so that what is reported is what a user gets.
"""
