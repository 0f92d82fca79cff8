# Pairs without questions of their own: their VLM and merges on the suite. Answers are kept by the
# content of the weights in results/predictions, which all configurations share, so that a job that
# was killed goes on and the same weights are asked once.

for pair in RUN.on_suite:
    logs = f"{RUN.root}/logs/{pair}/evaluations"
    tables = RUN.output(pair, "tables")

    rule:
        name:
            f"eval_{pair}"
        input:
            model=lambda wildcards, pair=pair: RUN.asked(pair, wildcards.model),
            files=RUN.suite_files,
        output:
            [directory(path) for path in RUN.each(pair, "evaluations/{model}")],
        log:
            f"{logs}/{{model}}.log",
        benchmark:
            f"{logs}/{{model}}.tsv"
        wildcard_constraints:
            model=r"vlm|[a-z0-9_]+/[^/]+",
        threads: RUN.threads(pair)
        resources:
            **NEEDS.of("eval", pair),
        params:
            # what is scheduled may be fewer, but results must not depend on the machine
            threads=RUN.threads(pair),
            suite=CONFIG.suite,
            data=CONFIG.prefetch.data,
            flags=f"{to_flags(CONFIG.suite_evaluation)} {to_flags(CONFIG.judge, 'judge_')}",
        shell:
            "exec frism eval {input.model:q} --threads {params.threads} --workers 0 --suite {params.suite:q}"
            " --data {params.data:q} {params.flags} --output {output:q} &> {log}"

    rule:
        name:
            f"compare_{pair}"
        input:
            RUN.evaluations(pair),
        output:
            report(
                f"{tables}/evaluations.csv",
                "../report/table_evaluations.rst",
                category="2 Tables",
                labels={"pair": pair, "table": "VLM and merges on the suite"},
            ),
            f"{tables}/evaluations.md",
        log:
            f"{RUN.root}/logs/{pair}/evaluations.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/evaluations.tsv"
        threads: 1
        resources:
            **NEEDS.of("compare", pair),
        params:
            pair=pair,
            folder=subpath(output[0], parent=True),
        shell:
            "frism compare {input:q} --title {params.pair} --output {params.folder:q} &> {log}"
