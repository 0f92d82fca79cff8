"""The steps of the command line: each module has HELP, add_arguments(parser) and run(args).

The module's name with hyphens is the command's name. Heavy imports belong inside `run`, so that
`frism --help` and argument errors answer at once.
"""
