using System.Net;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Sessions;

/// <summary>Which peers begin with a header of the PROXY protocol, and what becomes of one that does not. Immutable.</summary>
internal sealed class ProxyAgreement(SmtpEdgeOptions options)
{
    private readonly NetworkList _proxies = new(options.ProxyProtocol == ProxyProtocolUse.Off ? [] : options.ProxyFrom);

    /// <summary>How long the header may take.</summary>
    public TimeSpan Timeout => options.ProxyTimeout;

    /// <summary>True where a peer is a proxy.</summary>
    public bool IsProxy(EndPoint? peer) => _proxies.Contains((peer as IPEndPoint)?.Address);

    /// <summary>Why a proxy that sent this is not served, or <see cref="RefusalReason.None"/>.</summary>
    public RefusalReason Judge(ProxyReadStatus status) => status switch
    {
        ProxyReadStatus.Malformed => RefusalReason.ProxyHeaderMalformed,
        ProxyReadStatus.Incomplete => RefusalReason.ProxyHeaderIncomplete,
        ProxyReadStatus.Other or ProxyReadStatus.Silence when options.ProxyProtocol == ProxyProtocolUse.Required => RefusalReason.ProxyHeaderMissing,
        _ => RefusalReason.None,
    };
}
