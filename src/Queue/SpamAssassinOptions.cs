using System.Net;

namespace SlimtaFast.Queue;

/// <summary>The settings of a <see cref="SpamAssassinPolicy"/>. Immutable.</summary>
public sealed record SpamAssassinOptions
{
    /// <summary>Where spamd listens: an address and port, a host name and port, or a Unix-domain socket. Default 127.0.0.1:783.</summary>
    public EndPoint EndPoint { get; init; } = new IPEndPoint(IPAddress.Loopback, 783);

    /// <summary>The user whose rules and scores count; empty for spamd's own. Default empty.</summary>
    public string User { get; init; } = "";

    /// <summary>How long one scan may take, with waiting for its turn and connecting. Default 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Octets of the largest message that is scanned. Default 512 KiB.</summary>
    public long MaxSize { get; init; } = 512 * 1024;

    /// <summary>Scans at once; further messages wait their turn. Default 5, as many as spamd has children.</summary>
    public int MaxScans { get; init; } = 5;

    /// <summary>The score from which on a message is refused (554 5.7.1); null never to refuse. Default null.</summary>
    public double? RefuseScore { get; init; }

    /// <summary>What happens to messages that cannot be scanned. Default <see cref="UnscannedMail.TryLater"/>.</summary>
    public UnscannedMail Unavailable { get; init; } = UnscannedMail.TryLater;

    /// <summary>Makes connections in place of the system's sockets, for tests and tunnels; null for those. The policy disposes them.</summary>
    public Func<CancellationToken, ValueTask<Stream>>? Connect { get; init; }
}
