"""What comes next? Policy, promises, the ladder, what holds a case: pure functions."""
