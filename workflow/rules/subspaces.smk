# What the LRM learnt beyond its base, and its singular directions. One job serves all families.

for pair in RUN.pairs:

    rule:
        name:
            f"task_vectors_{pair}"
        input:
            base=RUN.model(pair, "base"),
            lrm=RUN.model(pair, "lrm"),
        output:
            RUN.each(pair, "task_vectors.safetensors"),
        log:
            f"{RUN.root}/logs/{pair}/task_vectors.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/task_vectors.tsv"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=30,
        shell:
            "frism task-vectors --base {input.base} --lrm {input.lrm}"
            " --output {output} &> {log}"

    rule:
        name:
            f"svd_{pair}"
        input:
            RUN.each(pair, "task_vectors.safetensors"),
        output:
            RUN.each(pair, "subspaces.safetensors"),
        log:
            f"{RUN.root}/logs/{pair}/svd.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/svd.tsv"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=60,
        params:
            flags=to_flags(CONFIG.subspaces),
        shell:
            "frism svd --task-vectors {input} {params.flags}"
            " --output {output} &> {log}"
