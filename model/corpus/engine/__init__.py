"""Shards come in; judged tables go out, from processes of this machine or from Ray."""
