"""The configuration: one typed tree, its loader and the documents generated from it."""
