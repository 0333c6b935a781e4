"""What should happen: a Markdown document read as an emergency protocol. Pure: text in, values out."""
