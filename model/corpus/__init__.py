"""Sidelight over a corpus: read rows, judge them shard by shard, write Parquet, go on after a kill, add up."""
