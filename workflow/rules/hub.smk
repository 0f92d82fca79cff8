# Models of the hub. Only this step needs a network, so on a cluster it runs where Snakemake was
# started; all configurations share what it fetches.

for folder, download in RUN.downloads.items():

    rule:
        name:
            f"download_{Path(folder).name}"
        output:
            directory(folder),
        log:
            f"{RUN.root}/logs/hub/{Path(folder).name}.log",
        benchmark:
            f"{RUN.root}/logs/hub/{Path(folder).name}.tsv"
        localrule: True
        threads: 1
        resources:
            **NEEDS.download(folder),
        params:
            reference=download.reference,
            flags=download.flags,
        shell:
            "frism download --model {params.reference:q} {params.flags}"
            " --output {output} &> {log}"
