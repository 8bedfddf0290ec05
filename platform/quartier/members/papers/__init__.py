"""Papers that an application hands in: given by whoever asks, looked at one by one by those who decide."""
