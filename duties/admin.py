"""Duties in the administration: to look things up; what people do goes by pages."""
