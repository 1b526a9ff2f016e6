"""What pages of all floors may say about duties."""
