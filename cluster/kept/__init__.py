"""A Ray on this machine that is kept between sweeps: `caviar cluster`."""
