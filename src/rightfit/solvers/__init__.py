"""Who solves what: quadratics in the kernel, losses and penalties as sequences of them."""
