# Tables and figures of each experiment; the verdict, sample questions and times of those that
# compare all methods (figure: main).

from pathlib import Path

from frism.results.figures.kinds import (
    MAIN,
    caption,
    figure_names,
    table_caption,
    table_names,
)

CAPTIONS = "../report"
SUMMARY, TABLES, FIGURES, SAMPLES = "1 Summary", "2 Tables", "3 Figures", "4 Samples"


for pair in RUN.evaluated:
    tables, figures = (RUN.output(pair, kind) for kind in ("tables", "figures"))

    for experiment, chosen in CONFIG.experiments.items():
        methods = RUN.methods(experiment)
        labels = {"pair": pair, "experiment": experiment}

        if methods:

            rule:
                name:
                    f"tables_{experiment}_{pair}"
                input:
                    sweeps=RUN.sweeps(pair, experiment),
                    references=RUN.references(pair),
                    curvature=RUN.curvature_of(pair, experiment),
                output:
                    *(
                        [
                            report(
                                f"{tables}/{name}",
                                f"{CAPTIONS}/{file}",
                                category=SUMMARY,
                                labels={"pair": pair, "file": name},
                            )
                            for name, file in (
                                ("claim.rst", "claim.rst"),
                                ("summary.html", "summary.rst"),
                                ("published.csv", "table_published.rst"),
                            )
                        ]
                        if chosen.figure == MAIN
                        else []
                    ),
                    report(
                        f"{tables}/{experiment}.csv",
                        f"{CAPTIONS}/table_lines.rst",
                        category=TABLES,
                        labels={**labels, "table": "methods on test"},
                    ),
                    report(
                        f"{tables}/{experiment}_sweep.csv",
                        f"{CAPTIONS}/table_sweep.rst",
                        category=TABLES,
                        labels={**labels, "table": "candidates on validation"},
                    ),
                    report(
                        f"{tables}/{experiment}_benchmarks.csv",
                        f"{CAPTIONS}/table_benchmarks.rst",
                        category=TABLES,
                        labels={**labels, "table": "benchmarks"},
                    ),
                    report(
                        f"{tables}/{experiment}_times.csv",
                        f"{CAPTIONS}/table_times.rst",
                        category=TABLES,
                        labels={**labels, "table": "times"},
                    ),
                    report(
                        f"{tables}/{experiment}.html",
                        f"{CAPTIONS}/table_page.rst",
                        category=TABLES,
                        labels={**labels, "table": "page with notes"},
                    ),
                    *(
                        f"{tables}/{experiment}{ending}"
                        for ending in (".md", "_scores.csv", "_families.csv")
                    ),
                log:
                    f"{RUN.root}/logs/{pair}/tables/{experiment}.log",
                benchmark:
                    f"{RUN.root}/logs/{pair}/tables/{experiment}.tsv"
                threads: 1
                resources:
                    **NEEDS.of("tables", pair),
                params:
                    curvature=lambda wildcards, input: optional_flags(
                        curvature=input.curvature
                    ),
                    claim=(
                        f"--claim --published {RUN.published(pair)}"
                        if chosen.figure == MAIN
                        else ""
                    ),
                    flags=f"{to_flags(CONFIG.selection)} {to_flags(CONFIG.statistics)}",
                    seed=CONFIG.seed,
                    folder=subpath(output[0], parent=True),
                shell:
                    "frism tables --sweeps {input.sweeps} --references {input.references}"
                    " {params.curvature} {params.claim} {params.flags}"
                    " --seed {params.seed} --output {params.folder} &> {log}"

        rule:
            name:
                f"figures_{experiment}_{pair}"
            input:
                tables=(f"{tables}/{experiment}.csv" if methods else []),
                subspaces=RUN.parts(pair),
                vlm_subspaces=RUN.parts(pair, "vlm") if "vlm" in RUN.tuned(pair) else [],
            output:
                [
                    report(
                        multiext(f"{figures}/{name}", ".png", ".svg"),
                        f"{CAPTIONS}/{caption(name, experiment, chosen.figure)}",
                        category=FIGURES,
                        labels={**labels, "figure": name},
                    )
                    for name in figure_names(experiment, chosen.figure, methods)
                ],
                [
                    report(
                        f"{tables}/{name}.csv",
                        f"{CAPTIONS}/{table_caption(chosen.figure)}",
                        category=TABLES,
                        labels={**labels, "table": name},
                    )
                    for name in table_names(experiment, chosen.figure)
                ],
            log:
                f"{RUN.root}/logs/{pair}/figures/{experiment}.log",
            benchmark:
                f"{RUN.root}/logs/{pair}/figures/{experiment}.tsv"
            threads: 1
            resources:
                **NEEDS.of("figures", pair),
            params:
                kind=chosen.figure,
                experiment=experiment,
                by=chosen.by,
                tables=lambda wildcards, tables=tables: tables,
                families=RUN.each(pair),
                flags=to_flags(CONFIG.selection),
                folder=subpath(output[0], parent=True),
            shell:
                "frism figures --experiment {params.experiment} --kind {params.kind}"
                " --by {params.by} --tables {params.tables}"
                " --families {params.families} {params.flags}"
                " --output {params.folder} &> {log}"

        if chosen.figure == MAIN:

            rule:
                name:
                    f"samples_{pair}"
                input:
                    sweeps=RUN.sweeps(pair, experiment),
                    tables=f"{tables}/{experiment}.csv",
                    references=RUN.references(pair),
                    data=RUN.data(pair)[0],
                output:
                    report(
                        f"{figures}/samples.html",
                        f"{CAPTIONS}/samples.rst",
                        category=SAMPLES,
                        labels={"pair": pair},
                    ),
                    multiext(f"{figures}/samples", ".png", ".svg"),
                log:
                    f"{RUN.root}/logs/{pair}/samples.log",
                benchmark:
                    f"{RUN.root}/logs/{pair}/samples.tsv"
                threads: 1
                resources:
                    **NEEDS.of("samples", pair),
                params:
                    tables=subpath(input.tables, parent=True),
                    sweeps=lambda wildcards, input: str(Path(input.sweeps[0]).parent),
                    family=lambda wildcards, pair=pair: RUN.each(pair)[0],
                    folder=subpath(output[0], parent=True),
                shell:
                    "frism samples --tables {params.tables} --sweeps {params.sweeps}"
                    " --family {params.family} --data {input.data}"
                    " --output {params.folder} &> {log}"

            rule:
                name:
                    f"times_{pair}"
                input:
                    f"{tables}/{experiment}.csv",
                    f"{figures}/{experiment}.png",
                    f"{figures}/samples.html",
                output:
                    report(
                        f"{tables}/times.csv",
                        f"{CAPTIONS}/table_jobs.rst",
                        category=TABLES,
                        labels={**labels, "table": "jobs"},
                    ),
                    f"{tables}/times.md",
                log:
                    f"{RUN.root}/logs/{pair}/times.log",
                benchmark:
                    f"{RUN.root}/logs/{pair}/times.tsv"
                threads: 1
                resources:
                    **NEEDS.of("times", pair),
                params:
                    logs=f"{RUN.root}/logs/{pair}",
                    folder=subpath(output[0], parent=True),
                shell:
                    "frism times --logs {params.logs} --output {params.folder} &> {log}"
