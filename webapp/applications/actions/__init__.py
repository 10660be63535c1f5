"""What is done to an application: written, sent, weighed, offered a seat, and always answered."""
