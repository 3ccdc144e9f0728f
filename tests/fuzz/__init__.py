"""What must hold for any bytes, tried by Hypothesis in the tests and by atheris at length."""
