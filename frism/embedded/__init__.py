"""A base model, an LRM and a VLM small enough to train in minutes, made from a seed."""
