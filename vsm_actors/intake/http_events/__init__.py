"""``POST /v1/events``: reading, decoding and answering requests for events."""
