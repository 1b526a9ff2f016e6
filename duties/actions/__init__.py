"""What people and the platform do with tasks, items, visits and patrols."""
