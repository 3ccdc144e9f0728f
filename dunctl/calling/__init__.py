"""When do we call whom? Windows, who is to be asked for, and the day's list: pure functions."""
