"""Who hears whom, and when: graphs of agents, delays, and agents that communicate now and then."""
