# Models and benchmarks of the embedded pairs; other pairs bring theirs.

for pair in RUN.embedded:
    training = SETUP.pairs[pair].training
    family = f"{RUN.root}/{pair}/seed-{{seed}}"
    logs = f"{RUN.root}/logs/{pair}/seed-{{seed}}"

    rule:
        name:
            f"base_{pair}"
        output:
            directory(f"{family}/models/base"),
        log:
            f"{logs}/base.log",
        benchmark:
            f"{logs}/base.tsv"
        # the longest chain of jobs starts here
        priority: 1
        threads: 1
        resources:
            **NEEDS.of("base", pair),
        params:
            flags=to_flags(training.base),
        shell:
            "frism train base --seed {wildcards.seed} {params.flags}"
            " --output {output} &> {log}"

    rule:
        name:
            f"lrm_{pair}"
        input:
            f"{family}/models/base",
        output:
            directory(f"{family}/models/lrm"),
        log:
            f"{logs}/lrm.log",
        benchmark:
            f"{logs}/lrm.tsv"
        threads: 1
        resources:
            **NEEDS.of("lrm", pair),
        params:
            flags=to_flags(training.lrm),
        shell:
            "frism train lrm --seed {wildcards.seed} {params.flags}"
            " --base {input} --output {output} &> {log}"

    rule:
        name:
            f"vlm_{pair}"
        input:
            f"{family}/models/base",
        output:
            directory(f"{family}/models/vlm"),
        log:
            f"{logs}/vlm.log",
        benchmark:
            f"{logs}/vlm.tsv"
        threads: 1
        resources:
            **NEEDS.of("vlm", pair),
        params:
            flags=to_flags(training.vlm),
        shell:
            "frism train vlm --seed {wildcards.seed} {params.flags}"
            " --base {input} --output {output} &> {log}"

    rule:
        name:
            f"questions_{pair}"
        output:
            [directory(path) for path in RUN.data(pair)],
        log:
            f"{RUN.root}/logs/{pair}/questions.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/questions.tsv"
        threads: 1
        resources:
            **NEEDS.of("questions", pair),
        params:
            seeds=RUN.seeds(pair),
            flags=to_flags(SETUP.pairs[pair].questions),
        shell:
            "frism questions --seeds {params.seeds} {params.flags}"
            " --output {output} &> {log}"
