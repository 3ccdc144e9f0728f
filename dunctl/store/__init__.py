"""Where does it live? Finding, reading, locking, writing, git and configuration: all file I/O."""
