"""Who receives from whom, and when: graphs of agents, delays, and agents that pause."""
