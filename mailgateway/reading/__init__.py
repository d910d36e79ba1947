"""Parts of the parser: from octets to parts, words and files. Pure, and run in a process of their own."""
