"""What scale does to an application: knees, errors under load, growth with rows, many who go one way."""
