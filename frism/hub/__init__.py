"""Models of the Hugging Face hub: references, the choice of files, download, headers."""
