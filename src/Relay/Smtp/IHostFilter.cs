using System.Net;

namespace SlimtaFast.Relay.Smtp;

/// <summary>Knows which hosts mail must not be sent to because they are this one.</summary>
internal interface IHostFilter
{
    /// <summary>True where any of the addresses is our own.</summary>
    bool IsSelf(IReadOnlyList<EndPoint> addresses);
}
