"""What knows no neighbourhood: ids, money, time, text, refusals."""
