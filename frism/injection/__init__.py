"""Linear layers whose task vector is injected through gates, and the switch that turns it off."""
