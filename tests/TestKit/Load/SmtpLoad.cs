using System.Net;

namespace SlimtaFast.TestKit.Load;

/// <summary>A load by SMTP, pipelined.</summary>
public sealed class SmtpLoad : MailLoad
{
    private SmtpLoad(IPEndPoint server, int connections, int seed, Func<Random, int>? size)
        : base(() => LoadConnection.OpenAsync(server), connections, seed, size)
    {
    }

    /// <summary>Starts sending.</summary>
    public static SmtpLoad Start(IPEndPoint server, int connections, int seed, Func<Random, int>? size = null) => new(server, connections, seed, size);
}
