"""What did happen: typed events, the commands that lead to them, and the folds that read them. Pure."""
