using System.Net;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// The attributes of one XCLIENT or XFORWARD command. One that is in <see cref="Given"/> and null was told to be unknown
/// (<c>[UNAVAILABLE]</c>, <c>[TEMPUNAVAIL]</c>), which is not the same as not told.
/// </summary>
internal sealed record ClientAttributes
{
    /// <summary>Which were told.</summary>
    public ClientAttribute Given { get; init; }

    /// <summary>NAME: the client's host name.</summary>
    public string? Name { get; init; }

    /// <summary>ADDR: its address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>PORT.</summary>
    public int? Port { get; init; }

    /// <summary>PROTO: SMTP or ESMTP, in upper case.</summary>
    public string? Protocol { get; init; }

    /// <summary>HELO: what it called itself.</summary>
    public string? HelloName { get; init; }

    /// <summary>LOGIN: who it authenticated as.</summary>
    public string? Login { get; init; }

    /// <summary>DESTADDR: the address it connected to.</summary>
    public IPAddress? DestinationAddress { get; init; }

    /// <summary>DESTPORT.</summary>
    public int? DestinationPort { get; init; }

    /// <summary>IDENT: the message's name with the proxy.</summary>
    public string? Ident { get; init; }

    /// <summary>SOURCE: LOCAL or REMOTE, in upper case.</summary>
    public string? Source { get; init; }

    /// <summary>These with what <paramref name="later"/> tells put over them.</summary>
    public ClientAttributes With(ClientAttributes later)
    {
        bool Has(ClientAttribute attribute) => (later.Given & attribute) != 0;
        return new ClientAttributes
        {
            Given = Given | later.Given,
            Name = Has(ClientAttribute.Name) ? later.Name : Name,
            Address = Has(ClientAttribute.Addr) ? later.Address : Address,
            Port = Has(ClientAttribute.Port) ? later.Port : Port,
            Protocol = Has(ClientAttribute.Proto) ? later.Protocol : Protocol,
            HelloName = Has(ClientAttribute.Helo) ? later.HelloName : HelloName,
            Login = Has(ClientAttribute.Login) ? later.Login : Login,
            DestinationAddress = Has(ClientAttribute.DestAddr) ? later.DestinationAddress : DestinationAddress,
            DestinationPort = Has(ClientAttribute.DestPort) ? later.DestinationPort : DestinationPort,
            Ident = Has(ClientAttribute.Ident) ? later.Ident : Ident,
            Source = Has(ClientAttribute.Source) ? later.Source : Source,
        };
    }
}
