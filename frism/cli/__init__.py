"""The command line: one module per step under `frism.cli.steps`; nothing else imports this package."""
