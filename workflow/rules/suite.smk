# Pairs without questions of their own: their VLM and merges on the suite. Answers are kept by the
# content of the weights in results/predictions, which all configurations share, so that a job that
# was killed goes on and the same weights are asked once. Where `suite_shard` is set, several jobs
# share the questions of a model, and the one that scores finds all of them answered.

for pair in RUN.on_suite:
    logs = f"{RUN.root}/logs/{pair}"
    tables = RUN.output(pair, "tables")
    # what is scheduled may be fewer threads, but results must not depend on the machine
    given = f"--suite {quote(str(CONFIG.suite))} --data {quote(CONFIG.prefetch.data)}"
    common = f"--threads {RUN.threads(pair)} --workers 0 {given} {to_flags(CONFIG.suite_evaluation)}"
    share = "answers/{model}/{benchmark}/{shard}-of-{shards}"

    rule:
        name:
            f"answers_{pair}"
        input:
            model=lambda wildcards, pair=pair: RUN.asked(pair, wildcards.model),
            file=f"{CONFIG.prefetch.data}/{{benchmark}}.md5",
        output:
            [directory(path) for path in RUN.each(pair, share)],
        log:
            f"{logs}/{share}.log",
        benchmark:
            f"{logs}/{share}.tsv"
        wildcard_constraints:
            model=r"vlm|[a-z0-9_]+/[^/]+",
            benchmark=r"[^/]+",
            shard=r"\d+",
            shards=r"\d+",
        threads: RUN.threads(pair)
        resources:
            **NEEDS.of("answers", pair),
        params:
            flags=common,
        shell:
            "exec frism eval {input.model:q} --gpus {resources.gpu} {params.flags}"
            " --benchmarks {wildcards.benchmark}"
            " --answers-only --shard {wildcards.shard}/{wildcards.shards} --output {output:q} &> {log}"

    rule:
        name:
            f"eval_{pair}"
        input:
            model=lambda wildcards, pair=pair: RUN.asked(pair, wildcards.model),
            files=RUN.suite_files,
            answers=lambda wildcards, pair=pair: answers(RUN, pair, wildcards.model),
        output:
            [directory(path) for path in RUN.each(pair, "evaluations/{model}")],
        log:
            f"{logs}/evaluations/{{model}}.log",
        benchmark:
            f"{logs}/evaluations/{{model}}.tsv"
        wildcard_constraints:
            model=r"vlm|[a-z0-9_]+/[^/]+",
        threads: RUN.threads(pair)
        # a job without questions to ask needs no GPU
        resources:
            **NEEDS.of("scores" if shares(CONFIG) else "eval", pair),
        params:
            flags=f"{common} {to_flags(CONFIG.judge, 'judge_')}",
        shell:
            "exec frism eval {input.model:q} --gpus {resources.gpu} {params.flags}"
            " --output {output:q} &> {log}"

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
