"""What the pipeline costs and needs in the cloud, on paper, from 0.5 to 50 million updates a day.

Facts and prices stand in two files beside this one, each with its source; the rest is arithmetic.
"""
