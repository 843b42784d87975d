using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Delivery</c>: how next hops are spoken to. A route has a section of its own, for what is different there.</summary>
internal static class DeliverySection
{
    private const string Name = "Delivery:";

    /// <summary>Reads the section for all next hops.</summary>
    public static SmtpRelayOptions Read(SettingsReader reader, string hostName, RelayAddress relay)
    {
        var plain = new SmtpRelayOptions();
        return Read(reader, Name, plain with { Client = plain.Client with { HelloName = hostName } }, relay);
    }

    /// <summary>Reads how mail exchangers are found, but for the addresses that are our own.</summary>
    public static MxRelayOptions ReadMx(SettingsReader reader, SmtpRelayOptions delivery)
    {
        var plain = new MxRelayOptions();
        return plain with
        {
            Smtp = delivery,
            Port = reader.Number(Name + "MxPort", plain.Port, 1, ushort.MaxValue),
            RefuseLoopback = reader.Truth(Name + nameof(plain.RefuseLoopback), plain.RefuseLoopback),
            RefuseNetworks = [.. reader.List(Name + nameof(plain.RefuseNetworks), [], ParseNetworks).SelectMany(static networks => networks)],
        };
    }

    /// <summary>Reads a section.</summary>
    /// <param name="reader">The settings.</param>
    /// <param name="section">The section's name with its last colon.</param>
    /// <param name="plain">What holds where the section says nothing; credentials are never taken from there.</param>
    /// <param name="relay">The relay that it is for.</param>
    public static SmtpRelayOptions Read(SettingsReader reader, string section, SmtpRelayOptions plain, RelayAddress relay)
    {
        return plain with
        {
            Client = plain.Client with
            {
                HelloName = reader.Parsed(section + nameof(plain.Client.HelloName), plain.Client.HelloName, HostNameText.Parse),
                Credentials = DeliveryCredentials.Read(reader, section, relay),
                Tls = ReadTls(reader, section, plain.Client.Tls, relay),
                Pipelining = reader.Truth(section + nameof(plain.Client.Pipelining), plain.Client.Pipelining),
                Chunking = reader.Truth(section + nameof(plain.Client.Chunking), plain.Client.Chunking),
                GreetingTimeout = reader.Duration(section + nameof(plain.Client.GreetingTimeout), plain.Client.GreetingTimeout),
                HelloTimeout = reader.Duration(section + nameof(plain.Client.HelloTimeout), plain.Client.HelloTimeout),
                MailTimeout = reader.Duration(section + nameof(plain.Client.MailTimeout), plain.Client.MailTimeout),
                RecipientTimeout = reader.Duration(section + nameof(plain.Client.RecipientTimeout), plain.Client.RecipientTimeout),
                DataTimeout = reader.Duration(section + nameof(plain.Client.DataTimeout), plain.Client.DataTimeout),
                BlockTimeout = reader.Duration(section + nameof(plain.Client.BlockTimeout), plain.Client.BlockTimeout),
                FinalTimeout = reader.Duration(section + nameof(plain.Client.FinalTimeout), plain.Client.FinalTimeout),
            },
            ConnectTimeout = reader.Duration(section + nameof(plain.ConnectTimeout), plain.ConnectTimeout),
            IdleTimeout = reader.Duration(section + nameof(plain.IdleTimeout), plain.IdleTimeout),
            MaxMessagesPerConnection = reader.Number(section + nameof(plain.MaxMessagesPerConnection), plain.MaxMessagesPerConnection, 1, int.MaxValue),
            MaxAddresses = reader.Number(section + nameof(plain.MaxAddresses), plain.MaxAddresses, 1, 100),
            SourceAddresses = reader.List(section + nameof(plain.SourceAddresses), plain.SourceAddresses, SourceAddressText.Parse),
            Addresses = reader.Choice(section + nameof(plain.Addresses), plain.Addresses),
            DeadTime = reader.Duration(section + nameof(plain.DeadTime), plain.DeadTime),
            ProxyProtocol = relay.ProxyProtocol,
            MaxConversion = reader.Size(section + nameof(plain.MaxConversion), plain.MaxConversion),
            ConversionBudget = reader.Size(section + nameof(plain.ConversionBudget), plain.ConversionBudget, least: 1),
            BrokenTlsTime = reader.Duration(section + nameof(plain.BrokenTlsTime), plain.BrokenTlsTime),
        };
    }

    /// <summary>The keys that count for a relay by HTTP only; the others are those of the section.</summary>
    public static HttpRelayOptions ReadHttp(SettingsReader reader)
    {
        var plain = new HttpRelayOptions();
        return plain with
        {
            ExchangeTimeout = reader.Duration(Name + "HttpTimeout", plain.ExchangeTimeout),
            MaxRecipients = reader.Number(Name + "HttpMaxRecipients", plain.MaxRecipients, 1, 10_000),
        };
    }

    /// <summary>The files of our own certificate for all hops that ask; null for none.</summary>
    public static TlsCertificateFiles? ReadCertificate(SettingsReader reader) => ReadCertificate(reader, Name);

    /// <summary>The files of our own certificate for hops that ask, read once to see whether they can be used; null for none.</summary>
    public static TlsCertificateFiles? ReadCertificate(SettingsReader reader, string section)
    {
        string certificateKey = section + "TlsCertificate";
        string certificate = reader.Text(certificateKey, ""), key = reader.Text(section + "TlsKey", ""), password = reader.Text(section + "TlsPasswordFile", "");
        if (certificate.Length == 0)
            return null;
        var files = new TlsCertificateFiles(certificate, key.Length > 0 ? key : null, password.Length > 0 ? password : null);
        try
        {
            using var trial = new TlsCertificates([files], TimeProvider.System, Timeout.InfiniteTimeSpan);
            return files;
        }
        catch (TlsCertificateException wrong)
        {
            reader.Refuse(certificateKey, wrong.Message);
            return null;
        }
    }

    private static IReadOnlyCollection<System.Net.IPNetwork> ParseNetworks(string text) =>
        text.Equals("private", StringComparison.OrdinalIgnoreCase) ? MxRelayOptions.PrivateNetworks : [TrustedNetwork.Parse(text)];

    private static SmtpClientTls ReadTls(SettingsReader reader, string section, SmtpClientTls plain, RelayAddress relay)
    {
        SmtpTlsPolicy policy = reader.Choice(section + "Tls", relay.GetTlsPolicy(plain.Policy));
        if (relay.LacksTls(policy))
            reader.Refuse(section + "Tls", "a relay by http: has no TLS; relay by https:");
        if (relay.ImplicitTls && policy is SmtpTlsPolicy.Off or SmtpTlsPolicy.Opportunistic)
            reader.Refuse(section + "Tls", "a relay by smtps: or https: uses TLS in any case; give required or verified, or relay by smtp: or http:");
        return plain with
        {
            Policy = policy,
            Implicit = relay.ImplicitTls,
            Authorities = reader.Authorities(section + "TlsAuthorities") ?? plain.Authorities,
            HandshakeTimeout = reader.Duration(section + "TlsHandshakeTimeout", plain.HandshakeTimeout),
        };
    }
}
