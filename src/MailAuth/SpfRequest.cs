using System.Net;

namespace SlimtaFast.MailAuth;

/// <summary>The question whether a client may use a name. Immutable.</summary>
public sealed record SpfRequest
{
    private const string Postmaster = "postmaster";

    private SpfRequest(SpfIdentity identity, IPAddress client, string localPart, string domain, string helloName)
    {
        Identity = identity;
        Client = client;
        LocalPart = localPart.Length > 0 ? localPart : Postmaster;
        Domain = domain;
        HelloName = helloName;
    }

    /// <summary>Whose name is judged.</summary>
    public SpfIdentity Identity { get; }

    /// <summary>The client's address; an IPv4 address stands as such, however it was written.</summary>
    public IPAddress Client { get; }

    /// <summary>What stands before the <c>@</c> of the sender; <c>postmaster</c> where there is nothing (RFC 7208 section 4.3).</summary>
    public string LocalPart { get; }

    /// <summary>The domain that is judged, as it was written.</summary>
    public string Domain { get; }

    /// <summary>The argument of HELO or EHLO; may be empty.</summary>
    public string HelloName { get; }

    /// <summary>The sender: local part and domain.</summary>
    public string Sender => $"{LocalPart}@{Domain}";

    /// <summary>Asks whether the client may send as this reverse-path.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="sender">The reverse-path without angle brackets; empty for the null one.</param>
    /// <param name="helloName">The argument of HELO or EHLO.</param>
    public static SpfRequest ForMailFrom(IPAddress client, string sender, string helloName)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(helloName);
        int at = sender.LastIndexOf('@');
        return sender.Length == 0
            ? new SpfRequest(SpfIdentity.MailFrom, Plain(client), Postmaster, helloName, helloName)
            : new SpfRequest(SpfIdentity.MailFrom, Plain(client), at < 0 ? Postmaster : sender[..at], sender[(at + 1)..], helloName);
    }

    /// <summary>Asks whether the client may call itself this.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="helloName">The argument of HELO or EHLO.</param>
    public static SpfRequest ForHello(IPAddress client, string helloName)
    {
        ArgumentNullException.ThrowIfNull(helloName);
        return new SpfRequest(SpfIdentity.Hello, Plain(client), Postmaster, helloName, helloName);
    }

    // RFC 7208 section 5: an IPv4-mapped address is an IPv4 address.
    private static IPAddress Plain(IPAddress client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
    }
}
