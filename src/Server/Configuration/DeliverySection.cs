using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Delivery</c>: how next hops are spoken to.</summary>
internal static class DeliverySection
{
    private const string Name = "Delivery:";

    /// <summary>Reads the section.</summary>
    public static SmtpRelayOptions Read(SettingsReader reader, string hostName, RelayAddress relay)
    {
        var plain = new SmtpRelayOptions();
        return plain with
        {
            Client = plain.Client with
            {
                HelloName = hostName,
                Credentials = DeliveryCredentials.Read(reader, relay),
                Tls = ReadTls(reader, relay),
                Pipelining = reader.Truth(Name + nameof(plain.Client.Pipelining), plain.Client.Pipelining),
                Chunking = reader.Truth(Name + nameof(plain.Client.Chunking), plain.Client.Chunking),
                GreetingTimeout = reader.Duration(Name + nameof(plain.Client.GreetingTimeout), plain.Client.GreetingTimeout),
                HelloTimeout = reader.Duration(Name + nameof(plain.Client.HelloTimeout), plain.Client.HelloTimeout),
                MailTimeout = reader.Duration(Name + nameof(plain.Client.MailTimeout), plain.Client.MailTimeout),
                RecipientTimeout = reader.Duration(Name + nameof(plain.Client.RecipientTimeout), plain.Client.RecipientTimeout),
                DataTimeout = reader.Duration(Name + nameof(plain.Client.DataTimeout), plain.Client.DataTimeout),
                BlockTimeout = reader.Duration(Name + nameof(plain.Client.BlockTimeout), plain.Client.BlockTimeout),
                FinalTimeout = reader.Duration(Name + nameof(plain.Client.FinalTimeout), plain.Client.FinalTimeout),
            },
            ConnectTimeout = reader.Duration(Name + nameof(plain.ConnectTimeout), plain.ConnectTimeout),
            IdleTimeout = reader.Duration(Name + nameof(plain.IdleTimeout), plain.IdleTimeout),
            MaxMessagesPerConnection = reader.Number(Name + nameof(plain.MaxMessagesPerConnection), plain.MaxMessagesPerConnection, 1, int.MaxValue),
            MaxAddresses = reader.Number(Name + nameof(plain.MaxAddresses), plain.MaxAddresses, 1, 100),
            SourceAddress = reader.Address(Name + nameof(plain.SourceAddress)),
            MaxConversion = reader.Size(Name + nameof(plain.MaxConversion), plain.MaxConversion),
            ConversionBudget = reader.Size(Name + nameof(plain.ConversionBudget), plain.ConversionBudget, least: 1),
            BrokenTlsTime = reader.Duration(Name + nameof(plain.BrokenTlsTime), plain.BrokenTlsTime),
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

    /// <summary>The files of our own certificate for hops that ask, read once to see whether they can be used; null for none.</summary>
    public static TlsCertificateFiles? ReadCertificate(SettingsReader reader)
    {
        const string Key = Name + "TlsCertificate";
        string certificate = reader.Text(Key, ""), key = reader.Text(Name + "TlsKey", ""), password = reader.Text(Name + "TlsPasswordFile", "");
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
            reader.Refuse(Key, wrong.Message);
            return null;
        }
    }

    private static SmtpClientTls ReadTls(SettingsReader reader, RelayAddress relay)
    {
        var plain = new SmtpClientTls();
        // Whoever speaks https: expects to know with whom.
        SmtpTlsPolicy usual = relay.Kind == RelayKind.Http ? SmtpTlsPolicy.Verified : SmtpTlsPolicy.Required;
        SmtpTlsPolicy policy = reader.Choice(Name + "Tls", relay.ImplicitTls ? usual : plain.Policy);
        if (relay is { Kind: RelayKind.Http, ImplicitTls: false } && policy is SmtpTlsPolicy.Required or SmtpTlsPolicy.Verified)
            reader.Refuse(Name + "Tls", "a relay by http: has no TLS; relay by https:");
        if (relay.ImplicitTls && policy is SmtpTlsPolicy.Off or SmtpTlsPolicy.Opportunistic)
            reader.Refuse(Name + "Tls", "a relay by smtps: or https: uses TLS in any case; give required or verified, or relay by smtp: or http:");
        return plain with
        {
            Policy = policy,
            Implicit = relay.ImplicitTls,
            Authorities = reader.Authorities(Name + "TlsAuthorities"),
            HandshakeTimeout = reader.Duration(Name + "TlsHandshakeTimeout", plain.HandshakeTimeout),
        };
    }
}
