"""Judged tables come in; a folder of Parquet with its manifest, and totals over it, go out."""
