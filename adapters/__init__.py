"""The platforms that people meet Maru on, one package each."""
