"""What the chat page is made of: its HTML (`render`), its headers (`guard`), its style sheet and its script."""
