"""The shell around every answer: host, request id, limits, problems, logs, metrics, health."""
