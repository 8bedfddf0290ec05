"""The ledger: postings that nobody changes, and the sums of a line, which are their replay."""
