"""The WebSocket base that the widget and the inbox share."""
