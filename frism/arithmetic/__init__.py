"""The maths that merge methods share: pure functions of tensors, one module per topic."""
