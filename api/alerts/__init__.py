"""Alerts to a security desk: kept with the decision, then signed, sent and sent again."""
