// The library named libsqlite3.so.0: empty, it only brings libkeelback.so in.
