"""What a site asks of its organisations beyond what every site knows: fields of its own, and what stands in them."""
