"""What is owed on a day? Ledger, allocation, ageing: pure functions of (case, day)."""
