"""How does it look? Tables, JSON, CSV; the only place that knows a terminal."""
