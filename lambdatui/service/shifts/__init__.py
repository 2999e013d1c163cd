"""Moving an alias to another version by steps: the shift, its words, its files, and who carries it out."""
