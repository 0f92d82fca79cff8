# Files of VLMEvalKit's benchmarks, for the pairs that are evaluated on the suite. Only this step needs
# a network, so on a cluster it runs where Snakemake was started. What Snakemake sees is a note with
# the MD5, since it removes the output of a job that fails, and a file of your own is not to be lost.


rule prefetch:
    output:
        f"{CONFIG.prefetch.data}/{{benchmark}}.md5",
    log:
        f"{RUN.root}/logs/benchmarks/{{benchmark}}.log",
    benchmark:
        f"{RUN.root}/logs/benchmarks/{{benchmark}}.tsv"
    localrule: True
    threads: 1
    resources:
        **NEEDS.prefetch(),
    params:
        flags=to_flags(CONFIG.prefetch),
    shell:
        "frism prefetch --benchmarks {wildcards.benchmark} {params.flags} &> {log}"
