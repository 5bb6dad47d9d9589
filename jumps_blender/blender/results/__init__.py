"""The 28 joints as armatures: edited, reduced, held to the ground, with what is known of their errors."""
