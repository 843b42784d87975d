using System.Net;

namespace SlimtaFast.Admin;

/// <summary>Where the admin listener is, and who may use it. Immutable.</summary>
public sealed record AdminOptions
{
    /// <summary>Where to listen; port 0 takes a free one. Anything but a loopback address needs <see cref="Token"/>.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>
    /// What every request but those for health must carry as <c>Authorization: Bearer TOKEN</c>; null for nothing, and then whoever can connect is
    /// let in.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>
    /// Names by which the listener may be asked, beside the addresses it listens on and those of loopback. A request for another name is refused:
    /// a name that an attacker's name server points at us would let his pages ask us from an operator's browser.
    /// </summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>How long a part may take to say whether it is ready. Default 5 seconds.</summary>
    public TimeSpan ReadinessTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
