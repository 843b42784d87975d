using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Bench;

/// <summary>What a load run does. Immutable.</summary>
internal sealed record LoadPlan
{
    /// <summary>The server under test.</summary>
    public required HostPort Server { get; init; }

    /// <summary>Connections at once.</summary>
    public int Connections { get; init; } = 10;

    /// <summary>Messages in all; null for as many as <see cref="Duration"/> allows.</summary>
    public long? Messages { get; init; }

    /// <summary>How long to begin new messages; null for until <see cref="Messages"/> are through.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>
    /// How long the load runs before messages count, in front of <see cref="Duration"/>: both sides compile their hot paths meanwhile.
    /// Failures count from the start.
    /// </summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Octets of one message.</summary>
    public int Size { get; init; } = 4096;

    /// <summary>Recipients of one message.</summary>
    public int Recipients { get; init; } = 1;

    /// <summary>Messages a second to begin, whatever the server does; null for each connection as fast as it can.</summary>
    public double? Rate { get; init; }

    /// <summary>How commands are grouped.</summary>
    public LoadMode Mode { get; init; } = LoadMode.Pipeline;

    /// <summary>A new connection after so many messages; 0 for never.</summary>
    public int MessagesPerConnection { get; init; }

    /// <summary>How long the server may give no reply; a greeting, a handshake or a message that takes longer has failed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether sessions go over to TLS by STARTTLS, each with a handshake of its own.</summary>
    public bool Tls { get; init; }

    /// <summary>Whether a session ends when it is open, and counts in place of a message.</summary>
    public bool SessionsOnly { get; init; }

    /// <summary>The sender.</summary>
    public string From { get; init; } = "sender@bench.test";

    /// <summary>Domains that the messages go to in turns, d0 to dN-1 below <see cref="RecipientDomain"/>; 1 for that domain itself.</summary>
    public int RecipientDomains { get; init; } = 1;

    /// <summary>The domain of the recipients.</summary>
    public string RecipientDomain { get; init; } = "bench.test";
}
