"""Sentences and orders that are planted to see whether the written summary lets them through."""
