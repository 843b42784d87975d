using System.Net;

namespace SlimtaFast.Relay.Smtp;

/// <summary>Knows which hosts mail must not be sent to: because they are this one, or because of where they are.</summary>
internal interface IHostFilter
{
    /// <summary>True where any of the addresses is our own.</summary>
    bool IsSelf(IReadOnlyList<EndPoint> addresses);

    /// <summary>Takes those addresses out that must not be connected to.</summary>
    void RemoveRefused(List<EndPoint> addresses);
}
