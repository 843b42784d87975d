using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SlimtaFast.Dns;
using SlimtaFast.Lookup;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Hosting;

/// <summary>Makes the relay of the settings: the usual one and, over it, those of the routes.</summary>
internal sealed class RelayComposition(ServeSettings settings, ITransport transport, IServiceProvider services)
{
    private const int MailPort = 25;

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    // Without name servers of its own, the server knows the hosts of relays as other programs do, by the hosts file too.
    private readonly IDnsResolver? _resolver = settings.Dns.Servers is null ? null : services.GetRequiredService<IDnsResolver>();
    private readonly DeliveryCertificates _certificates = services.GetRequiredService<DeliveryCertificates>();

    /// <summary>Makes it.</summary>
    public IRelay Make()
    {
        IRelay usual = Make(settings.Relay, settings.Delivery, settings.DeliveryCertificate, settings.Pipe);
        if (settings.RouteLookup is { } address)
        {
            var routes = new AddressLookup(services.GetRequiredService<LookupSources>().Open(address));
            usual = new LookupRelay(
                (domain, cancellationToken) => routes.FindAsync("@" + domain, cancellationToken), MakeLookedUp, usual, logger: services.GetRequiredService<ILogger<LookupRelay>>());
        }

        return settings.Routes.Count == 0
            ? usual
            : new RoutedRelay([.. settings.Routes.Select(route => new DomainRoute(route.Domains, Make(route.Relay, route.Delivery, route.Certificate, route.Pipe), route.Relay.Connections ?? 0))], usual);
    }

    private IRelay MakeLookedUp(string text)
    {
        RelayAddress relay = RelayAddress.Parse(text);
        if (relay.Kind == RelayKind.Hold)
            throw new FormatException("a route cannot hold mail");

        // Who may change the table must not come to run programs here.
        if (relay.IsProgram)
            throw new FormatException("a route that is looked up cannot be a program");
        SmtpRelayOptions plain = settings.Delivery;
        if (relay.LacksTls(plain.Client.Tls.Policy))
            throw new FormatException("Delivery:Tls wants TLS, which http: has not");

        // The password of the usual hop is nobody else's.
        SmtpClientTls tls = plain.Client.Tls with { Implicit = relay.ImplicitTls, Policy = relay.GetTlsPolicy(plain.Client.Tls.Policy) };
        return Make(relay, plain with { Client = plain.Client with { Credentials = null, Tls = tls }, ProxyProtocol = relay.ProxyProtocol }, settings.DeliveryCertificate, PipeSettings.None);
    }

    private IRelay Make(RelayAddress relay, SmtpRelayOptions delivery, TlsCertificateFiles? certificate, PipeSettings pipe)
    {
        TlsCertificates? own = _certificates.Open(certificate ?? settings.DeliveryCertificate);
        delivery = delivery with { Client = delivery.Client with { Lmtp = relay.Kind == RelayKind.Lmtp, Tls = delivery.Client.Tls with { Certificates = own } } };
        return relay switch
        {
            { Kind: RelayKind.Smtp or RelayKind.Lmtp, Server: { } server } => new StaticSmtpRelay(
                transport, server.Host, server.Port, delivery, _resolver, _time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Lmtp, Socket: { } socket } => new StaticSmtpRelay(
                transport, socket, delivery, _time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Http, Url: { } url } => new HttpRelay(url, MakeHttpOptions(relay, delivery), _resolver, _time, services.GetRequiredService<ILogger<HttpRelay>>()),
            { IsProgram: true } => pipe.MakeRelay(relay, _time, services.GetRequiredService<ILoggerFactory>()),
            { Kind: RelayKind.Mx } => new MxRelay(
                transport,
                services.GetRequiredService<IDnsResolver>(),
                settings.Mx with { Smtp = delivery, OwnAddresses = OwnAddresses() },
                _time,
                null,
                services.GetRequiredService<ILogger<MxRelay>>()),
            _ => new BlackholeRelay(),
        };
    }

    private HttpRelayOptions MakeHttpOptions(RelayAddress relay, SmtpRelayOptions delivery) => settings.HttpDelivery with
    {
        HelloName = delivery.Client.HelloName,
        Credentials = delivery.Client.Credentials,
        Tls = new TlsClientSettings
        {
            Verify = delivery.Client.Tls.Policy == SmtpTlsPolicy.Verified,
            Authorities = delivery.Client.Tls.Authorities,
            Certificates = delivery.Client.Tls.Certificates,
        },
        ConnectTimeout = delivery.ConnectTimeout,
        IdleTimeout = delivery.IdleTimeout,
        Addresses = delivery.Addresses,
        SourceAddresses = delivery.SourceAddresses,
        // The queue makes no more attempts at once, so that none waits for a connection.
        MaxConnections = relay.Connections ?? settings.Queue.HopMaxAttempts,
    };

    // An exchanger that is this server itself must not be delivered to (RFC 5321 section 5.1): it is where it listens on the mail port.
    private HashSet<IPAddress> OwnAddresses()
    {
        var own = new HashSet<IPAddress>();
        foreach (IPEndPoint endPoint in settings.Listen.Select(l => l.EndPoint).OfType<IPEndPoint>().Where(e => e.Port == MailPort))
        {
            if (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))
                own.UnionWith(NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address));
            else
                own.Add(endPoint.Address);
        }

        return own;
    }
}
