# Gates are learned for the methods that have some; every method writes ordinary checkpoints.

for pair in RUN.pairs:
    unit = "merges/{method}/{parameters}"
    logs = f"{RUN.root}/logs/{pair}/{unit}"

    rule:
        name:
            f"gates_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            subspaces=RUN.each(pair, "subspaces.safetensors"),
            data=RUN.data(pair),
        output:
            [directory(path) for path in RUN.each(pair, f"{unit}/gates")],
        log:
            f"{logs}/gates.log",
        benchmark:
            f"{logs}/gates.tsv"
        wildcard_constraints:
            method="|".join(learned_methods()),
        # the merge and the evaluation of these candidates wait for it
        priority: 1
        threads: 1
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            calibration=lambda wildcards, input: [
                f"{d}/calibration.tsv" for d in input.data
            ],
            flags=to_flags(CONFIG.distillation),
            seed=CONFIG.seed,
            # Snakemake sees only this file: a method whose code was edited runs again
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            "frism gates --method {wildcards.method} --parameters {wildcards.parameters}"
            " --seed {params.seed} {params.flags}"
            " --vlm {input.vlm} --subspaces {input.subspaces}"
            " --calibration {params.calibration} --output {output} &> {log}"

    rule:
        name:
            f"merge_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            base=RUN.model(pair, "base"),
            lrm=RUN.model(pair, "lrm"),
            task_vectors=RUN.each(pair, "task_vectors.safetensors"),
            subspaces=RUN.each(pair, "subspaces.safetensors"),
            gates=lambda wildcards, pair=pair: RUN.gates(pair, **wildcards),
        output:
            [directory(path) for path in RUN.each(pair, f"{unit}/model")],
        log:
            f"{logs}/merge.log",
        benchmark:
            f"{logs}/merge.tsv"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=30,
        params:
            # as for the gates
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            "frism merge --method {wildcards.method} --parameters {wildcards.parameters}"
            " --vlm {input.vlm} --base {input.base} --lrm {input.lrm}"
            " --task-vectors {input.task_vectors} --subspaces {input.subspaces}"
            " --gates {input.gates} --output {output} &> {log}"
