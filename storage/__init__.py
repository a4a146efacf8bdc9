"""The databases that Maru can keep things in, one package each."""
