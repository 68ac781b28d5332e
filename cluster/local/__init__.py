"""Ray on this machine: started for one sweep, or kept between sweeps by `caviar cluster`."""
