"""Task vectors and their singular subspaces: maths only, no files.

Legend of the whole package: m out features, n in features, r rank, k models.
"""
