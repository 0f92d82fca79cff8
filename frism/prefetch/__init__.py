"""Files of VLMEvalKit's benchmarks, fetched and verified before an evaluation, which never does."""
