"""From records to statistics, tables, figures and samples; nothing here loads a model."""
