# Gates that are learned, one job per candidate; candidates are shared by all experiments.

for pair in RUN.pairs:
    unit = "gates/{method}/{parameters}"
    logs = f"{RUN.root}/logs/{pair}/{unit}"

    rule:
        name:
            f"gates_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            subspaces=RUN.derived(pair, "subspaces.safetensors"),
            data=RUN.data(pair),
        output:
            [directory(path) for path in RUN.each(pair, unit)],
        log:
            f"{logs}.log",
        benchmark:
            f"{logs}.tsv"
        wildcard_constraints:
            method="|".join(trained_methods()),
        # the sweeps of these methods wait for it
        priority: 1
        threads: 1
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            flags=to_flags(CONFIG.distillation),
            seed=CONFIG.seed,
            # Snakemake sees only this file: a method whose code was edited runs again
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            "frism gates --method {wildcards.method} --parameters {wildcards.parameters}"
            " --seed {params.seed} {params.flags}"
            " --vlm {input.vlm} --subspaces {input.subspaces}"
            " --data {input.data} --output {output} &> {log}"
