using SlimtaFast.Queue;
using SlimtaFast.Queue.RabbitMq;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Broker</c>: who this server is for a broker, and what travels in its messages.</summary>
internal static class BrokerSection
{
    private const string Name = "Broker:";

    // A broker refuses messages of more than 128 MiB.
    private const int MostInline = 100 * 1024 * 1024;

    /// <summary>Reads the section into the options of the broker that is used; the rest of them tells only mistakes.</summary>
    /// <param name="reader">Has the keys.</param>
    /// <param name="queue">The broker, where there is one.</param>
    /// <param name="maxAge">How long a message waits at most.</param>
    public static BrokerSettings Read(SettingsReader reader, QueueAddress queue, TimeSpan maxAge)
    {
        RabbitMqOptions options = queue.Broker?.Options ?? new RabbitMqOptions { Nodes = [] };
        string password = reader.Text(Name + "Password", ""), file = reader.Text(Name + "PasswordFile", "");
        if (password.Length > 0 && file.Length > 0)
            reader.Refuse(Name + "PasswordFile", $"it does not go together with {Name}Password");
        if (file.Length > 0)
            password = SecretFile.TryRead(reader, Name + "PasswordFile", file);
        bool hasContents = reader.Text(Name + "Contents", "").Length > 0;
        ContentsAddress? contents = hasContents ? reader.Parsed(Name + "Contents", "", ContentsAddress.Parse, otherwise: null) : null;
        long inline = reader.Size(Name + "InlineLimit", options.InlineLimit);
        if (inline > MostInline)
            reader.Refuse(Name + "InlineLimit", $"must be at most {MostInline}");
        TimeSpan age = reader.Duration(Name + "ContentAge", options.ContentAge);
        if (hasContents && age <= maxAge)
            reader.Refuse(Name + "ContentAge", "must be longer than MaxAge, or the contents of messages that still wait are removed");
        if (queue.Broker is { Options.Tls: false })
        {
            foreach (string key in new[] { "TlsAuthorities", "TlsCertificate" })
            {
                if (reader.Text(Name + key, "").Length > 0)
                    reader.Refuse(Name + key, "the broker is not asked by TLS; name it as amqps://HOST");
            }
        }

        return new BrokerSettings(
            options with
            {
                UserName = reader.Text(Name + "UserName", options.UserName),
                Password = password.Length > 0 ? password : options.Password,
                InlineLimit = (int)Math.Min(inline, MostInline),
                MaxDeliveries = reader.Number(Name + "MaxDeliveries", options.MaxDeliveries, 1, 1_000_000),
                ContentAge = age,
                Authorities = reader.Authorities(Name + "TlsAuthorities"),
            },
            contents,
            DeliverySection.ReadCertificate(reader, Name));
    }

    /// <summary>
    /// What the broker has handed to us is bounded by its prefetch. Were the queue's own bound near to that, it would send much of it back into the broker, as
    /// what stands behind a hop that has plenty to do. And where the network is cut the broker waits for a heartbeat: what is ours must not count as ours for
    /// longer.
    /// </summary>
    public static MailQueueOptions Fit(MailQueueOptions queue, RabbitMqOptions broker) => queue with
    {
        MaxLeased = Math.Max(queue.MaxLeased, 4 * RabbitMqOptions.WorkQueues * broker.Prefetch),
        LeaseTime = queue.LeaseTime < broker.Heartbeat ? queue.LeaseTime : broker.Heartbeat,
    };

    /// <summary>The largest message: without a store for contents none that does not travel in a message of the broker.</summary>
    public static long ReadMaxMessageSize(SettingsReader reader, QueueAddress queue, BrokerSettings broker, long usual)
    {
        const string Key = "MaxMessageSize";
        long size = reader.Size(Key, usual);
        int most = broker.Options.InlineLimit;
        if (queue.Kind != QueueKind.Broker || broker.Contents is not null || (size > 0 && size <= most))
            return size;
        if (reader.Text(Key, "").Length > 0)
            reader.Refuse(Key, $"is more than travels in the broker's messages ({Name}InlineLimit, {most}), and there is no {Name}Contents");
        return most;
    }
}
