using System.Net;

namespace SlimtaFast.TestKit.Load;

/// <summary>A load by HTTP: one POST a message, in turns with its length told and in chunks.</summary>
public sealed class HttpLoad : MailLoad
{
    private HttpLoad(IPEndPoint server, int connections, int seed, Func<Random, int>? size)
        : base(() => HttpLoadConnection.OpenAsync(server), connections, seed, size)
    {
    }

    /// <summary>Starts sending.</summary>
    public static HttpLoad Start(IPEndPoint server, int connections, int seed, Func<Random, int>? size = null) => new(server, connections, seed, size);
}
