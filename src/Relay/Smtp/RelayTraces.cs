using System.Diagnostics;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// The activities of the source <c>SlimtaFast.Relay</c>, within the attempt that is current. All of it is null, and costs nothing, while nobody listens.
/// Thread-safe.
/// </summary>
internal static class RelayTraces
{
    private static readonly ActivitySource Source = new("SlimtaFast.Relay");

    /// <summary>A connection to a host is opened, its addresses are looked up first.</summary>
    public static Activity? BeginConnect(Target target) => Begin("connect", target);

    /// <summary>A message is sent over a connection that is open.</summary>
    public static Activity? BeginSend(RelaySession session)
    {
        Activity? activity = Begin("send", session.Target);
        activity?.SetTag("slimtafast.remote_name", session.RemoteName).SetTag("slimtafast.connection_reused", session.IsReused);
        return activity;
    }

    private static Activity? Begin(string name, Target target)
    {
        if (!Source.HasListeners())
            return null;
        Activity? activity = Source.StartActivity(name, ActivityKind.Client);
        activity?.SetTag("server.address", target.Host).SetTag("server.port", target.Port);
        return activity;
    }
}
