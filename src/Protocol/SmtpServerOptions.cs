namespace SlimtaFast.Protocol;

/// <summary>How a server session behaves. Immutable after start; one instance serves all sessions of a listener.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>The name in the greeting and in replies.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>Largest message in octets, announced by SIZE; 0 for no limit. Default 52,428,800.</summary>
    public long MaxMessageSize { get; init; } = 52_428_800;

    /// <summary>Most recipients of one transaction; beyond it 452 4.5.3. Default 1,000.</summary>
    public int MaxRecipients { get; init; } = 1000;
}
