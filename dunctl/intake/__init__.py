"""What do others give us? Bytes of other programs' exports to entries that can be appended."""
