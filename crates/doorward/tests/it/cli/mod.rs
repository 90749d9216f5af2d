//! The command line: what it prints, how it fails, what it leaves behind.
