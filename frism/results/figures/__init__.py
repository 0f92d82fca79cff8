"""Figures drawn from the tables, the gates and the training histories."""
