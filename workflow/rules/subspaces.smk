# Singular directions of what the models learnt beyond their bases, and the curvature of the
# perception loss along them. One job serves all families; the layers of large models are shared by
# several jobs, each of which goes on at the matrix where it was cut short.

for pair in RUN.pairs:
    for role in RUN.tuned(pair):
        parts = RUN.svd_parts(pair)
        logs = f"{RUN.root}/logs/{pair}/svd_{role}-{{part}}-of-{parts}"

        rule:
            name:
                f"svd_{role}_{pair}"
            input:
                base=RUN.bases(pair, role),
                tuned=RUN.model(pair, role),
            output:
                [
                    directory(f"{folder}/part-{{part}}-of-{parts}")
                    for folder in RUN.subspaces(pair, role)
                ],
            log:
                f"{logs}.log",
            benchmark:
                f"{logs}.tsv"
            wildcard_constraints:
                part=r"\d+",
            threads: RUN.threads(pair)
            resources:
                **NEEDS.of("svd", pair, role),
            params:
                # what is scheduled may be fewer, but results must not depend on the machine
                threads=RUN.threads(pair),
                role=role,
                parts=parts,
                folders=RUN.subspaces(pair, role),
                flags=f"{to_flags(CONFIG.subspaces)} {RUN.key_map(pair)}",
            shell:
                "exec frism svd --threads {params.threads}"
                " --base {input.base:q} --tuned {input.tuned:q} --role {params.role}"
                " --part {wildcards.part} --parts {params.parts} {params.flags}"
                " --output {params.folders} &> {log}"


for pair in RUN.calibrated:

    rule:
        name:
            f"curvature_{pair}"
        input:
            vlm=RUN.model(pair, "vlm"),
            parts=RUN.parts(pair),
            data=RUN.calibration(pair),
        output:
            RUN.each(pair, "curvature.safetensors"),
        log:
            f"{RUN.root}/logs/{pair}/curvature.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/curvature.tsv"
        threads: RUN.threads(pair)
        resources:
            **NEEDS.of("curvature", pair),
        params:
            threads=RUN.threads(pair),
            subspaces=RUN.subspaces(pair),
            flags=f"{to_flags(CONFIG.distillation)} {RUN.trust(pair)}",
            seed=CONFIG.seed,
            # Snakemake sees only this file
            code=modules_digest(CURVATURE),
        shell:
            "frism curvature --threads {params.threads}"
            " --seed {params.seed} {params.flags} --vlm {input.vlm:q}"
            " --subspaces {params.subspaces} --data {input.data:q}"
            " --output {output} &> {log}"
