"""What the comparisons of theory and simulation share: measuring, judging, drawing."""
