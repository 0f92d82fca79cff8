# What the models learnt beyond their bases, its singular directions, and the curvature of the
# perception loss along them. One job serves all families.

for pair in RUN.pairs:
    for role in RUN.tuned(pair):

        rule:
            name:
                f"task_vectors_{role}_{pair}"
            input:
                base=RUN.bases(pair, role),
                tuned=RUN.model(pair, role),
            output:
                RUN.derived(pair, "task_vectors.safetensors", role),
            log:
                f"{RUN.root}/logs/{pair}/task_vectors_{role}.log",
            benchmark:
                f"{RUN.root}/logs/{pair}/task_vectors_{role}.tsv"
            threads: 1
            resources:
                mem_mb=1500,
                runtime=30,
            params:
                role=role,
            shell:
                "frism task-vectors --base {input.base} --tuned {input.tuned}"
                " --role {params.role} --output {output} &> {log}"

        rule:
            name:
                f"svd_{role}_{pair}"
            input:
                RUN.derived(pair, "task_vectors.safetensors", role),
            output:
                RUN.derived(pair, "subspaces.safetensors", role),
            log:
                f"{RUN.root}/logs/{pair}/svd_{role}.log",
            benchmark:
                f"{RUN.root}/logs/{pair}/svd_{role}.tsv"
            threads: 1
            resources:
                mem_mb=1500,
                runtime=60,
            params:
                flags=to_flags(CONFIG.subspaces),
            shell:
                "frism svd --task-vectors {input} {params.flags}"
                " --output {output} &> {log}"

    rule:
        name:
            f"curvature_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            subspaces=RUN.derived(pair, "subspaces.safetensors"),
            data=RUN.data(pair),
        output:
            RUN.each(pair, "curvature.safetensors"),
        log:
            f"{RUN.root}/logs/{pair}/curvature.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/curvature.tsv"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            flags=to_flags(CONFIG.distillation),
            seed=CONFIG.seed,
            # Snakemake sees only this file
            code=modules_digest(CURVATURE),
        shell:
            "frism curvature --seed {params.seed} {params.flags} --vlm {input.vlm}"
            " --subspaces {input.subspaces} --data {input.data}"
            " --output {output} &> {log}"
