"""Files or a data set of the Hub come in; rows in shards go out."""
