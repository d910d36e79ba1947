"""The process: settings, start-up, command line. Knows nothing about support."""
