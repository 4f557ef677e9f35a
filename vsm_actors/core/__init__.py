"""The pure core: values, formulas and laws, without threads, clocks or I/O."""
