"""What the list of functions shows and how it is looked through."""
