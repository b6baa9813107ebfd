"""A follow-up → the readings that it could have → the likeliest one."""
