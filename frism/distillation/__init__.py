"""Training of gates: distillation of the VLM's own answers against the injection of reasoning."""
