"""The published method: networks, alignment and the descent in their latent space (JUMPS, III)."""
