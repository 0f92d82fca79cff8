# Answers and scores, by VLMEvalKit. One job sweeps the candidates of one method over all families:
# they are merged in memory and compared on validation; what is chosen is written, loaded again and
# evaluated on test.

for pair in RUN.evaluated:
    groups = benchmark_flags(CONFIG.benchmarks)
    settings = to_flags(CONFIG.evaluation)
    families = " ".join(map(str, RUN.seeds(pair)))
    common = f"--pair {pair} --families {families} {groups} {settings}"
    sweep = RUN.sweep(pair, "{experiment}", "{method}")
    log_of_sweep = f"{RUN.root}/logs/{pair}/experiments/{{experiment}}/{{method}}"

    rule:
        name:
            f"sweep_{pair}"
        input:
            unpack(
                lambda wildcards, pair=pair: RUN.merge_inputs(pair, wildcards.method)
            ),
            vlm=RUN.model(pair, "vlm"),
            base=RUN.model(pair, "base"),
            lrm=RUN.model(pair, "lrm"),
            data=RUN.data(pair),
            vlm_records=RUN.each(pair, "references/vlm/records"),
            gates=lambda wildcards, pair=pair: RUN.gates(
                pair, wildcards.experiment, wildcards.method
            ),
        output:
            directory(sweep),
        log:
            f"{log_of_sweep}.log",
        benchmark:
            f"{log_of_sweep}.tsv"
        threads: 1
        resources:
            **NEEDS.of("sweep", pair),
        params:
            flags=f"{common} {to_flags(CONFIG.selection)}",
            candidates=lambda wildcards: RUN.candidates(
                wildcards.experiment, wildcards.method
            ),
            by=lambda wildcards: CONFIG.experiments[wildcards.experiment].by,
            optional=lambda wildcards, pair=pair: optional_flags(
                **RUN.merge_flags(pair, wildcards.method)
            ),
            key_map=RUN.key_map(pair),
            families=RUN.each(pair),
            # as for the gates
            code=lambda wildcards: code_digest(wildcards.method),
        shell:
            "frism sweep --experiment {wildcards.experiment}"
            " --method {wildcards.method} --candidates {params.candidates}"
            " --by {params.by} --vlm {input.vlm:q} --base {input.base:q} --lrm {input.lrm:q}"
            " {params.optional} {params.key_map} --data {input.data:q}"
            " --vlm-records {input.vlm_records:q} --family-folders {params.families}"
            " {params.flags} --output {output} &> {log}"

    rule:
        name:
            f"evaluate_reference_{pair}"
        input:
            models=lambda wildcards, pair=pair: RUN.model(pair, wildcards.role),
            data=RUN.data(pair),
        output:
            [directory(p) for p in RUN.each(pair, "references/{role}/records")],
        log:
            f"{RUN.root}/logs/{pair}/references/{{role}}/evaluate.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/references/{{role}}/evaluate.tsv"
        # every sweep compares with the VLM
        priority: 2
        threads: 1
        resources:
            **NEEDS.of("references", pair),
        params:
            flags=common,
            # the LRM has no eyes: it answers the questions without their images
            blind=lambda wildcards: "--blind" if wildcards.role == "lrm" else "",
        shell:
            "frism evaluate --method {wildcards.role} {params.blind}"
            " --models {input.models:q} --data {input.data:q} {params.flags}"
            " --output {output} &> {log}"
