"""Functions of package type Image: where images come from, how they are unpacked, and what runs them."""
