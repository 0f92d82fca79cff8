"""Where calibration questions are drawn from: benchmarks, datasets and folders of images."""
