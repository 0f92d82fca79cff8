# Gates that are learned, one job per candidate, which all experiments share; merged checkpoints that
# are asked for without evaluation.

for pair in RUN.calibrated:
    unit = "gates/{method}/{parameters}"
    logs = f"{RUN.root}/logs/{pair}/{unit}"

    rule:
        name:
            f"gates_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            parts=RUN.parts(pair),
            data=RUN.calibration(pair),
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
        threads: RUN.threads(pair)
        resources:
            **NEEDS.of("gates", pair),
            # before the time is over SLURM asks the training to save and requeue itself; by TERM,
            # which Snakemake in the job outlives, and without B:, which would end the script
            slurm_extra="--signal=TERM@120",
        params:
            # what is scheduled may be fewer, but results must not depend on the machine
            threads=RUN.threads(pair),
            subspaces=RUN.subspaces(pair),
            flags=f"{to_flags(CONFIG.distillation)} {RUN.trust(pair)}",
            seed=CONFIG.seed,
            # Snakemake sees only this file: a method whose code was edited runs again
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            # no shell in between, which the signal would end, and the job with it
            "exec frism gates --method {wildcards.method} --parameters {wildcards.parameters}"
            " --threads {params.threads}"
            " --seed {params.seed} {params.flags}"
            " --vlm {input.vlm:q} --subspaces {params.subspaces}"
            " --data {input.data:q} --output {output} &> {log}"


for pair in RUN.pairs:
    unit = "merged/{method}/{parameters}"
    logs = f"{RUN.root}/logs/{pair}/{unit}"

    rule:
        name:
            f"merge_{pair}"
        input:
            unpack(
                lambda wildcards, pair=pair: RUN.merge_inputs(pair, wildcards.method)
            ),
            vlm=RUN.model(pair, "vlm"),
            base=RUN.model(pair, "base"),
            lrm=RUN.model(pair, "lrm"),
            gates=lambda wildcards, pair=pair: RUN.gates_of(
                pair, wildcards.method, wildcards.parameters
            ),
        output:
            [directory(path) for path in RUN.each(pair, unit)],
        log:
            f"{logs}.log",
        benchmark:
            f"{logs}.tsv"
        threads: RUN.threads(pair)
        resources:
            **NEEDS.of("merge", pair),
        params:
            # what is scheduled may be fewer, but results must not depend on the machine
            threads=RUN.threads(pair),
            optional=lambda wildcards, input, pair=pair: optional_flags(
                **RUN.merge_flags(pair, wildcards.method), gates=input.gates
            ),
            key_map=RUN.key_map(pair),
            # as for the gates
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            "exec frism merge --method {wildcards.method} --parameters {wildcards.parameters}"
            " --threads {params.threads}"
            " --vlm {input.vlm:q} --base {input.base:q} --lrm {input.lrm:q}"
            " {params.optional} {params.key_map} --output {output} &> {log}"
