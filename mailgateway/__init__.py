"""The mail room: the only place that speaks SMTP. Nothing may be imported here, because the parser's subprocess starts without Django."""
