"""The pure core: classify, facts, match, fold, outlook."""
