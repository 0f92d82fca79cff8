# One job evaluates one candidate of all families, on validation and on test: VLMEvalKit takes
# seconds to start.

for pair in RUN.pairs:
    groups = to_flags(CONFIG.benchmarks)
    settings = to_flags(CONFIG.evaluation)
    families = " ".join(map(str, RUN.seeds(pair)))
    common = f"--pair {pair} --families {families} {groups} {settings}"

    rule:
        name:
            f"evaluate_{pair}"
        input:
            models=RUN.each(pair, "merges/{method}/{parameters}/model"),
            data=RUN.data(pair),
        output:
            [
                directory(p)
                for p in RUN.each(pair, "merges/{method}/{parameters}/records")
            ],
        log:
            f"{RUN.root}/logs/{pair}/merges/{{method}}/{{parameters}}/evaluate.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/merges/{{method}}/{{parameters}}/evaluate.tsv"
        threads: 1
        resources:
            mem_mb=2500,
            runtime=60,
        params:
            flags=common,
        shell:
            "frism evaluate --method {wildcards.method} --parameters {wildcards.parameters}"
            " --models {input.models} --data {input.data} {params.flags}"
            " --output {output} &> {log}"

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
        threads: 1
        resources:
            mem_mb=2500,
            runtime=60,
        params:
            flags=common,
            # the LRM has no eyes: it answers the questions without their images
            blind=lambda wildcards: "--blind" if wildcards.role == "lrm" else "",
        shell:
            "frism evaluate --method {wildcards.role} {params.blind}"
            " --models {input.models} --data {input.data} {params.flags}"
            " --output {output} &> {log}"
