# Calibration questions that are drawn from a benchmark, a dataset or a folder of images. All gates of
# a pair read the one file that is written here. Of what they are drawn from, only a dataset of the hub needs
# a network here; a benchmark in the folder of benchmark files is fetched by the rule prefetch.

for pair, source in RUN.drawn.items():

    rule:
        name:
            f"calibration_{pair}"
        input:
            RUN.fetched.get(pair, [] if source.place is None else str(source.place)),
        output:
            [directory(path) for path in RUN.calibration(pair)],
        log:
            f"{RUN.root}/logs/{pair}/calibration.log",
        benchmark:
            f"{RUN.root}/logs/{pair}/calibration.tsv"
        # the login node has a network, compute nodes may have none
        localrule: bool(source.hub)
        threads: 1
        resources:
            **NEEDS.of("calibration", pair),
        params:
            flags=to_flags(source),
            images=most_images(CONFIG),
            least=CONFIG.distillation.images,
            seed=CONFIG.seed,
            # Snakemake sees only this file
            code=modules_digest(DRAWING),
        shell:
            "frism calibration {params.flags} --seed {params.seed}"
            " --count {params.images} --least {params.least} --output {output} &> {log}"
