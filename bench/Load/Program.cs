using SlimtaFast.Load.Backlog;
using SlimtaFast.Load.Peers;
using SlimtaFast.Load.Transports;

return args switch
{
    ["transport-responder", .. string[] rest] => await TransportResponder.RunAsync(rest),
    ["idle", .. string[] rest] => await IdleConnections.RunAsync(rest),
    ["make-backlog", .. string[] rest] => await BacklogMaker.RunAsync(rest),
    ["one-call-redis", .. string[] rest] => await OneCallServer.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        SlimtaFast.Load transport-responder --transport reactor|sockets|kestrel|kestrel-inline [--session responder|smtp] [--port P] [--reactors N]
            answers SMTP on loopback until it is killed; prints "listening on ADDR:PORT"
        SlimtaFast.Load idle --connections N [--port P]
            opens N connections, reads the greeting of each, prints "idle" and holds them until it is killed
        SlimtaFast.Load make-backlog DIR N
            fills a spool with N waiting messages of 4 KiB, each a file of its own
        SlimtaFast.Load one-call-redis --redis HOST:PORT --port P
            accepts mail and writes it to Redis as python-slimta does: whole, in one call, over one connection
        """);
    return 2;
}
