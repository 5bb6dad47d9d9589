"""The paper's ablations, trained and inverted as published, and what it says of them set next to what is found."""
