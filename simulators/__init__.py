"""What we pretend: worlds, people, phones and practice apps. Imports nothing else of ours."""
