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
        };
    }
}
