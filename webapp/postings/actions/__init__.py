"""What is done to a posting: written, proposed, published, closed, reopened, cancelled."""
