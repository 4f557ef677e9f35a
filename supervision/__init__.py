"""Erlang/OTP supervision for pykka actors."""
