"""What is a case? Frozen records, text to record with line numbers, checks, edits of the text."""
