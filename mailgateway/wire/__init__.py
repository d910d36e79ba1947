"""Parts of the dialogue: lines, limits, answers, TLS, the PROXY header. Know nothing of what a mail says."""
