using System.Net;

namespace SlimtaFast.Protocol.Transport;

/// <summary>A listening socket. Thread-safe.</summary>
public interface IListener : IAsyncDisposable
{
    /// <summary>The address in use, with the real port.</summary>
    EndPoint LocalEndPoint { get; }

    /// <summary>Stops accepting; connections go on. Disposing also waits until their sessions have ended.</summary>
    void StopAccepting();
}
