"""Published models as data, and the door every one of their files comes through.

`table` says what is known of each; `contents` lists what is in a file, with nothing run or downloaded;
`recognise` tells which model a file is; `weights` loads it whole or not at all.
"""
