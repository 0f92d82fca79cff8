"""What a merge of a pair will do, read, write and cost, before any of it is done."""
