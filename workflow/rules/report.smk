# Tables of all pairs; figures and sample questions of each.

from pathlib import Path

TABLES = f"{RUN.root}/tables"
CAPTIONS = "../report"


rule tables:
    input:
        records=[path for pair in RUN.pairs for path in RUN.records(pair)],
        models=[path for pair in RUN.pairs for path in RUN.merges(pair, "model")],
    output:
        claim=report(
            f"{TABLES}/claim.rst", f"{CAPTIONS}/claim.rst", category="1 Summary"
        ),
        summary=report(
            f"{TABLES}/summary.html", f"{CAPTIONS}/summary.rst", category="1 Summary"
        ),
        main=report(
            f"{TABLES}/main.csv", f"{CAPTIONS}/main_table.rst", category="2 Tables"
        ),
        sweep=report(
            f"{TABLES}/sweep.csv", f"{CAPTIONS}/sweep.rst", category="2 Tables"
        ),
        benchmarks=report(
            f"{TABLES}/benchmarks.csv",
            f"{CAPTIONS}/benchmarks.rst",
            category="2 Tables",
        ),
        scores=report(
            f"{TABLES}/scores.csv", f"{CAPTIONS}/scores.rst", category="2 Tables"
        ),
        facts=[f"{RUN.output(pair, 'tables')}/claim.json" for pair in RUN.pairs],
        other=[
            f"{TABLES}/{name}"
            for name in ("main.md", "main.tex", "sweep.md", "claim.md")
        ],
    log:
        f"{RUN.root}/logs/tables.log",
    benchmark:
        f"{RUN.root}/logs/tables.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        cards=lambda wildcards, input: [
            f"{model}/merge_card.json" for model in input.models
        ],
        flags=f"{to_flags(CONFIG.selection)} {to_flags(CONFIG.statistics)}",
        order=list(CONFIG.methods),
        seed=CONFIG.seed,
        folder=subpath(output.main, parent=True),
    shell:
        "frism tables --records {input.records} --merge-cards {params.cards}"
        " {params.flags} --seed {params.seed} --methods-order {params.order}"
        " --output {params.folder} &> {log}"


for pair in RUN.pairs:
    folder = RUN.output(pair, "figures")

    rule:
        name:
            f"figures_{pair}"
        input:
            rules.tables.output,
            scores=f"{TABLES}/scores.csv",
            gates=RUN.merges(pair, "gates", learned=True),
            subspaces=RUN.each(pair, "subspaces.safetensors"),
        output:
            report(
                multiext(f"{folder}/tradeoff", ".png", ".svg"),
                f"{CAPTIONS}/tradeoff.rst",
                category="3 Figures",
                labels={"pair": pair, "figure": "reasoning against perception"},
            ),
            report(
                multiext(f"{folder}/main", ".png", ".svg"),
                f"{CAPTIONS}/main_figure.rst",
                category="3 Figures",
                labels={"pair": pair, "figure": "benchmarks"},
            ),
            [
                report(
                    multiext(stem, ".png", ".svg"),
                    f"{CAPTIONS}/{Path(stem).name}.rst",
                    category="3 Figures",
                    labels={"pair": pair, "figure": Path(stem).name},
                )
                for stem in RUN.gate_figures(pair)
            ],
        log:
            f"{RUN.root}/logs/{pair}/figures.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/figures.tsv"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=15,
        params:
            families=lambda wildcards, input: [
                str(Path(p).parent) for p in input.subspaces
            ],
            tables=subpath(input.scores, parent=True),
            flags=to_flags(CONFIG.selection),
            folder=subpath(output[0], parent=True),
        shell:
            "frism figures --tables {params.tables} --families {params.families}"
            " {params.flags} --output {params.folder} &> {log}"

    rule:
        name:
            f"samples_{pair}"
        input:
            rules.tables.output,
            scores=f"{TABLES}/scores.csv",
            records=RUN.records(pair),
            data=RUN.data(pair)[0],
            family=RUN.each(pair, "subspaces.safetensors")[0],
        output:
            report(
                f"{folder}/samples.html",
                f"{CAPTIONS}/samples.rst",
                category="4 Samples",
                labels={"pair": pair},
            ),
            multiext(f"{folder}/samples", ".png", ".svg"),
        log:
            f"{RUN.root}/logs/{pair}/samples.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/samples.tsv"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=15,
        params:
            family=subpath(input.family, parent=True),
            tables=subpath(input.scores, parent=True),
            folder=subpath(output[0], parent=True),
        shell:
            "frism samples --tables {params.tables} --family {params.family}"
            " --data {input.data} --output {params.folder} &> {log}"
