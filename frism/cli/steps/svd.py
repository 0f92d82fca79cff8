"""`frism svd`: singular subspaces of task vectors."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.cli.key_map import add_key_map
from frism.config.tree import Subspaces
from frism.errors import ConfigError

HELP = "decompose what training added to the matrices of a base into singular subspaces"
ROLES = ("lrm", "vlm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    parser.add_argument("--base", type=Path, nargs="+", required=True, help="base checkpoints")
    parser.add_argument("--tuned", type=Path, nargs="+", required=True, help="tuned checkpoints")
    parser.add_argument("--role", choices=ROLES, required=True, help="what the tuned models are")
    parser.add_argument("--part", type=int, default=1, help="which part (default: 1)")
    parser.add_argument(
        "--parts", type=int, default=1, help="jobs that share the layers (default: 1)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        nargs="+",
        required=True,
        help="folders of subspaces; the part is a folder inside, part-<part>-of-<parts>",
    )
    add_key_map(parser)
    add_flags(parser, Subspaces)


def run(args: argparse.Namespace) -> None:
    """Writes one part of the subspaces of each family."""
    settings = settings_from(args, Subspaces)
    if not 1 <= args.part <= args.parts:
        raise ConfigError(f"--part {args.part} --parts {args.parts}: expected 1 <= part <= parts")
    families = parallel(base=args.base, tuned=args.tuned, output=args.output)
    from frism.checkpoints.subspace_folder import part_name
    from frism.devices import device
    from frism.merging.decompositions import Decomposition, Pair, decompose_part

    how = Decomposition(settings.dtype, settings.storage, settings.rank, settings.energy)
    where = device(settings.device)
    for base, tuned, output in families:
        place = output / part_name(args.part, args.parts)
        print(f"subspaces of {tuned} - {base} -> {place} ({how}, on {where})", flush=True)
        pair = Pair(tuned, base, args.role, args.key_map)
        decompose_part(pair, how, args.part, args.parts, place, where)
